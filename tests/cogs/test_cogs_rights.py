"""Every command and menu, as every kind of person: who is let in, and who is not.

The table is complete by construction: a command that is published and not in it fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from people_kit import a_message, attachment, message_menu
from provider_kit import picture_bytes
from rights_kit import (
    ADMINISTER,
    ALL,
    INSIDE,
    NOT_OFFERED,
    ORDER,
    PEOPLE,
    SOMEBODY,
    Desk,
    command,
    desk,
    is_offered,
    server_style,
    user_menu,
    world,
    wrong,
)
from world_kit import CHANNEL, GUILD

if TYPE_CHECKING:
    from cogs_kit import Stage

__all__ = ["desk", "world"]
PICTURE, TABLE, STYLES = object(), object(), object()
"""Files that a command is given."""
UNREAD = "could not be read"
"""What the made-up model's words are met with, where a form was asked for."""
NO_THREAD = "not a conversation that was opened"


@dataclass(frozen=True)
class Row:
    """Who may do something, with what it takes, and what those who may can meet with."""

    may: set[str]
    options: dict[str, Any]
    meets: str = ""


def row(may: set[str], meets: str = "", **options: Any) -> Row:
    return Row(may, options, meets)


COMMANDS = {
    "ask": row(ALL, question="why?"),
    "batch": row(ALL, file=TABLE),
    "blend": row(ALL, image1=PICTURE, image2=PICTURE),
    "describe": row(ALL, UNREAD, image=PICTURE),
    "edit": row(ALL, prompt="blue", image=PICTURE),
    "extract": row(ALL, "does not follow the fields", file=PICTURE, fields="total"),
    "gallery": row(ALL),
    "help": row(ALL),
    "imagine": row(ALL, prompt="a fox"),
    "preferences": row(ALL),
    "queue": row(ALL),
    "quota": row(ALL),
    "show": row(ALL, "no longer here", id="4711"),
    "tray": row(ALL),
    "privacy show": row(ALL),
    "privacy export": row(ALL),
    "privacy delete": row(ALL, "nothing of yours"),
    "privacy retention": row(ALL, days=30),
    "privacy conversations": row(ALL, keep=True),
    "style list": row(ALL),
    "style show": row(ALL, name="Watercolour"),
    "style create": row(ALL),
    "style edit": row(ALL, "There is no style", name="mine"),
    "style delete": row(ALL, "There is no style", name="mine"),
    "style preview": row(ALL, name="Watercolour"),
    "style import": row(ALL, file=STYLES, replace=True),
    "style export": row(ALL, "You have no styles"),
    "chat new": row(INSIDE | {"in direct messages"}),
    "chat end": row(ALL, NO_THREAD),
    "chat export": row(ALL, "not talked with Easel"),
    "chat forget": row(ALL, "nothing"),
    "chat settings": row(ADMINISTER),
    "manage access show": row(ADMINISTER),
    "manage access bans": row(ADMINISTER),
    "manage access ban": row(ADMINISTER, person=SOMEBODY),
    "manage access unban": row(ADMINISTER, "is not banned", person=SOMEBODY),
    "manage access channels": row(ADMINISTER),
    "manage access roles": row(ADMINISTER),
    "manage access pause": row(ADMINISTER, duration="5m"),
    "manage access resume": row(ADMINISTER, "is not paused"),
    "manage audit": row(ADMINISTER),
    "manage log": row(ADMINISTER),
    "manage quota show": row(ADMINISTER),
    "manage quota set": row(ADMINISTER, meter="images_per_day", amount="3", who=SOMEBODY),
    "manage quota grant": row(
        ADMINISTER, person=SOMEBODY, meter="images_per_day", amount="3", reason="a contest"
    ),
    "manage quota reset": row(ADMINISTER, person=SOMEBODY),
    "manage quota clear": row(ADMINISTER, "no such limit", who=SOMEBODY),
    "manage quota export": row(ADMINISTER),
    "manage quota zone": row(ADMINISTER, name="Europe/Berlin"),
    "manage setup": row(ADMINISTER),
    "manage budget": row(ADMINISTER),
    "manage privacy show": row(ADMINISTER),
    "manage privacy retention": row(ADMINISTER, days=30),
    "manage safety words": row(ADMINISTER),
    "manage safety review": row(ADMINISTER),
    "manage safety pictures": row(ADMINISTER),
    "manage safety moderation": row(ADMINISTER, "has not set"),
    "manage safety waiting": row(ADMINISTER),
    "manage safety reports": row(ADMINISTER),
    "manage safety forgive": row(ADMINISTER, member=SOMEBODY),
    "manage safety calm": row(ADMINISTER),
    "manage usage": row(ADMINISTER),
}
WITH_MORE = {
    "queue": row(ADMINISTER, server=True),
    "style create": row(ADMINISTER, for_server=True),
    "style edit": row(ADMINISTER, name="House"),
    "style delete": row(ADMINISTER, name="House"),
    "style import": row(ADMINISTER, file=STYLES, for_server=True, replace=True),
    "chat forget": row(ORDER | {"in direct messages"}, "nothing", everything=True),
}
"""Commands that ask for more with an option; the styles of a server are its own."""
MENUS = {
    "Ask about this": row(ALL),
    "Describe image": row(ALL, UNREAD),
    "Edit image": row(ALL),
    "Extract data": row(ALL),
    "Report image": row(INSIDE),
    "Allowance": row(ADMINISTER),
}


def published(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return every command and menu as it is published, by the words that call it."""
    found: dict[str, dict[str, Any]] = {}

    def walk(options: list[dict[str, Any]], path: str, of: dict[str, Any]) -> None:
        below = [one for one in options if one["type"] in {1, 2}]
        for one in below:
            walk(one.get("options", []), f"{path} {one['name']}", of)
        if not below:
            found[path] = of

    for one in stage.bot.tree.get_commands():
        payload = one.to_dict(stage.bot.tree)
        walk(payload.get("options", []), payload["name"], payload)
    return found


def filled(stage: Stage, options: dict[str, Any]) -> dict[str, Any]:
    """Return options with files in the place of their names."""
    world, files = stage.house.world, dict(options)
    style = b'{"easel_styles": 1, "styles": [{"name": "Ink", "template": "{subject} in ink"}]}'
    kinds = {PICTURE: (picture_bytes(), "cat.png"), TABLE: (b"a fox\na hen\n", "list.txt")}
    kinds[STYLES] = (style, "styles.json")
    for n, (name, value) in enumerate(options.items()):
        if value in kinds:
            data, filename = kinds[value]
            upload = world.attach(data, filename)
            files[name] = attachment(40 + n, upload.size_bytes, upload.url, filename)
    return files


async def outcomes(desk: Desk, path: str, wanted: Row) -> dict[str, str]:
    """Let every kind of person use a command; what Discord does not offer them is not used."""
    stage = desk.stage
    of, overrides = published(stage)[path], await stage.house.world.integrations.of(GUILD)
    found: dict[str, str] = {}
    for name, who in PEOPLE.items():
        if not is_offered(of, who, overrides):
            found[name] = NOT_OFFERED
            continue
        payload = command(path, filled(stage, wanted.options), **who)
        if path == "chat new":
            _answer_with_threads(stage)
        found[name] = await desk.outcome(payload, wanted.meets)
    return found


def _answer_with_threads(stage: Stage) -> None:
    thread = {
        "id": "800",
        "type": 11,
        "guild_id": str(GUILD),
        "parent_id": str(CHANNEL),
        "owner_id": "99",
        "name": "thread",
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": "2026-11-21T12:00:00+00:00",
        },
    }
    stage.remote.answers["POST /channels/#/threads"] = [(201, thread)]


async def test_every_command_and_menu_is_in_the_table(stage: Stage):
    assert set(published(stage)) == {*COMMANDS, *MENUS}


AREAS = [*sorted({path.split()[0] for path in COMMANDS if " " in path}), "the rest"]


@pytest.mark.parametrize("area", AREAS)
async def test_commands(desk: Desk, area: str):
    desk.stage.remote.refuse("GET /guilds/#/members/#", 404, 10007, times=100)  # who banned before has left
    for path, wanted in COMMANDS.items():
        if (path.split()[0] if " " in path else "the rest") == area:
            found = await outcomes(desk, path, wanted)
            offered = area == "manage"
            assert not (bad := wrong(found, wanted.may, is_offered_to_those=offered)), (path, bad)


@pytest.mark.further
async def test_commands_that_ask_for_more(desk: Desk):
    for path, wanted in WITH_MORE.items():
        found: dict[str, str] = {}
        for name, who in PEOPLE.items():
            await server_style(desk.stage)
            payload = command(path, filled(desk.stage, wanted.options), **who)
            found[name] = await desk.outcome(payload, wanted.meets)
        outside = {"in direct messages", "where Easel is no member"} if "House" in str(wanted) else set[str]()
        for name in outside:  # there is no such style there
            assert "There is no style" in found.pop(name)
            found[name] = "no"
        assert not (bad := wrong(found, wanted.may)), (path, bad)


@pytest.mark.further
async def test_menus(desk: Desk):
    stage = desk.stage
    upload = stage.house.world.attach(picture_bytes(), "cat.png")
    picture = attachment(7, upload.size_bytes, upload.url)
    said = {**a_message(5_001, CHANNEL), "content": "look", "attachments": [picture]}
    overrides = await stage.house.world.integrations.of(GUILD)
    for name, wanted in MENUS.items():
        found: dict[str, str] = {}
        for person, who in PEOPLE.items():
            if not is_offered(published(stage)[name], who, overrides):
                found[person] = NOT_OFFERED
                continue
            payload = user_menu(name, **who) if name == "Allowance" else message_menu(name, said, **who)
            found[person] = await desk.outcome(payload, wanted.meets)
        bad = wrong(found, wanted.may, is_offered_to_those=name == "Allowance")
        assert not bad, (name, bad)
