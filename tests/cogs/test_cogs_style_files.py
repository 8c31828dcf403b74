from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cogs_kit import CALLBACK, EDIT
from people_kit import attachment, completing, form, press, slash, snowflake
from provider_kit import refusal
from style_kit import MANAGER, make, prompts, ref_of, shown
from world_kit import BOB

from bot.domain.quotas import Meter

if TYPE_CHECKING:
    from cogs_kit import Stage


class TestPreviews:
    async def test_one_is_drawn_at_a_price_that_is_said_first(self, stage: Stage):
        ref = ref_of(await make(stage, 1))

        (offered,) = await stage.act(
            slash("style preview", {"name": "Woodcut", "subject": "a boat"}, interaction_id=2)
        )
        assert "draws “a boat” in the style" in shown(offered)
        assert "up to $" in shown(offered)
        assert await stage.house.used() == 0
        await stage.act(press(f"v2:styledraw:{snowflake(2)}:{ref}", interaction_id=3))

        assert prompts(stage) == ["a boat as a woodcut in black"]
        assert await stage.house.used(Meter.IMAGES_PER_DAY) == 1
        (card,) = await stage.act(slash("style show", {"name": "Woodcut"}, interaction_id=4))
        assert f"easel-{snowflake(3)}-0.png" in json.dumps(card.payload)
        assert len(card.files) == 1
        assert "sent already" in await stage.said(
            press(f"v2:styledraw:{snowflake(2)}:{ref}", interaction_id=5)
        )

    async def test_a_drawing_that_fails_leaves_the_preview_there_was(self, stage: Stage):
        ref = ref_of(await make(stage, 1))
        for n in (2, 4):
            await stage.act(press(f"v2:styletry:{ref}", interaction_id=n))
            if n == 4:
                stage.house.world.provider.script = [lambda _: refusal()]
            await stage.act(press(f"v2:styledraw:{snowflake(n)}:{ref}", interaction_id=n + 1))

        (card,) = await stage.act(slash("style show", {"name": "Woodcut"}, interaction_id=6))

        assert f"easel-{snowflake(3)}-0.png" in json.dumps(card.payload)

    async def test_a_style_that_asks_for_words_asks_before_its_preview_is_drawn(self, stage: Stage):
        ref = ref_of(await make(stage, 1, template="{subject} in {mood}"))
        await stage.act(press(f"v2:styletry:{ref}", interaction_id=2))

        (asked,) = await stage.act(press(f"v2:styledraw:{snowflake(2)}:{ref}", interaction_id=3))
        assert asked.payload["type"] == 9
        await stage.act(form(asked.payload["data"]["custom_id"], {"v0": "fear"}, interaction_id=4))

        assert prompts(stage)[0].endswith(" in fear")

    async def test_a_built_in_style_can_be_tried_and_keeps_nothing(self, stage: Stage):
        (offered,) = await stage.act(press("v2:styletry:ink"))
        assert "preview" not in shown(offered)

        calls = await stage.act(press(f"v2:styledraw:{snowflake(1)}:ink", interaction_id=2))

        assert [call.name for call in calls] == [CALLBACK, EDIT]

    async def test_any_picture_of_one_s_own_can_be_chosen_and_no_other(self, stage: Stage):
        await make(stage, 1)
        await stage.act(slash("imagine", {"prompt": "a fox", "count": 2}, interaction_id=2))
        await stage.act(slash("imagine", {"prompt": "an owl"}, interaction_id=3, user_id=BOB))

        (card,) = await stage.act(
            slash("style preview", {"name": "Woodcut", "card": f"{snowflake(2)}-1"}, interaction_id=4)
        )
        assert f"easel-{snowflake(2)}-1.png" in json.dumps(card.payload)
        for n, (card_id, says) in enumerate(
            (
                (snowflake(3), "Only a picture of your own"),
                (f"{snowflake(2)}-7", "no longer here"),
                ("x", "no number of a card"),
            )
        ):
            options = {"name": "Woodcut", "card": card_id}
            assert says in await stage.said(slash("style preview", options, interaction_id=5 + n))

    async def test_one_s_own_cards_are_suggested(self, stage: Stage):
        await stage.act(slash("imagine", {"prompt": "a fox"}))
        await stage.act(slash("imagine", {"prompt": "an owl"}, interaction_id=2, user_id=BOB))

        asked = completing("style preview", {"name": "Ink", "card": ""}, "card", interaction_id=3)
        (call,) = await stage.act(asked)

        assert call.payload["data"]["choices"] == [{"name": "a fox", "value": snowflake(1)}]

    async def test_a_private_picture_is_not_shown_to_a_server(self, stage: Stage):
        await make(stage, 1, whose="server", **MANAGER)
        await stage.act(slash("imagine", {"prompt": "a fox", "private": True}, interaction_id=2, **MANAGER))

        said = await stage.said(
            slash("style preview", {"name": "Woodcut", "card": snowflake(2)}, interaction_id=3, **MANAGER)
        )

        assert "for you alone" in said

    async def test_a_deleted_picture_is_no_preview(self, stage: Stage):
        await make(stage, 1)
        await stage.act(slash("imagine", {"prompt": "a fox"}, interaction_id=2))
        await stage.act(slash("style preview", {"name": "Woodcut", "card": snowflake(2)}, interaction_id=3))
        await stage.act(press(f"v1:delete:{snowflake(2)}", interaction_id=4))

        (card,) = await stage.act(slash("style show", {"name": "Woodcut"}, interaction_id=5))

        assert card.files == {}


class TestFiles:
    def _file(self, stage: Stage, content: object) -> dict[str, Any]:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        upload = stage.house.world.attach(data, "styles.json")
        return attachment(9, upload.size_bytes, upload.url, "styles.json")

    async def _import(
        self, stage: Stage, n: int, content: object, options: dict[str, Any] | None = None, **more: Any
    ):
        given = {"file": "9"} | (options or {})
        (call,) = await stage.act(
            slash("style import", given, (self._file(stage, content),), interaction_id=n, **more)
        )
        return call

    def _styles(self, *names: str) -> dict[str, Any]:
        return {"easel_styles": 1, "styles": [{"name": name, "template": "{subject} x"} for name in names]}

    async def test_what_goes_out_comes_in(self, stage: Stage):
        await make(stage, 1, "Übung; 1".replace(";", ","), "{subject} “ß” {mood}", note="日本")
        await make(stage, 2, "Zwei")
        (out,) = await stage.act(slash("style export", interaction_id=3))
        assert "### 2 styles, yours" in shown(out)
        (data,) = out.files.values()

        call = await self._import(stage, 4, data, user_id=BOB)
        (again,) = await stage.act(slash("style export", interaction_id=5, user_id=BOB))

        assert shown(call) == "Imported 2 styles. `/style list` shows them."
        assert list(again.files.values()) == [data]

    async def test_nothing_of_one_s_own_to_export_is_said(self, stage: Stage):
        assert "You have no styles of your own yet." in await stage.said(slash("style export"))

    async def test_an_entry_that_is_wrong_is_named_and_nothing_is_half_imported(self, stage: Stage):
        content = self._styles("A", "B", "C")
        content["styles"][1]["template"] = "no subject"

        call = await self._import(stage, 1, content)

        assert call.payload["data"]["content"].startswith("Entry 2 (“B”): The template does not say where")
        assert "You have no styles" in await stage.said(slash("style export", interaction_id=2))

    @pytest.mark.parametrize("names", [("A", "b"), ("b",)], ids=["two", "one"])
    async def test_a_name_there_is_stops_it_unless_it_is_to_be_replaced(
        self, stage: Stage, names: tuple[str, ...]
    ):
        await make(stage, 1, "B")

        refused = await self._import(stage, 2, self._styles(*names))
        assert refused.payload["data"]["content"] == (
            "There is a style named b already, so nothing was imported. Import the file again with "
            "`replace: True` to put its styles in the place of those with their names, or rename b first."
        )
        (before,) = (await stage.act(slash("style export", interaction_id=9)))[0].files.values()
        assert [one["name"] for one in json.loads(before)["styles"]] == ["B"]
        call = await self._import(stage, 3, self._styles("A", "b"), {"replace": True})

        assert "Imported 2 styles, 1 in place of those with their names." in shown(call)
        (out,) = await stage.act(slash("style export", interaction_id=4))
        (data,) = out.files.values()
        assert [one["name"] for one in json.loads(data)["styles"]] == ["A", "b"]

    async def test_more_than_one_may_have_are_refused_whole(self, stage: Stage):
        await self._import(stage, 1, self._styles(*(f"n{n}" for n in range(99))))

        call = await self._import(stage, 2, self._styles("x", "y"))

        assert "One person can have 100 styles." in call.payload["data"]["content"]
        await make(stage, 3, "x")
        assert "One person can have 100 styles." in shown(await make(stage, 4, "y"))

    async def test_members_import_nothing_for_the_server(self, stage: Stage):
        refused = await self._import(stage, 1, self._styles("A"), {"for_server": True})
        call = await self._import(stage, 2, self._styles("A"), {"for_server": True}, **MANAGER)

        assert "Only people who may manage" in refused.payload["data"]["content"]
        assert "Imported 1 style." in shown(call)
        assert stage.house.world.fetched == [next(reversed(stage.house.world.files))]

    async def test_a_file_that_is_too_big_is_not_even_read(self, stage: Stage):
        file = attachment(9, 2 * 2**20, "https://cdn.example/x.json", "x.json")

        said = await stage.said(slash("style import", {"file": "9"}, (file,)))

        assert said == "The file is too big. 1 MB is the most."
        assert stage.house.world.fetched == []
