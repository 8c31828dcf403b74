from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from checks_kit import check_document, components_of
from cogs_kit import CALLBACK, EDIT, Stage
from people_kit import BOT, a_message, a_user, attachment, form, message_menu, press, slash, snowflake
from provider_kit import picture_bytes
from world_kit import ANN, BOB, CHANNEL

from bot.domain.jobs import JobState
from bot.domain.requests import Kind, Stored

JOB = int(snowflake(1))


def posted(*files: dict[str, Any], by: int = BOB, **more: Any) -> dict[str, Any]:
    """Return a message that somebody posted."""
    return a_message(6_000, CHANNEL) | {"author": a_user(by), "attachments": list(files)} | more


def picture(stage: Stage, n: int, colour: tuple[int, int, int] = (1, 2, 3)) -> dict[str, Any]:
    upload = stage.house.world.attach(picture_bytes(colour))
    return attachment(n, upload.size_bytes, upload.url, f"{n}.png") | {"content_type": "image/png"}


class TestCommand:
    async def test_pictures_are_changed_as_asked(self, stage: Stage):
        files = (picture(stage, 8), picture(stage, 9))
        options = {"prompt": "in winter", "image": "8", "image2": "9", "quality": "low", "private": True}

        calls = await stage.act(slash("edit", options, files))

        assert [call.name for call in calls] == [CALLBACK, EDIT]
        check_document(calls[0])
        job = await stage.house.job(JOB)
        assert (job.state, job.request.kind, job.request.private) == (JobState.SETTLED, Kind.EDIT, True)
        assert len(stage.house.world.provider.bodies[0]["input_references"]) == 2

    async def test_what_is_no_picture_is_said_and_costs_nothing(self, stage: Stage):
        upload = stage.house.world.attach(b"no picture")
        file = attachment(8, upload.size_bytes, upload.url)

        await stage.act(slash("edit", {"prompt": "in winter", "image": "8"}, (file,)))

        assert stage.house.world.provider.bodies == []
        assert await stage.house.used() == 0


class TestMenu:
    async def test_a_message_without_pictures_is_said_privately(self, stage: Stage):
        text = attachment(8, filename="notes.txt") | {"content_type": "text/plain"}

        said = await stage.said(message_menu("Edit image", posted(text)))

        assert "no picture" in said

    async def test_one_picture_needs_no_choice_and_is_the_one_that_is_sent(self, stage: Stage):
        (shown,) = await stage.act(message_menu("Edit image", posted(picture(stage, 8))))
        check_document(shown)
        fields = [one["custom_id"] for one in components_of(shown.payload["data"]) if "custom_id" in one]
        assert "picture" not in fields

        form_id = shown.payload["data"]["custom_id"]
        calls = await stage.act(form(form_id, {"prompt": "in winter"}, interaction_id=2))

        assert [call.name for call in calls] == [CALLBACK, EDIT]
        assert (await stage.house.job(int(snowflake(2)))).request.kind is Kind.EDIT
        assert len(stage.house.world.fetched) == 1

    async def test_of_several_pictures_the_chosen_one_is_sent(self, stage: Stage):
        files = [picture(stage, n) for n in (7, 8, 9)]
        (shown,) = await stage.act(message_menu("Edit image", posted(*files)))
        menus = [one for one in components_of(shown.payload["data"]) if one.get("custom_id") == "picture"]
        assert [option["label"] for option in menus[0]["options"]] == ["7.png", "8.png", "9.png"]

        form_id = shown.payload["data"]["custom_id"]
        await stage.act(form(form_id, {"prompt": "in winter", "picture": ["1"]}, interaction_id=2))

        assert stage.house.world.fetched == [files[1]["url"]]

    @pytest.mark.further
    async def test_a_picture_that_was_not_offered_is_refused_and_the_form_can_be_sent_again(
        self, stage: Stage
    ):
        (shown,) = await stage.act(message_menu("Edit image", posted(picture(stage, 8))))
        form_id = shown.payload["data"]["custom_id"]

        said = await stage.said(form(form_id, {"prompt": "x", "picture": ["5"]}, interaction_id=2))
        calls = await stage.act(form(form_id, {"prompt": "x"}, interaction_id=3))

        assert "not here any more" in said
        assert [call.name for call in calls] == [CALLBACK, EDIT]

    async def test_nobody_else_may_send_the_form_and_nobody_twice(self, stage: Stage):
        (shown,) = await stage.act(message_menu("Edit image", posted(picture(stage, 8))))
        form_id = shown.payload["data"]["custom_id"]

        stolen = await stage.said(form(form_id, {"prompt": "x"}, user_id=BOB, interaction_id=2))
        await stage.act(form(form_id, {"prompt": "x"}, interaction_id=3))
        again = await stage.said(form(form_id, {"prompt": "x"}, interaction_id=4))

        assert stolen == again
        assert stolen.startswith("This has been sent already, has waited too long, or is about something")

    async def test_a_form_that_waited_too_long_says_so(self, stage: Stage):
        (shown,) = await stage.act(message_menu("Edit image", posted(picture(stage, 8))))
        stage.house.world.clock.now += timedelta(hours=2)

        said = await stage.said(form(shown.payload["data"]["custom_id"], {"prompt": "x"}, interaction_id=2))

        assert "waited too long" in said

    async def test_a_card_of_easel_s_gives_its_own_pictures(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox", "count": 2}))
        card = press(f"v1:again:{JOB}")["message"] | {"author": a_user(BOT, bot=True)}

        (shown,) = await stage.act(message_menu("Edit image", card, user_id=BOB, interaction_id=2))
        values = {"prompt": "in winter", "picture": [f"{JOB}-1"]}
        await stage.act(form(f"v1:edit:{JOB}", values, user_id=BOB, interaction_id=3))

        assert shown.payload["data"]["custom_id"] == f"v1:edit:{JOB}"
        child = await stage.house.job(int(snowflake(3)))
        assert child.request.references == (Stored(f"{JOB}-1"),)
        assert (child.user_id, child.parent_job_id) == (BOB, JOB)

    async def test_a_copied_card_of_a_private_picture_is_not_found_by_others(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox", "private": True}, user_id=ANN))
        card = press(f"v1:again:{JOB}")["message"] | {"author": a_user(BOT, bot=True)}

        said = await stage.said(message_menu("Edit image", card, user_id=BOB, interaction_id=2))

        assert "no longer here" in said

    @pytest.mark.further
    async def test_buttons_of_another_bot_mean_nothing(self, stage: Stage):
        card = press(f"v1:again:{JOB}")["message"] | {"author": a_user(5, bot=True)}

        assert "no picture" in await stage.said(message_menu("Edit image", card))


async def test_pictures_of_galleries_and_embeds_come_from_discord_alone(stage: Stage):
    theirs = "https://evil.example/a.png"
    gallery = {
        "type": 12,
        "id": 2,
        "items": [
            {"media": _media("https://cdn.example/up.png", "https://proxy.example/up.png", "88")},
            {"media": _media(theirs, "https://proxy.example/linked.png", None)},
            {
                "media": _media(
                    "https://cdn.example/film.mp4", "https://proxy.example/film.mp4", "89", "video/mp4"
                )
            },
        ],
    }
    embed = {"type": "rich", "image": {"url": theirs, "proxy_url": "https://proxy.example/embedded.webp"}}
    message = posted(components=[{"type": 17, "id": 1, "components": [gallery]}], embeds=[embed])

    (shown,) = await stage.act(message_menu("Edit image", message))

    begun = await stage.house.database.read("SELECT content FROM draft")
    assert theirs not in begun[0]["content"]
    (menu,) = [one for one in components_of(shown.payload["data"]) if one.get("custom_id") == "picture"]
    assert [option["label"] for option in menu["options"]] == ["up.png", "linked.png", "embedded.webp"]


def _media(url: str, proxy_url: str, attachment_id: str | None, kind: str = "image/png") -> dict[str, Any]:
    known = {"attachment_id": attachment_id} if attachment_id else {}
    return {"url": url, "proxy_url": proxy_url, "content_type": kind, "width": 1, "height": 1, **known}
