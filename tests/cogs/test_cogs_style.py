from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from checks_kit import check_document, components_of, texts_of
from people_kit import form, press, slash, snowflake
from style_kit import MANAGER, make, prompts, ref_of, shown
from world_kit import BOB

if TYPE_CHECKING:
    from cogs_kit import Stage


class TestDrawing:
    async def test_a_style_that_is_not_there_is_said_before_anything_is_held(self, stage: Stage):
        said = await stage.said(slash("imagine", {"prompt": "a fox", "style": "Nope"}))

        assert said == "There is no style “Nope” here. /style list shows those there are."
        assert await stage.house.used() == 0

    async def test_a_built_in_style_is_drawn_in_and_named_on_the_card_and_in_its_details(self, stage: Stage):
        *_, card = await stage.act(slash("imagine", {"prompt": "a {fox}", "style": "ink"}))
        (details,) = await stage.act(press(f"v1:details:{snowflake(1)}", interaction_id=2))

        assert prompts(stage)[0].startswith("a {fox}, drawn in black ink on cream paper")
        assert "style Ink" in "".join(texts_of(card.payload))
        assert "style Ink" in "".join(texts_of(details.payload["data"]))
        assert "cream paper" not in "".join(texts_of(card.payload)), "the card shows what was asked for"

    async def test_a_variable_that_is_given_replaces_its_default(self, stage: Stage):
        await make(stage, 1)

        await stage.act(
            slash("imagine", {"prompt": "a fox", "style": "woodcut; Colour = deep {red}"}, interaction_id=2)
        )
        await stage.act(slash("imagine", {"prompt": "a fox", "style": "WOODCUT"}, interaction_id=3))

        assert prompts(stage) == ["a fox as a woodcut in deep (red)", "a fox as a woodcut in black"]

    @pytest.mark.parametrize(
        ("style", "says"),
        [
            ("ink; colour=red", "The style Ink has no variable “colour”. It has no variables."),
            ("woodcut; mood=calm", "The style Woodcut has no variable “mood”. It has colour."),
            ("woodcut; red", "“red” says no variable. Write it like this: Poster; colour=red"),
        ],
        ids=["none", "another", "no name"],
    )
    async def test_words_for_no_variable_are_said(self, stage: Stage, style: str, says: str):
        await make(stage, 1)

        said = await stage.said(slash("imagine", {"prompt": "x", "style": style}, interaction_id=2))

        assert said == says

    async def test_a_prompt_s_permutations_and_a_style_s_variables_do_not_meet(self, stage: Stage):
        await make(stage, 1, template="{subject}, in {colour}, on {a, b}".replace("{a, b}", "paper"))

        (asked,) = await stage.act(
            slash("imagine", {"prompt": "a {red, blue} fox", "style": "Woodcut"}, interaction_id=2)
        )
        assert asked.payload["type"] == 9
        (confirm,) = await stage.act(
            form(f"v2:fill:{snowflake(2)}", {"v0": "{green, {subject}}"}, interaction_id=3)
        )
        assert "2 pictures of 2 prompts" in shown(confirm)
        await stage.act(press(f"v2:draw:{snowflake(3)}", interaction_id=4))

        words = "in (green, (subject)), on paper"
        assert prompts(stage) == [f"a red fox, {words}", f"a blue fox, {words}"]

    async def test_one_s_own_style_goes_before_the_server_s_which_goes_before_the_built_in(
        self, stage: Stage
    ):
        await make(stage, 1, "Ink", "{subject} of the server", whose="server", **MANAGER)
        await stage.act(slash("imagine", {"prompt": "a", "style": "Ink"}, interaction_id=2))
        await make(stage, 3, "Ink", "{subject} of mine")
        await stage.act(slash("imagine", {"prompt": "b", "style": "Ink"}, interaction_id=4))
        await stage.act(slash("imagine", {"prompt": "c", "style": "Ink"}, interaction_id=5, user_id=BOB))

        assert prompts(stage) == ["a of the server", "b of mine", "c of the server"]

    async def test_a_server_s_style_is_of_that_server_alone(self, stage: Stage):
        await make(stage, 1, whose="server", **MANAGER)

        places: list[dict[str, Any]] = [{"guild_id": 71}, {"guild_id": None}]
        for n, where in enumerate(places, start=2):
            said = await stage.said(
                slash("imagine", {"prompt": "a", "style": "Woodcut"}, interaction_id=n, **where)
            )
            assert "no style “Woodcut”" in said

    async def test_a_deleted_style_stays_with_what_was_drawn_in_it(self, stage: Stage):
        ref = ref_of(await make(stage, 1))
        await stage.act(slash("imagine", {"prompt": "a fox", "style": "Woodcut"}, interaction_id=2))
        await stage.act(press(f"v2:styledropped:{ref}", interaction_id=3))

        *_, card = await stage.act(press(f"v1:again:{snowflake(2)}", interaction_id=4))

        assert prompts(stage) == ["a fox as a woodcut in black"] * 2
        assert "style Woodcut" in "".join(texts_of(card.payload))


class TestWordsThatAreAskedFor:
    @pytest.fixture
    async def asked(self, stage: Stage) -> Stage:
        """Somebody who sees the form of a style that asks for two words."""
        await make(stage, 1, template="{subject} in {mood}, {light}, {time=noon}")
        options = {"prompt": "a fox", "style": "Woodcut; time=dusk", "quality": "low", "private": True}
        (call,) = await stage.act(slash("imagine", options, interaction_id=2))
        check_document(call)
        assert call.payload["type"] == 9
        labels = [one["label"] for one in components_of(call.payload["data"]) if one["type"] == 18]
        assert (call.payload["data"]["title"], labels) == ("Style: Woodcut", ["mood", "light"])
        return stage

    async def test_an_empty_word_is_said_and_the_form_can_be_filled_in_again(self, asked: Stage):
        form_id = f"v2:fill:{snowflake(2)}"

        (call,) = await asked.act(form(form_id, {"v0": " ", "v1": "rain"}, interaction_id=3))
        assert "Say something for “mood”" in shown(call)
        (again,) = await asked.act(press(form_id, interaction_id=4))
        assert again.payload["type"] == 9
        await asked.act(form(form_id, {"v0": "fear", "v1": "rain"}, interaction_id=5))

        assert prompts(asked) == ["a fox in fear, rain, dusk"]

    async def test_everything_asked_for_before_survives_and_is_sent_once(self, asked: Stage):
        filled = form(f"v2:fill:{snowflake(2)}", {"v0": "fear", "v1": "rain"}, interaction_id=3)

        acknowledged, *_ = await asked.act(filled)

        assert acknowledged.payload["data"]["flags"] & 64
        job = await asked.house.job(int(snowflake(3)))
        assert (job.request.quality, job.request.private) == ("low", True)
        assert job.request.style is not None
        assert job.request.style.name == "Woodcut"
        assert "sent already" in await asked.said(filled | {"id": snowflake(4)})
        assert len(prompts(asked)) == 1

    async def test_nobody_else_fills_it_in(self, asked: Stage):
        filled = form(f"v2:fill:{snowflake(2)}", {"v0": "x", "v1": "y"}, interaction_id=3, user_id=BOB)

        assert "sent already" in await asked.said(filled)

    @pytest.mark.further
    async def test_what_cannot_be_drawn_now_can_be_filled_in_again(self, asked: Stage):
        await asked.act(slash("imagine", {"prompt": "x", "count": 10}, interaction_id=3))
        filled = {"v0": "fear", "v1": "rain"}

        (call,) = await asked.act(form(f"v2:fill:{snowflake(2)}", filled, interaction_id=4))

        assert "is used up" in shown(call)
        asked.house.world.clock.move(minutes=1)
        (again,) = await asked.act(press(f"v2:fill:{snowflake(2)}", interaction_id=5))
        assert again.payload["type"] == 9


class TestGoingOn:
    """What Edit… and Vary… do with the style of a card."""

    @pytest.fixture
    async def card(self, stage: Stage) -> Stage:
        await make(stage, 1)
        await stage.act(slash("imagine", {"prompt": "a fox", "style": "Woodcut"}, interaction_id=2))
        return stage

    async def _edited(self, stage: Stage, n: int, base: str, prompt: str = "a hare") -> tuple[str, str]:
        """Fill in the form of the card; return what is sent to the model, and what the new card says."""
        values = {"prompt": prompt, "picture": [base], "aspect": ["-"], "quality": ["-"]}
        *_, card = await stage.act(form(f"v1:edit:{snowflake(2)}", values, interaction_id=n))
        return prompts(stage)[-1], "".join(texts_of(card.payload))

    async def test_the_form_offers_to_keep_the_style_to_leave_it_and_others(self, card: Stage):
        (call,) = await card.act(press(f"v1:edit:{snowflake(2)}", interaction_id=3))
        check_document(call)
        menu = next(one for one in components_of(call.payload["data"]) if one.get("custom_id") == "picture")

        labels = [option["label"] for option in menu["options"]]
        assert labels[:4] == [
            "Picture 1",
            "No picture: draw anew, in Woodcut",
            "No picture: draw anew, without Woodcut",
            "No picture: draw anew, in Watercolour",
        ]
        assert len(labels) == 25
        assert "No picture: draw anew, in Badge" not in labels, "it asks for words, and a form shows no form"

    @pytest.mark.further
    async def test_drawing_anew_keeps_the_style(self, card: Stage):
        sent, shown = await self._edited(card, 3, "-")

        assert sent == "a hare as a woodcut in black"
        assert "style Woodcut" in shown

    @pytest.mark.further
    async def test_the_style_can_be_left_or_changed(self, card: Stage):
        without, shown = await self._edited(card, 3, ".in:none")
        other, renamed = await self._edited(card, 4, ".in:ink")

        assert without == "a hare"
        assert "style" not in shown
        assert other.startswith("a hare, drawn in black ink")
        assert "style Ink" in renamed

    async def test_a_style_that_is_gone_is_said(self, card: Stage):
        values = {"prompt": "a hare", "picture": [".in:17"]}

        said = await card.said(form(f"v1:edit:{snowflake(2)}", values, interaction_id=3))

        assert said == "That style is no longer here. /style list shows those there are."

    async def test_a_picture_to_go_on_from_has_its_style_already(self, card: Stage):
        sent, shown = await self._edited(card, 3, f"{snowflake(2)}-0", "at night")
        assert sent == "at night"
        assert "style Woodcut" in shown

        values = {"prompt": "a hare", "picture": ["-"]}
        await card.act(form(f"v1:edit:{snowflake(3)}", values, interaction_id=4))
        assert prompts(card)[-1] == "a hare as a woodcut in black"

    async def test_a_variation_keeps_its_name_and_not_its_words(self, card: Stage):
        values = {"strength": ["subtle"], "count": ["1"]}
        *_, shown = await card.act(form(f"v1:vary:{snowflake(2)}", values, interaction_id=3))

        assert prompts(card)[-1].startswith("a fox\n\nDraw the attached picture again")
        assert "style Woodcut" in "".join(texts_of(shown.payload))
