from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK, DELETE, EDIT, Stage
from people_kit import BOT, a_message, a_user, attachment, form, message_menu, pick, press, slash, snowflake
from provider_kit import TALKER, WORDS_MICROUSD, picture_bytes, refusal, trouble, words
from world_kit import ANN, BOB, CHANNEL, ann, policy

from bot.domain.descriptions import IDEAS
from bot.domain.jobs import JobState
from bot.domain.quotas import Meter

ANSWER = {
    "caption": "A **fox** @everyone",
    "alt_text": "A fox in `snow` <@101>.",
    "prompt_faithful": "a fox @everyone - in #snow [here](https://x.example)",
    "prompt_medium": "a fox in oils",
    "prompt_mood": "a fox at night",
    "prompt_viewpoint": "a fox from above",
}
NIGHT = "a fox at night"


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person |= {Meter.MESSAGES_PER_DAY: 3, Meter.USD_PER_DAY: 1_000_000}


def says(stage: Stage, answer: Any = ANSWER, times: int = 1) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    stage.house.world.provider.script.extend([lambda _: words(text)] * times)


def picture(stage: Stage, n: int = 8, data: bytes | None = None, name: str = "cat.png") -> dict[str, Any]:
    upload = stage.house.world.attach(picture_bytes((n, 2, 3)) if data is None else data)
    return attachment(n, upload.size_bytes, upload.url, name) | {"content_type": "image/png"}


def posted(*files: dict[str, Any], by: int = BOB, **more: Any) -> dict[str, Any]:
    return a_message(6_000, CHANNEL) | {"author": a_user(by), "attachments": list(files)} | more


def pressed_on(payload: dict[str, Any], custom_id: str, flags: int = 1 << 15, **more: Any) -> dict[str, Any]:
    """Return the press of a button of a card as it was sent, which the gateway shows with its text."""
    components = [dict(one) for one in payload["components"]]
    _numbered(components)
    message = a_message(5_000, CHANNEL) | {"flags": flags, "components": components}
    for one in components_of(message):
        for item in one.get("items", []):
            item["media"] = {"url": "https://cdn.example/described.jpg", "proxy_url": "x", "id": "1"}
    return press(custom_id, **more) | {"message": message}


def _numbered(components: list[dict[str, Any]]) -> None:
    for n, one in enumerate(components_of({"components": components}), start=1):
        one["id"] = n


async def spent(stage: Stage) -> tuple[int, int]:
    return await stage.house.used(Meter.MESSAGES_PER_DAY), await stage.house.used(Meter.USD_PER_DAY)


async def described(stage: Stage, *, click: int = 1, **options: Any) -> dict[str, Any]:
    """Describe a picture and return the card."""
    says(stage)
    given = {"image": "8", **options}
    (call,) = await stage.act(slash("describe", given, (picture(stage),), interaction_id=click))
    check_limits(call.payload["data"], call.files)
    return call.payload["data"]


class TestCommand:
    @pytest.mark.parametrize(
        ("data", "said"),
        [(b"", "empty"), (b"%PDF-1.7 no picture", "cat.png"), (picture_bytes()[:-20], "cat.png")],
        ids=["empty", "no picture", "cut off"],
    )
    async def test_what_cannot_be_seen_is_said_and_never_sent(self, stage: Stage, data: bytes, said: str):
        sentence = await stage.said(slash("describe", {"image": "8"}, (picture(stage, data=data),)))

        assert said in sentence
        assert stage.house.world.provider.bodies == []
        assert await spent(stage) == (0, 0)

    @pytest.mark.sampled
    @pytest.mark.parametrize("answer", ["Sorry.", "", {"caption": 5}], ids=["words", "nothing", "numbers"])
    async def test_an_answer_without_form_is_asked_for_once_and_costs_the_person_nothing(
        self, stage: Stage, answer: Any
    ):
        says(stage, answer, times=2)

        said = await stage.said(slash("describe", {"image": "8"}, (picture(stage),)))

        assert said.endswith("lease try again.") or "nothing back" in said
        assert await spent(stage) == (0, 0)
        assert await stage.house.open_holds() == 0
        if answer:
            assert len(stage.house.world.provider.bodies) == 1
            assert await stage.house.absorbed() == WORDS_MICROUSD

    async def test_a_refusal_is_said_kindly_and_not_charged(self, stage: Stage):
        stage.house.world.provider.script.append(lambda _: refusal())

        said = await stage.said(slash("describe", {"image": "8"}, (picture(stage),)))

        assert said.startswith("The safety system of the model refused")
        assert await spent(stage) == (0, 0)

    async def test_a_model_in_trouble_is_said_and_not_charged(self, stage: Stage):
        stage.house.world.provider.script.extend([lambda _: trouble(500)] * 3)

        said = await stage.said(slash("describe", {"image": "8"}, (picture(stage),)))

        assert "not available right now" in said
        assert await spent(stage) == (0, 0)

    async def test_the_allowance_of_messages_holds(self, stage: Stage):
        for n in range(3):
            await described(stage, click=n + 2, private=bool(n))

        denied = slash("describe", {"image": "8"}, (picture(stage),))
        assert "3 messages a day is used up" in await stage.said(denied)

    async def test_a_card_that_discord_does_not_take_is_charged_to_nobody(self, stage: Stage):
        says(stage)
        stage.remote.refuse(CALLBACK, 404, 10062)

        await stage.act(slash("describe", {"image": "8"}, (picture(stage),)))

        assert await spent(stage) == (0, 0)
        assert await stage.house.absorbed() == WORDS_MICROUSD

    async def test_the_card_shows_everything_and_its_price(self, stage: Stage):
        card = await described(stage)

        texts = texts_of(card)
        assert texts[0].startswith("### A fox @")
        assert texts[1] == "**Alt text**\n```\nA fox in 'snow' ‹@101›.\n```"
        assert [text.partition("\n")[0] for text in texts[3:7]] == [
            "**1 · As it is**",
            "**2 · Another medium**",
            "**3 · Another mood**",
            "**4 · Another viewpoint**",
        ]
        assert texts[-1] == f"-# `{TALKER}` · $0.0004 · 2 of 3 messages left today"
        (gallery,) = [one for one in components_of(card) if one["type"] == 12]
        assert gallery["items"][0]["description"] == "A fox in 'snow' ‹@101›."
        assert not card["flags"] & 64
        assert card["allowed_mentions"]["parse"] == []
        assert "@everyone" not in str(card["components"])
        assert await spent(stage) == (1, WORDS_MICROUSD)

    async def test_where_messages_are_not_counted_it_says_what_money_is_left(self, stage: Stage):
        person = {Meter.USD_PER_DAY: 1_000_000}
        allowances = stage.house.allowances
        allowances.terms = replace(allowances.terms, person=policy(person))

        texts = texts_of(await described(stage))

        assert texts[-1] == f"-# `{TALKER}` · $0.0004 · $0.9996 left today"

    async def test_the_longest_answer_fits_into_a_message(self, stage: Stage):
        says(
            stage,
            dict.fromkeys(ANSWER, "@everyone [a](b) # - > " * 400)
            | {name: f"{n} " + "@everyone " * 400 for n, name in enumerate(IDEAS)},
        )

        (call,) = await stage.act(slash("describe", {"image": "8"}, (picture(stage),)))

        check_limits(call.payload["data"], call.files)
        check_document(call)

    async def test_only_the_one_who_asks_sees_what_is_private(self, stage: Stage):
        assert (await described(stage, private=True))["flags"] & 64

    @pytest.mark.parametrize(("detail", "side"), [("low", 512), ("high", 2048)])
    async def test_the_model_looks_as_closely_as_asked(self, stage: Stage, detail: str, side: int):
        says(stage)
        large = picture(stage, data=picture_bytes(size=(3000, 1500), kind="GIF"))

        await stage.act(slash("describe", {"image": "8", "detail": detail}, (large,)))

        (body,) = stage.house.world.provider.bodies
        part = body["messages"][1]["content"][1]["image_url"]
        assert part["detail"] == detail
        assert part["url"].startswith("data:image/jpeg;base64,")
        assert size_of(part["url"]) == (side, side // 2)
        assert "code en-GB" in body["messages"][0]["content"]

    async def test_a_spoiler_stays_one(self, stage: Stage):
        says(stage)

        (call,) = await stage.act(
            slash("describe", {"image": "8"}, (picture(stage, name="SPOILER_cat.png"),))
        )

        (gallery,) = [one for one in components_of(call.payload["data"]) if one["type"] == 12]
        assert gallery["items"][0]["spoiler"] is True


class TestMenu:
    async def test_a_message_without_pictures_is_said_privately(self, stage: Stage):
        assert "no picture" in await stage.said(message_menu("Describe image", posted()))

    async def test_one_picture_is_described_for_the_one_who_asks_alone(self, stage: Stage):
        says(stage)

        (call,) = await stage.act(message_menu("Describe image", posted(picture(stage))))

        assert call.payload["data"]["flags"] & 64
        assert "### A fox" in texts_of(call.payload["data"])[0]

    async def test_of_several_pictures_the_chosen_one_is_described_and_then_another(self, stage: Stage):
        files = [picture(stage, n) for n in (7, 8, 9)]
        (shown,) = await stage.act(message_menu("Describe image", posted(*files)))
        check_document(shown)
        (menu,) = [one for one in components_of(shown.payload["data"]) if one["type"] == 3]
        says(stage, times=2)

        for n, value in enumerate(("2", "0")):
            await stage.act(pick(menu["custom_id"], value, interaction_id=2 + n))

        assert stage.house.world.fetched == [files[2]["url"], files[0]["url"]]
        assert (await spent(stage))[0] == 2

    async def test_nobody_else_can_choose(self, stage: Stage):
        (shown,) = await stage.act(message_menu("Describe image", posted(picture(stage, 7), picture(stage))))
        (menu,) = [one for one in components_of(shown.payload["data"]) if one["type"] == 3]

        said = await stage.said(pick(menu["custom_id"], "0", user_id=BOB, interaction_id=2))

        assert "waited too long" in said
        assert stage.house.world.fetched == []

    @pytest.mark.parametrize("value", ["9", "x", "-1"])
    async def test_what_was_not_offered_is_not_found(self, stage: Stage, value: str):
        (shown,) = await stage.act(message_menu("Describe image", posted(picture(stage, 7), picture(stage))))
        (menu,) = [one for one in components_of(shown.payload["data"]) if one["type"] == 3]

        said = await stage.said(pick(menu["custom_id"], value, interaction_id=2))

        assert "not here any more" in said

    async def test_a_card_of_easel_s_gives_its_own_pictures(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox", "count": 2}))
        card = press(f"v1:again:{snowflake(1)}")["message"] | {"author": a_user(BOT, bot=True)}
        (shown,) = await stage.act(message_menu("Describe image", card, user_id=BOB, interaction_id=2))
        (menu,) = [one for one in components_of(shown.payload["data"]) if one["type"] == 3]
        says(stage)

        (call,) = await stage.act(pick(menu["custom_id"], "1", user_id=BOB, interaction_id=3))

        assert "### A fox" in texts_of(call.payload["data"])[0]

    async def test_a_private_card_is_not_found_by_others(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox", "private": True}, user_id=ANN))
        card = press(f"v1:again:{snowflake(1)}")["message"] | {"author": a_user(BOT, bot=True)}

        said = await stage.said(message_menu("Describe image", card, user_id=BOB, interaction_id=2))

        assert "no longer here" in said

    async def test_a_card_that_is_still_being_drawn_says_so(self, stage: Stage):
        await stage.house.order("a fox", start=False, job_id=int(snowflake(1)))
        card = press(f"v1:cancel:{snowflake(1)}")["message"] | {"author": a_user(BOT, bot=True)}

        said = await stage.said(message_menu("Describe image", card, interaction_id=2))

        assert "not finished yet" in said

    async def test_pictures_that_were_deleted_since_are_not_found(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox", "count": 2}))
        card = press(f"v1:again:{snowflake(1)}")["message"] | {"author": a_user(BOT, bot=True)}
        (shown,) = await stage.act(message_menu("Describe image", card, interaction_id=2))
        (menu,) = [one for one in components_of(shown.payload["data"]) if one["type"] == 3]
        await stage.act(press(f"v1:delete:{snowflake(1)}", interaction_id=3))

        said = await stage.said(pick(menu["custom_id"], "1", interaction_id=4))

        assert "deleted" in said


class TestDraw:
    async def test_each_button_opens_the_form_with_its_prompt(self, stage: Stage):
        card = await described(stage)

        for n, name in enumerate(IDEAS, start=1):
            (shown,) = await stage.act(
                pressed_on(card, f"v2:describe:{n}", user_id=BOB, interaction_id=1 + n)
            )

            check_document(shown)
            (field,) = [
                one for one in components_of(shown.payload["data"]) if one.get("custom_id") == "prompt"
            ]
            assert field["value"] == ANSWER[name]

    async def test_what_the_form_says_is_drawn_and_paid_by_who_sends_it(self, stage: Stage):
        card = await described(stage)
        await stage.act(pressed_on(card, "v2:describe:3", user_id=BOB, interaction_id=2))

        calls = await stage.act(
            form("v2:describe", {"prompt": NIGHT, "aspect": ["3:2"]}, user_id=BOB, interaction_id=3)
        )

        assert [call.name for call in calls] == [CALLBACK, EDIT]
        job = await stage.house.job(int(snowflake(3)))
        assert (job.state, job.user_id, job.request.prompt) == (JobState.SETTLED, BOB, NIGHT)
        assert (job.request.aspect, job.request.count, job.request.references) == ("3:2", 1, ())
        assert await stage.house.used(who=ann(user_id=BOB)) == 1

    async def test_on_a_private_card_the_form_says_for_me_alone(self, stage: Stage):
        card = await described(stage, private=True)

        (shown,) = await stage.act(pressed_on(card, "v2:describe:1", flags=1 << 15 | 64, interaction_id=2))

        (box,) = [one for one in components_of(shown.payload["data"]) if one.get("custom_id") == "private"]
        assert box["default"] is True

    @pytest.mark.parametrize("custom_id", ["v2:describe:5", "v2:describe", "v2:describe:x"])
    async def test_a_prompt_that_is_not_there_is_said(self, stage: Stage, custom_id: str):
        said = await stage.said(press(custom_id))

        assert "no longer here" in said or "not here any more" in said


def size_of(url: str) -> tuple[int, int]:
    import base64
    import io

    from PIL import Image

    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size


async def test_a_slow_answer_that_fails_takes_the_thinking_away(stage: Stage, monkeypatch):
    monkeypatch.setattr("bot.ui.answers.PATIENCE_S", 0)
    says(stage, "Sorry.")

    calls = await stage.act(slash("describe", {"image": "8"}, (picture(stage),)))

    assert [call.name for call in calls][:2] == [CALLBACK, DELETE]
    assert "could not be read" in calls[2].payload["content"]
    assert await spent(stage) == (0, 0)
