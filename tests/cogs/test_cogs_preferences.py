from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, check_limits, components_of, texts_of
from cogs_kit import CALLBACK
from people_kit import a_message, attachment, completing, form, message_menu, pick, press, slash, snowflake
from provider_kit import FLUX, picture_bytes
from style_kit import MANAGER, make, prompts, ref_of
from world_kit import ANN, BOB, CHANNEL, GUILD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checks_kit import Call
    from cogs_kit import Stage

    from bot.domain.requests import PictureRequest


async def choose(stage: Stage, n: int, option: str, value: str, **more: Any) -> dict[str, str]:
    """Pick from the card of /preferences; return what each menu shows then."""
    whose = more.get("user_id", ANN)
    (call,) = await stage.act(pick(f"v2p:prefer:{option}:{whose}", value, interaction_id=n, **more))
    assert call.payload["type"] == 7
    return menus_of(call.payload["data"])


def menus_of(card: dict[str, Any]) -> dict[str, str]:
    check_limits(card)
    return {
        menu["custom_id"].split(":")[2]: next(one["label"] for one in menu["options"] if one.get("default"))
        for menu in components_of(card)
        if menu["type"] == 3
    }


def remarks(calls: Sequence[Call]) -> list[str]:
    """Return the quiet lines, which their asker alone sees."""
    lines = [call.payload for call in calls if call.name == "POST /webhooks/#/token"]
    assert all(line["flags"] & 64 for line in lines)
    return [line["content"] for line in lines]


async def asked(stage: Stage, n: int) -> PictureRequest:
    return (await stage.house.job(int(snowflake(n)))).request


UNSET = {
    "aspect": "Shape: the model decides",
    "quality": "Quality: the model decides",
    "count": "Pictures: 1",
    "style": "Style: none",
    "private": "Shown: to everybody",
    "language": "Language: as Discord says",
}


class TestTheCard:
    async def test_it_shows_privately_that_nothing_is_set(self, stage: Stage):
        (call,) = await stage.act(slash("preferences"))

        check_document(call)
        assert call.payload["data"]["flags"] & 64
        assert menus_of(call.payload["data"]) == UNSET

    @pytest.mark.further
    async def test_every_choice_is_kept_beside_the_others_and_goes_when_asked(self, stage: Stage):
        ref = ref_of(await make(stage, 1))
        chosen = {
            "aspect": "3:2",
            "quality": "low",
            "count": "2",
            "style": ref,
            "private": "yes",
            "language": "pt-BR",
        }
        for n, (option, value) in enumerate(chosen.items(), start=2):
            await choose(stage, n, option, value)

        (call,) = await stage.act(slash("preferences", interaction_id=20))
        assert menus_of(call.payload["data"]) == {
            "aspect": "Proporção: 3:2",
            "quality": "Qualidade: low",
            "count": "Imagens: 2",
            "style": "Estilo: Woodcut (seu)",
            "private": "Visível: só para mim",
            "language": "Idioma: Português do Brasil",
        }
        await choose(stage, 23, "language", "-")
        shown = await choose(stage, 21, "aspect", "-")
        assert shown["aspect"] == UNSET["aspect"]
        assert shown["quality"] == "Quality: low"
        (cleared,) = await stage.act(press(f"v2:preferreset:{ANN}", interaction_id=22))
        assert menus_of(cleared.payload["data"]) == UNSET

    async def test_nobody_presses_another_s(self, stage: Stage):
        for payload in (
            pick(f"v2p:prefer:aspect:{ANN}", "3:2", user_id=BOB),
            press(f"v2:preferreset:{ANN}", user_id=BOB, interaction_id=2),
        ):
            assert "another person's preferences" in await stage.said(payload)

    @pytest.mark.sampled(2)
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("count", "11"),
            ("count", "x"),
            ("language", "xx"),
            ("private", "no"),
            ("else", "x"),
            ("aspect", "x" * 65),
        ],
    )
    async def test_what_no_menu_offers_is_not_kept(self, stage: Stage, option: str, value: str):
        said = await stage.said(pick(f"v2p:prefer:{option}:{ANN}", value))

        assert said == "That cannot be chosen any more. Use /preferences again."

    async def test_a_style_that_one_cannot_see_is_not_kept(self, stage: Stage):
        ref = ref_of(await make(stage, 1))

        said = await stage.said(pick(f"v2p:prefer:style:{BOB}", ref, user_id=BOB, interaction_id=2))

        assert "no longer here" in said

    async def test_a_style_s_own_card_makes_it_usual(self, stage: Stage):
        (call,) = await stage.act(press("v2:styleusual:field-guide"))

        assert menus_of(call.payload["data"])["style"] == "Style: Field guide (built in)"

    async def test_it_works_while_the_models_are_away(self, stage: Stage):
        await choose(stage, 1, "aspect", "3:2")
        for model in stage.house.world.caps.models:
            stage.house.catalogue.mark_gone(model)

        (call,) = await stage.act(slash("preferences", interaction_id=2))

        assert menus_of(call.payload["data"])["aspect"] == "Shape: 3:2, not with this model"


class TestDrawing:
    @pytest.fixture
    async def usual(self, stage: Stage) -> Stage:
        for n, (option, value) in enumerate(
            (("aspect", "3:2"), ("quality", "low"), ("count", "2"), ("style", "ink"), ("private", "yes")),
            start=1,
        ):
            await choose(stage, n, option, value)
        return stage

    async def test_what_is_left_out_is_filled_in(self, usual: Stage):
        acknowledged, *_ = await usual.act(slash("imagine", {"prompt": "a fox"}, interaction_id=10))

        request = await asked(usual, 10)
        assert (request.aspect, request.quality, request.count, request.private) == ("3:2", "low", 2, True)
        assert request.style is not None
        assert request.style.name == "Ink"
        assert acknowledged.payload["data"]["flags"] & 64

    async def test_what_is_said_stands(self, usual: Stage):
        options = {
            "prompt": "a fox",
            "aspect": "2:3",
            "quality": "high",
            "count": 1,
            "style": "watercolour",
            "private": False,
        }
        await usual.act(slash("imagine", options, interaction_id=10))

        request = await asked(usual, 10)
        assert (request.aspect, request.quality, request.count, request.private) == ("2:3", "high", 1, False)
        assert request.style is not None
        assert request.style.name == "Watercolour"

    async def test_nothing_in_particular_can_be_said(self, usual: Stage):
        options = {"prompt": "a fox", "aspect": "auto", "quality": "auto", "style": "None"}
        await usual.act(slash("imagine", options, interaction_id=10))

        request = await asked(usual, 10)
        assert (request.aspect, request.quality, request.style) == (None, None, None)

    async def test_others_have_none_of_it(self, usual: Stage):
        await usual.act(slash("imagine", {"prompt": "a fox"}, interaction_id=10, user_id=BOB))
        await usual.act(press(f"v1:again:{snowflake(10)}", interaction_id=11))

        for n in (10, 11):
            request = await asked(usual, n)
            assert (request.aspect, request.count, request.style, request.private) == (None, 1, None, False)

    async def test_edit_and_blend_take_what_they_have(self, usual: Stage):
        upload = usual.house.world.attach(picture_bytes())
        files = (attachment(9, upload.size_bytes, upload.url), attachment(8, upload.size_bytes, upload.url))

        await usual.act(slash("edit", {"prompt": "at night", "image": "9"}, files, interaction_id=10))
        await usual.act(slash("blend", {"image1": "9", "image2": "8", "count": 1}, files, interaction_id=11))

        edited, blended = await asked(usual, 10), await asked(usual, 11)
        assert (edited.aspect, edited.quality, edited.count, edited.style) == ("3:2", "low", 2, None)
        assert (blended.aspect, blended.count, blended.private) == ("3:2", 1, True)

    async def test_the_form_of_edit_image_begins_with_them(self, usual: Stage):
        posted = a_message(4_000, CHANNEL) | {"attachments": [attachment(9)]}

        (call,) = await usual.act(message_menu("Edit image", posted, interaction_id=10))

        chosen = {
            one["custom_id"]: [option["value"] for option in one["options"] if option.get("default")]
            for one in components_of(call.payload["data"])
            if one["type"] == 3
        }
        (box,) = [one for one in components_of(call.payload["data"]) if one["type"] == 23]
        assert chosen == {"aspect": ["3:2"], "quality": ["low"]}
        assert box["default"] is True

    async def test_what_the_model_cannot_do_is_left_out_with_one_quiet_line(self, usual: Stage):
        calls = await usual.act(slash("imagine", {"prompt": "a fox", "model": FLUX}, interaction_id=10))

        request = await asked(usual, 10)
        assert (request.aspect, request.quality, request.count) == (None, None, 2)
        (line,) = remarks(calls)
        assert line == (
            "-# Left out: your usual shape, which the model cannot do here; your usual quality, which the "
            "model cannot do here. /preferences changes that."
        )

    async def test_what_is_said_and_cannot_be_done_is_refused_as_ever(self, usual: Stage):
        said = await usual.said(
            slash("imagine", {"prompt": "a fox", "model": FLUX, "quality": "low"}, interaction_id=10)
        )

        assert "cannot do quality low" in said
        assert "aspect" not in said

    async def test_seeds_and_many_prompts_go_before_the_usual_number(self, usual: Stage):
        await choose(usual, 8, "count", "6")
        await usual.act(slash("imagine", {"prompt": "x", "seeds": "7, 9", "model": FLUX}, interaction_id=10))
        assert len(prompts(usual)) == 2

        calls = await usual.act(slash("imagine", {"prompt": "a {red, blue} fox"}, interaction_id=11))
        asked_about = "".join(texts_of(calls[0].payload["data"]))
        assert "2 pictures of 2 prompts" in asked_about
        assert "-# style Ink · aspect 3:2 · quality low · up to $" in asked_about
        assert "which is too many here" in remarks(calls)[0]

    async def test_a_usual_style_of_another_server_is_left_out_with_a_line(self, stage: Stage):
        ref = ref_of(await make(stage, 1, whose="server", **MANAGER))
        await choose(stage, 2, "style", ref)
        await stage.act(slash("imagine", {"prompt": "a"}, interaction_id=3))

        calls = await stage.act(slash("imagine", {"prompt": "a"}, interaction_id=4, guild_id=GUILD + 1))

        assert prompts(stage) == ["a as a woodcut in black", "a"]
        assert "-# Left out: your usual style, which is not here. /preferences changes that." in remarks(
            calls
        )
        (card,) = await stage.act(slash("preferences", interaction_id=5, guild_id=GUILD + 1))
        assert menus_of(card.payload["data"])["style"] == "Style: one that is not here"

    async def test_what_was_left_out_is_said_after_a_form_too(self, usual: Stage):
        await make(usual, 8, template="{subject} in {mood}")
        options = {"prompt": "a fox", "style": "Woodcut", "model": FLUX}

        (shown,) = await usual.act(slash("imagine", options, interaction_id=10))
        form_id = shown.payload["data"]["custom_id"]
        assert form_id == f"v2:fill:{snowflake(10)}:aspect:quality"
        calls = await usual.act(form(form_id, {"v0": "fear"}, interaction_id=11))

        assert "your usual shape" in remarks(calls)[0]

    async def test_suggestions_say_how_to_go_without(self, usual: Stage):
        names: list[tuple[str, str]] = []
        for n, option in enumerate(("aspect", "quality", "style"), start=10):
            payload = completing("imagine", {"prompt": "x", option: ""}, option, interaction_id=n)
            (call,) = await usual.act(payload)
            first = call.payload["data"]["choices"][0]
            names.append((first["name"], first["value"]))

        assert names == [
            ("The model decides, instead of your usual 3:2", "auto"),
            ("The model decides, instead of your usual low", "auto"),
            ("No style, unlike usual", "none"),
        ]


@pytest.mark.parametrize("command", ["preferences", "privacy show"])
async def test_an_answer_whose_connection_broke_is_given_again(stage: Stage, command: str):
    stage.remote.refuse(CALLBACK, 0)

    lost, given = await stage.act(slash(command))

    assert lost.name == given.name == CALLBACK
    assert lost.payload == given.payload
    assert "went wrong" not in str(given.payload)


async def test_an_answer_that_had_arrived_all_the_same_is_not_followed_by_an_apology(stage: Stage):
    stage.remote.refuse(CALLBACK, 0)
    stage.remote.refuse(CALLBACK, 400, 40060)

    calls = await stage.act(slash("preferences"))

    assert [call.name for call in calls] == [CALLBACK, CALLBACK]


async def test_files_of_an_answer_are_sent_whole_again(stage: Stage):
    await stage.act(slash("imagine", {"prompt": "a fox " * 600}, interaction_id=1))
    stage.remote.refuse(CALLBACK, 0)

    lost, given = await stage.act(press(f"v1:details:{snowflake(1)}", interaction_id=2))

    assert lost.files == given.files != {}
