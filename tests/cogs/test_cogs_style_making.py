from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checks_kit import check_document, components_of, texts_of
from people_kit import completing, form, pick, press, slash
from style_kit import MANAGER, MODERATOR, TEMPLATE, make, ref_of, shown
from world_kit import BOB

if TYPE_CHECKING:
    from cogs_kit import Stage


class TestMaking:
    @pytest.mark.sampled(2)
    @pytest.mark.parametrize(
        ("name", "template", "says"),
        [
            ("Woodcut", "as a woodcut", "does not say where the subject goes"),
            ("none", "{subject}", "it stands for having none"),
            ("Ink; red", "{subject}", "cannot hold ;"),
            ("Woodcut", "{subject} {a} {b} {c} {d} {e} {f}", "has 6 variables; 5 are the most"),
            ("Woodcut", "{subject} {red, blue}", "“{red, blue}” is no variable"),
            ("Woodcut", "{subject", "braces of the template do not match"),
        ],
        ids=["no subject", "reserved", "forbidden", "too many", "a permutation", "braces"],
    )
    async def test_what_cannot_be_a_style_is_said_with_what_was_written(self, stage, name, template, says):
        call = await make(stage, 1, name, template)

        said = shown(call)
        assert says in said
        assert f"```\n{template}\n```" in said

    @pytest.mark.parametrize(
        ("options", "who", "whose"), [({}, {}, "own"), ({"for_server": True}, MANAGER, "server")]
    )
    async def test_the_form_is_empty_and_knows_whose_it_makes(self, stage, options, who, whose):
        (call,) = await stage.act(slash("style create", options, **who))

        check_document(call)
        data = call.payload["data"]
        assert (call.payload["type"], data["custom_id"]) == (9, f"v2:stylenew:{whose}")
        assert not any(one.get("value") for one in components_of(data))

    async def test_it_is_shown_as_it_is_kept_and_mentions_nobody(self, stage: Stage):
        note = "for <@1300000000000000001>"
        call = await make(stage, 1, "  Wood   cut *", "{subject} *x* ``` @here", note=note)

        said = shown(call)
        assert "### Wood cut \\*\n" in said
        assert "```\n{subject} *x* `\u200b`` @here\n```" in said
        assert "<@1300000000000000001>" not in said

    async def test_a_name_is_had_once(self, stage: Stage):
        await make(stage, 1)

        assert "There is a style named wOODCUT already." in shown(await make(stage, 2, "wOODCUT"))

    async def test_it_can_be_changed_and_renamed_by_its_owner_alone(self, stage: Stage):
        ref = ref_of(await make(stage, 1))
        (asked,) = await stage.act(slash("style edit", {"name": "woodcut"}, interaction_id=2))
        check_document(asked)
        before = {
            one["custom_id"]: one.get("value")
            for one in components_of(asked.payload["data"])
            if one["type"] == 4
        }
        assert before == {"name": "Woodcut", "template": TEMPLATE, "note": None}
        changed = {"name": "Linocut", "template": "{subject} as lino", "note": ""}

        (refused,) = await stage.act(form(f"v2:styleedit:{ref}", changed, interaction_id=3, user_id=BOB))
        (call,) = await stage.act(form(f"v2:styleedit:{ref}", changed, interaction_id=4))

        assert "no longer here" in shown(refused)
        assert "### Linocut" in shown(call)
        assert "no style “woodcut”" in await stage.said(
            slash("style show", {"name": "woodcut"}, interaction_id=5)
        )

    async def test_a_change_does_not_take_another_s_name(self, stage: Stage):
        await make(stage, 1)
        ref = ref_of(await make(stage, 2, "Lino"))

        (call,) = await stage.act(
            form(
                f"v2:styleedit:{ref}",
                {"name": "Woodcut", "template": "{subject} x", "note": ""},
                interaction_id=3,
            )
        )

        assert "There is a style named Woodcut already." in shown(call)

    async def test_a_built_in_style_cannot_be_changed_but_copied(self, stage: Stage):
        said = await stage.said(slash("style edit", {"name": "Ink"}))
        (asked,) = await stage.act(press("v2:stylecopy:ink", interaction_id=2))

        assert said == "Ink comes with Easel and stays as it is. Make a copy of it instead."
        assert asked.payload["data"]["custom_id"] == "v2:stylenew:own"

    async def test_deleting_is_asked_and_then_done_once(self, stage: Stage):
        ref = ref_of(await make(stage, 1))

        (asked,) = await stage.act(slash("style delete", {"name": f"#{ref}"}, interaction_id=2))
        assert "Delete Woodcut?" in shown(asked)
        assert "no longer here" in await stage.said(
            press(f"v2:styledropped:{ref}", interaction_id=3, user_id=BOB)
        )
        (done,) = await stage.act(press(f"v2:styledropped:{ref}", interaction_id=4))

        assert done.payload["type"] == 7
        assert "no longer here" in await stage.said(press(f"v2:styledropped:{ref}", interaction_id=5))


class TestServers:
    @pytest.mark.sampled
    @pytest.mark.parametrize(
        ("who", "says"),
        [
            ({"user_id": BOB}, "Only people who may manage this server"),
            (MODERATOR, "Only people who may manage this server"),
            ({"guild_id": None}, "Only a server that Easel is a member of"),
            (MANAGER | {"by_person": True}, "Only a server that Easel is a member of"),
        ],
        ids=["a member", "a moderator", "direct messages", "without Easel"],
    )
    async def test_who_may_not_manage_it_makes_none_neither_by_command_nor_by_form(self, stage, who, says):
        assert says in await stage.said(slash("style create", {"for_server": True}, **who))
        assert says in shown(await make(stage, 2, whose="server", **who))

    async def test_everybody_draws_in_it_and_only_managers_change_it(self, stage: Stage):
        ref = ref_of(await make(stage, 1, whose="server", **MANAGER))
        changed = {"name": "Woodcut", "template": "{subject} changed", "note": ""}

        for n, payload in enumerate(
            (
                slash("style edit", {"name": "Woodcut"}, interaction_id=2),
                slash("style delete", {"name": "Woodcut"}, interaction_id=3),
                press(f"v2:styledropped:{ref}", interaction_id=4),
            )
        ):
            assert "Only people who may manage this server" in await stage.said(payload), n
        (refused,) = await stage.act(form(f"v2:styleedit:{ref}", changed, interaction_id=5))
        assert "Only people who may manage this server" in shown(refused)
        (call,) = await stage.act(form(f"v2:styleedit:{ref}", changed, interaction_id=6, **MANAGER))
        assert "changed" in shown(call)


class TestSeeing:
    async def test_the_list_begins_with_one_s_own_and_leads_to_all(self, stage: Stage):
        (first,) = await stage.act(slash("style list"))
        assert "### Styles · Built in" in shown(first)
        ref = ref_of(await make(stage, 2, note="old and rough"))
        await make(stage, 3, "House", whose="server", **MANAGER)

        (listed,) = await stage.act(slash("style list", interaction_id=4))
        assert "### Styles · Yours\n**Woodcut** · old and rough" in shown(listed)
        (other,) = await stage.act(press("v2:styles:server:0", interaction_id=5))
        assert other.payload["type"] == 7
        assert "**House**" in "".join(texts_of(other.payload["data"]))
        (one,) = await stage.act(pick("v2p:style", ref, interaction_id=6))
        assert "### Woodcut\n-# Yours · old and rough" in shown(one)
        assert "-# Draw in it with `/imagine` and `style: Woodcut; colour=…`.\n" in shown(one)
        assert "**colour** is black if left out" in shown(one)

    @pytest.mark.further
    async def test_a_long_list_has_pages(self, stage: Stage):
        for n in range(1, 28):
            await make(stage, n, f"Style {n:02}")

        (first,) = await stage.act(slash("style list", interaction_id=40))
        (second,) = await stage.act(press("v2:styles:own:1", interaction_id=41))
        (last,) = await stage.act(press("v2:styles:own:9", interaction_id=42))

        assert "page 1 of 2" in shown(first)
        assert "**Style 27**" in "".join(texts_of(second.payload["data"]))
        assert texts_of(second.payload["data"]) == texts_of(last.payload["data"])

    async def test_suggestions_say_whose_a_style_is_and_which_goes_first(self, stage: Stage):
        await make(stage, 1, "Ink", "{subject} {mood}")
        await make(stage, 2, "House", whose="server", **MANAGER)

        (call,) = await stage.act(completing("imagine", {"prompt": "x", "style": ""}, "style"))
        check_document(call)
        offered = [(one["name"], one["value"]) for one in call.payload["data"]["choices"]]

        assert offered[:3] == [
            ("Ink · yours, goes before the one built in · mood=…", "Ink"),
            ("House · this server's · colour=…", "House"),
            ("Watercolour · built in · palette=…", "Watercolour"),
        ]
        assert [value for _, value in offered].count("Ink") == 1

    async def test_suggestions_for_changing_are_what_may_be_changed(self, stage: Stage):
        ref = ref_of(await make(stage, 1))
        await make(stage, 2, "House", whose="server", **MANAGER)

        (call,) = await stage.act(completing("style delete", {"name": ""}, "name", interaction_id=3))
        (all_of_them,) = await stage.act(
            completing("style show", {"name": "house"}, "name", interaction_id=4)
        )

        assert [one["value"] for one in call.payload["data"]["choices"]] == [f"#{ref}"]
        assert [one["name"] for one in all_of_them.payload["data"]["choices"]] == [
            "House · this server's · colour=…"
        ]
