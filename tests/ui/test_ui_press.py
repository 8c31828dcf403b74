from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people_kit import form, happen, pick, press

from bot.errors import NotAllowed
from bot.ui.press import PRESSABLE, ActButton, CardButton, PickMenu, Presses, act_id, answer_form, custom_id

if TYPE_CHECKING:
    from discord_kit import Discord

GOLDEN = {
    "v1:again:1300000000000000007": ("again", 1300000000000000007),
    "v1:edit:1300000000000000007": ("edit", 1300000000000000007),
    "v1:details:1300000000000000007": ("details", 1300000000000000007),
    "v1:delete:1300000000000000007": ("delete", 1300000000000000007),
    "v1:vary:1300000000000000007": ("vary", 1300000000000000007),
    "v1:undo:1300000000000000007": ("undo", 1300000000000000007),
    "v1:tray:1300000000000000007": ("tray", 1300000000000000007),
    "v1:compare:1300000000000000007": ("compare", 1300000000000000007),
    "v1:branch:1300000000000000007": ("branch", 1300000000000000007),
    "v1:card:1300000000000000007": ("card", 1300000000000000007),
    "v1:sheet:1300000000000000007": ("sheet", 1300000000000000007),
    "v1:part:1300000000000000007": ("part", 1300000000000000007),
}
"""Every id that was ever posted: these work for ever. Lines are added here, never changed."""

JOB = "1300000000000000007"
GOLDEN_WORDS = {
    "v2:fill:1300000000000000007:aspect:style": (
        ActButton,
        "fill",
        ("1300000000000000007", "aspect", "style"),
    ),
    "v2:styles:built-in:0": (ActButton, "styles", ("built-in", "0")),
    "v2:styletry:ink": (ActButton, "styletry", ("ink",)),
    "v2:styledraw:1300000000000000007:ink": (ActButton, "styledraw", ("1300000000000000007", "ink")),
    "v2:styleusual:1764316800000000": (ActButton, "styleusual", ("1764316800000000",)),
    "v2:styleedit:1764316800000000": (ActButton, "styleedit", ("1764316800000000",)),
    "v2:stylecopy:pixel-sprite": (ActButton, "stylecopy", ("pixel-sprite",)),
    "v2:styledrop:1764316800000000": (ActButton, "styledrop", ("1764316800000000",)),
    "v2:styledropped:1764316800000000": (ActButton, "styledropped", ("1764316800000000",)),
    "v2:preferreset:1300000000000000007": (ActButton, "preferreset", ("1300000000000000007",)),
    "v2:anyway:42:low:none:0": (ActButton, "anyway", ("42", "low", "none", "0")),
    "v2:anyway:42:low:none:0:anew": (ActButton, "anyway", ("42", "low", "none", "0", "anew")),
    f"v2:extract:{JOB}": (ActButton, "extract", (JOB,)),
    f"v2:extractpriced:{JOB}:0": (ActButton, "extractpriced", (JOB, "0")),
    "v2:stop:1300000000000000007": (ActButton, "stop", ("1300000000000000007",)),
    "v2:retell:42": (ActButton, "retell", ("42",)),
    "v2:reasoning:42": (ActButton, "reasoning", ("42",)),
    "v2:forget:mine:1300000000000000007": (ActButton, "forget", ("mine", "1300000000000000007")),
    "v2:forget:all:1300000000000000007": (ActButton, "forget", ("all", "1300000000000000007")),
    "v2:chatchange:1300000000000000007": (ActButton, "chatchange", ("1300000000000000007",)),
    "v2:chatreset:1300000000000000007": (ActButton, "chatreset", ("1300000000000000007",)),
    "v2:quotapage:3:f": (ActButton, "quotapage", ("3", "f")),
    "v2:quotachange:1300000000000000007": (ActButton, "quotachange", ("1300000000000000007",)),
    "v2:quotachange:1300000000000000007:ZwppbQoxLjUKMzAKYSBwb3N0ZXI": (
        ActButton,
        "quotachange",
        (JOB, "ZwppbQoxLjUKMzAKYSBwb3N0ZXI"),
    ),
    "v2:words:add:Z29yZQovKGErKSskLw": (ActButton, "words", ("add", "Z29yZQovKGErKSskLw")),
    "v2:setup": (ActButton, "setup", ()),
    "v2:setup:QXRsYW50aXMKbG90cwo1CjI": (ActButton, "setup", ("QXRsYW50aXMKbG90cwo1CjI",)),
    "v2p:quotaend:1300000000000000007": (PickMenu, "quotaend", ("1300000000000000007",)),
    "v2p:whichedit:1300000000000000007": (PickMenu, "whichedit", ("1300000000000000007",)),
    "v2:auditpage:1:-:1300000000000000007:access:1764316800": (
        ActButton,
        "auditpage",
        ("1", "-", JOB, "access", "1764316800"),
    ),
    "v2:logstop": (ActButton, "logstop", ()),
    "v2:banspage:1": (ActButton, "banspage", ("1",)),
    "v2:accessresume": (ActButton, "accessresume", ()),
    "v2:accesschannels": (ActButton, "accesschannels", ()),
    "v2:accessroles": (ActButton, "accessroles", ()),
    "v2p:banlift:0": (PickMenu, "banlift", ("0",)),
    "v2p:style": (PickMenu, "style", ()),
    "v2p:usage": (PickMenu, "usage", ()),
    "v2:usagecsv:days30": (ActButton, "usagecsv", ("days30",)),
    "v2p:prefer:aspect:1300000000000000007": (PickMenu, "prefer", ("aspect", "1300000000000000007")),
    "v2:branch:1300000000000000007:1:l": (ActButton, "branch", ("1300000000000000007", "1", "l")),
    "v2:partsay:1300000000000000007-0:33554431": (
        ActButton,
        "partsay",
        ("1300000000000000007-0", "33554431"),
    ),
    "v2p:compare:1300000000000000007": (PickMenu, "compare", ("1300000000000000007",)),
    "v2p:editof:1300000000000000007": (PickMenu, "editof", ("1300000000000000007",)),
    "v2p:card:1300000000000000007": (PickMenu, "card", ("1300000000000000007",)),
    "v2p:part:1300000000000000007": (PickMenu, "part", ("1300000000000000007",)),
    "v2p:cells:1300000000000000007-0": (PickMenu, "cells", ("1300000000000000007-0",)),
    f"v2:favourite:{JOB}": (ActButton, "favourite", (JOB,)),
    "v2:gallery:0:older:1795305600000001": (ActButton, "gallery", ("0", "older", "1795305600000001")),
    f"v2:gallery:{JOB}:newer:5": (ActButton, "gallery", (JOB, "newer", "5")),
    f"v2:gallerypack:{JOB}": (ActButton, "gallerypack", (JOB,)),
    "v2:gallerypack:0:1795305600000001": (ActButton, "gallerypack", ("0", "1795305600000001")),
    f"v2p:favourite:{JOB}": (PickMenu, "favourite", (JOB,)),
    "v2p:galleryopen": (PickMenu, "galleryopen", ()),
    "v2:describe:4": (ActButton, "describe", ("4",)),
    f"v2p:describe:{JOB}": (PickMenu, "describe", (JOB,)),
    **{
        f"v2:batch:1300000000000000007:{action}": (ActButton, "batch", ("1300000000000000007", action))
        for action in ("start", "drop", "pause", "resume", "cancel", "retry", "failed")
    },
    **{
        f"v2:batchqueue:1300000000000000007:{action}:{whose}": (
            ActButton,
            "batchqueue",
            ("1300000000000000007", action, whose),
        )
        for action in ("pause", "resume", "cancel", "retry")
        for whose in ("mine", "server")
    },
    **{
        f"v2:queuepage:{page}:{whose}:{way}": (ActButton, "queuepage", (page, whose, way))
        for page, way in (("0", "e"), ("2", "l"))
        for whose in ("mine", "server")
    },
    f"v2:reportdelete:{JOB}": (ActButton, "reportdelete", (JOB,)),
    f"v2:reportdismiss:{JOB}": (ActButton, "reportdismiss", (JOB,)),
    f"v2:approve:{JOB}": (ActButton, "approve", (JOB,)),
    f"v2:deny:{JOB}": (ActButton, "deny", (JOB,)),
    **{f"v2:words:{action}": (ActButton, "words", (action,)) for action in ("add", "remove", "try")},
    f"v2:erase:{JOB}:everything:0:1795000000": (
        ActButton,
        "erase",
        (JOB, "everything", "0", "1795000000"),
    ),
    f"v2:eraseask:{JOB}": (ActButton, "eraseask", (JOB,)),
    f"v2:retain:{JOB}:30": (ActButton, "retain", (JOB, "30")),
    f"v2:offrecord:{JOB}": (ActButton, "offrecord", (JOB,)),
    f"v2:offrecord:{JOB}:ask": (ActButton, "offrecord", (JOB, "ask")),
    f"v2:onrecord:{JOB}": (ActButton, "onrecord", (JOB,)),
    f"v2:retainserver:{JOB}:30": (ActButton, "retainserver", (JOB, "30")),
    f"v2:exportdata:{JOB}": (ActButton, "exportdata", (JOB,)),
    "v2:help:manage:1": (ActButton, "help", ("manage", "1")),
    "v2p:help": (PickMenu, "help", ()),
    "v2p:batchopen:1300000000000000007:12": (PickMenu, "batchopen", ("1300000000000000007", "12")),
}
"""The same, of those that say their verb and any number of words."""

TEMPLATE = CardButton.__discord_ui_compiled_template__


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True), st.integers(1, 2**63 - 1))
def test_an_id_says_everything_and_is_read_back(verb: str, job_id: int):
    written = custom_id(verb, job_id)

    match = TEMPLATE.fullmatch(written)

    assert match is not None
    assert (match["verb"], int(match["job"])) == (verb, job_id)
    assert len(written) <= 100


@pytest.mark.parametrize(("written", "meaning"), GOLDEN.items(), ids=GOLDEN)
def test_every_id_ever_posted_is_understood(written: str, meaning: tuple[str, int]):
    match = TEMPLATE.fullmatch(written)

    assert match is not None
    assert (match["verb"], int(match["job"])) == meaning
    assert custom_id(*meaning) == written


@pytest.mark.parametrize(("written", "meaning"), GOLDEN_WORDS.items(), ids=GOLDEN_WORDS)
def test_every_id_of_words_ever_posted_is_understood(written: str, meaning: tuple[Any, str, tuple[str, ...]]):
    kind, verb, words = meaning

    match = kind.__discord_ui_compiled_template__.fullmatch(written)

    assert match is not None
    assert match["verb"] == verb
    assert tuple(filter(None, match["arguments"].split(":"))) == words
    assert kind(verb, *words).custom_id == written


@pytest.mark.parametrize(
    "written", ["v1:again:", "v1::5", "v1:again:x", "v2:again:5", "v2p:again:5", "again:5", "v1:A:5"]
)
def test_what_is_no_id_of_ours_is_left_alone(written: str):
    assert TEMPLATE.fullmatch(written) is None


def _add_acts(presses: Presses, seen: list[tuple[object, ...]]) -> None:
    async def act(interaction: discord.Interaction, about: tuple[str, ...]) -> None:
        seen.append(("act", *about))
        await interaction.response.defer()

    async def pick(interaction: discord.Interaction, about: tuple[str, ...], picked: tuple[str, ...]) -> None:
        seen.append(("pick", about, picked))
        await interaction.response.defer()

    presses.acts |= {"page": act}
    presses.act_forms |= {"vary": act}
    presses.picks |= {"open": pick}


@pytest.fixture
def pressed(client: discord.Client) -> list[tuple[object, ...]]:
    """A client that knows its buttons, as after any start, and what was pressed."""
    seen: list[tuple[object, ...]] = []
    presses = Presses()

    async def again(interaction: discord.Interaction, job_id: int) -> None:
        seen.append(("again", job_id))
        await interaction.response.defer()

    async def fails(_interaction: discord.Interaction, _job_id: int) -> None:
        raise NotAllowed("Only the owner may.")

    async def breaks(_interaction: discord.Interaction, _job_id: int) -> None:
        raise ZeroDivisionError

    async def edited(interaction: discord.Interaction, job_id: int) -> None:
        seen.append(("edited", job_id))
        await interaction.response.defer()

    presses.buttons |= {"again": again, "fails": fails, "breaks": breaks}
    presses.forms |= {"edit": edited}

    _add_acts(presses, seen)
    client.presses = presses  # pyright: ignore[reportAttributeAccessIssue] - as Easel has it
    client.add_dynamic_items(*PRESSABLE)

    @client.event
    async def on_interaction(interaction: discord.Interaction) -> None:
        if interaction.type is discord.InteractionType.modal_submit:
            await answer_form(interaction)

    return seen


@given(
    st.from_regex(r"[a-z]{1,10}", fullmatch=True),
    st.lists(st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True), max_size=4),
)
def test_an_id_with_arguments_is_read_by_one_kind_alone(verb: str, arguments: list[str]):
    button, menu = ActButton(verb, *arguments), PickMenu(verb, *arguments)
    templates = {kind: kind.__discord_ui_compiled_template__ for kind in PRESSABLE}

    understood = {
        written: [kind for kind, template in templates.items() if template.fullmatch(written)]
        for written in (button.custom_id, menu.custom_id)
    }

    assert understood == {button.custom_id: [ActButton], menu.custom_id: [PickMenu]}
    assert button.custom_id == act_id(verb, *arguments)
    assert len(button.custom_id) <= 100


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (press("v2:page:gallery:3-0:next"), ("act", "gallery", "3-0", "next")),
        (press("v2:page"), ("act",)),
        (pick("v2p:open:7", "4-1"), ("pick", ("7",), ("4-1",))),
        (form("v2:vary:7:2", {}), ("act", "7", "2")),
    ],
    ids=["button", "button without arguments", "menu", "form"],
)
async def test_what_has_arguments_works_after_a_restart(
    client: discord.Client, pressed, payload: dict[str, object], seen: tuple[object, ...]
):
    await happen(client, payload)

    assert pressed == [seen]


async def test_a_button_of_an_earlier_process_works(client: discord.Client, pressed, remote: Discord):
    await happen(client, press("v1:again:42"))

    assert pressed == [("again", 42)]
    assert [call.payload["type"] for call in remote.calls] == [6]


async def test_a_form_of_an_earlier_process_works(client: discord.Client, pressed):
    await happen(client, form("v1:edit:42", {"prompt": "x"}))

    assert pressed == [("edited", 42)]


async def test_a_failing_button_says_so_privately_and_serves_the_next_person(
    client, pressed, remote: Discord
):
    for verb in ("fails", "breaks"):
        await happen(client, press(f"v1:{verb}:42"))
    await happen(client, press("v1:again:42", user_id=5))

    first, second, third = (call.payload for call in remote.calls)
    assert first["data"]["content"] == "Only the owner may."
    assert re.search(
        r"Something went wrong on Easel's side.*incident [0-9a-f]{8}\.", second["data"]["content"]
    )
    assert first["data"]["flags"] & second["data"]["flags"] & 64, "for their eyes only"
    assert third["type"] == 6
    assert pressed == [("again", 42)]


@pytest.mark.parametrize(
    "payload",
    [
        press("v1:unheard:42"),
        form("v1:unheard:42", {}),
        press("v2:unheard:42"),
        pick("v2p:unheard:42", "x"),
        form("v2:unheard:42", {}),
    ],
    ids=["button", "form", "button with arguments", "menu", "form with arguments"],
)
async def test_a_verb_that_nobody_knows_is_said_to_be_of_another_version(client, pressed, remote, payload):
    await happen(client, payload)

    (call,) = remote.calls
    assert "another version" in call.payload["data"]["content"]


@pytest.mark.parametrize("written", ["v3:edit:42", "v1:edit:x", "else"])
async def test_a_form_that_is_not_ours_is_left_alone(client, pressed, remote: Discord, written: str):
    await happen(client, form(written, {}))

    assert (pressed, remote.calls) == ([], [])
