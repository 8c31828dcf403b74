"""Every kind of person that commands and presses are held to, and what becomes of what each of them does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord
import pytest
from people_kit import MEMBER_PERMISSIONS, TEXT_CHANNEL, a_user, interaction
from world_kit import BOB, GUILD, MOD, ann

from bot.domain.overrides import Override, Target, lets
from bot.domain.styles import Written
from bot.errors import UserFacingError
from bot.ui import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from cogs_kit import Stage
    from world_kit import World

TIDY, APPOINTED, DISMISSED, CHIEF, OWNER, STRANGER, GUEST = range(104, 111)
SOMEBODY, OPERATOR = 555, 1
"""OPERATOR owns the application (discord_kit)."""


def bits(**permissions: bool) -> dict[str, int]:
    """Return what members may, and more."""
    more = discord.Permissions(create_public_threads=True, **permissions)
    return {"permissions": MEMBER_PERMISSIONS.value | more.value}


EVERYTHING = {"permissions": discord.Permissions.all().value}
"""What Discord sends for the owner and administrators, whatever their roles say."""
PEOPLE: dict[str, dict[str, Any]] = {
    "member": {"user_id": BOB, **bits()},
    "who may delete messages": {"user_id": TIDY, **bits(manage_messages=True)},
    "moderator": {"user_id": MOD, **bits(manage_guild=True)},
    "moderator by appointment": {"user_id": APPOINTED, **bits()},
    "moderator who was dismissed": {"user_id": DISMISSED, **bits(manage_guild=True, manage_channels=True)},
    "administrator": {"user_id": CHIEF, **EVERYTHING},
    "owner of the server": {"user_id": OWNER, **EVERYTHING},
    "owner of the bot": {"user_id": OPERATOR, **bits()},
    "in direct messages": {"user_id": STRANGER, "guild_id": None},
    "where Easel is no member": {"user_id": GUEST, "by_person": True, **EVERYTHING},
}
NOT_OFFERED = "not offered"
OUTSIDERS = {"in direct messages", "where Easel is no member"}
ADMINISTER = {"moderator", "moderator by appointment", "administrator", "owner of the server"}
ORDER = ADMINISTER | {"who may delete messages"}
INSIDE = set(PEOPLE) - OUTSIDERS
ALL = set(PEOPLE)
REFUSALS = (
    "Only people who may manage this server can do that.",
    "This server does not let you use /manage here, nor what hangs on it.",
    "This works only in a server that Easel is a member of.",
    "Only a server that Easel is a member of has styles of its own.",
    "Only channels of a server that Easel is a member of have settings.",
    "Easel cannot open a thread here.",
    "Only pictures in a server that Easel is a member of can be reported.",
    ", or a moderator, ",
    "Only a moderator can let Easel forget",
    "no longer here",
)
"""What who may not do something reads; the last where they may not even know that it is there."""


def settle_in(stage: Stage) -> None:
    """Let the server be known, with its owner, and with what it set about /manage."""
    everyone = {"id": str(GUILD), "name": "@everyone", "permissions": "0", "position": 0}
    guild = {
        "id": str(GUILD),
        "name": "server",
        "owner_id": str(OWNER),
        "roles": [{**everyone, "colors": {"primary_color": 0}, "color": 0, "hoist": False}],
        "channels": [TEXT_CHANNEL],
    }
    stage.bot._connection._add_guild_from_data(guild)  # pyright: ignore[reportArgumentType] - a payload by hand
    told = stage.house.world.integrations
    told.choose(Target.PERSON, APPOINTED, allows=True)
    told.choose(Target.PERSON, DISMISSED, allows=False)


def is_offered(command: dict[str, Any], who: dict[str, Any], overrides: Iterable[Override]) -> bool:
    """Tell whether Discord lets somebody use a command, by what is published and what the server set."""
    where = 1 if who.get("guild_id", GUILD) is None else 0
    installed = 1 if who.get("by_person") or where else 0
    if where not in command["contexts"] or installed not in command["integration_types"]:
        return False
    least = command.get("default_member_permissions")
    permissions = discord.Permissions(who.get("permissions", MEMBER_PERMISSIONS.value))
    if where or permissions.administrator:
        return True
    verdict = lets(overrides, ann(user_id=who["user_id"]), GUILD) if least else None
    needed = discord.Permissions(int(least or 0))
    return permissions.is_superset(needed) if verdict is None else verdict


def command(path: str, options: dict[str, Any] | None = None, **who: Any) -> dict[str, Any]:
    """Return the use of a slash command; SOMEBODY is a person, an attachment a file."""
    types = {bool: 5, int: 4, str: 3, dict: 11}
    given: list[dict[str, Any]] = []
    resolved: dict[str, Any] = {}
    for name, value in (options or {}).items():
        if value == SOMEBODY:
            given.append({"name": name, "type": 6, "value": str(SOMEBODY)})
            resolved["users"] = {str(SOMEBODY): a_user(SOMEBODY)}
        elif isinstance(value, dict):
            given.append({"name": name, "type": 11, "value": value["id"]})
            resolved.setdefault("attachments", {})[value["id"]] = value
        else:
            given.append({"name": name, "type": types[type(value)], "value": value})
    first, *way = path.split()
    for step in reversed(way):
        given = [{"name": step, "type": 1, "options": given}]
    data = {"id": "77", "name": first, "type": 1, "options": given, "resolved": resolved}
    more: dict[str, Any] = {"app_permissions": EVERYTHING["permissions"]}
    return interaction(2, data, **(more | who))


def user_menu(name: str, **who: Any) -> dict[str, Any]:
    """Return the use of a menu on a person."""
    resolved = {"users": {str(SOMEBODY): a_user(SOMEBODY)}}
    data = {"id": "78", "name": name, "type": 2, "target_id": str(SOMEBODY), "resolved": resolved}
    return interaction(2, data, **who)


async def server_style(stage: Stage) -> str:
    """Return the number of a style of the server, made where there is none."""
    styles, boss = stage.bot.services.styles, ann(may_manage=True)
    known = {one.name: one.ref for one in await styles.at_hand(boss)}
    if "House" not in known:
        written = Written("House", "{subject} in our style", "")
        known["House"] = (await styles.create(boss, written, for_server=True)).ref
    return known["House"]


@dataclass
class Ear:
    """Hears which errors people were told of."""

    errors: list[BaseException] = field(default_factory=list)

    def listen(self, monkeypatch: pytest.MonkeyPatch, *rooms: ModuleType) -> None:
        for room in rooms:
            monkeypatch.setattr(room, "describe", self._heard(room.describe))

    def _heard(self, describe: Callable[..., str]) -> Callable[..., str]:
        def hear(error: BaseException, **more: Any) -> str:
            self.errors.append(getattr(error, "original", error))
            return describe(error, **more)

        return hear


@dataclass
class Desk:
    """Lets people do things, and tells what became of each."""

    stage: Stage
    ear: Ear
    acts: int = 0

    async def outcome(self, payload: dict[str, Any], meets: str = "") -> str:
        """Return "yes" where somebody was let in, "no" where they were not, or what else they were told.

        Who is let in may meet with a sentence that is no matter of rights, such as that there is nothing.
        """
        self.acts += 1
        self.ear.errors.clear()
        calls = await self.stage.act({**payload, "id": self._now()})
        told = json.dumps([call.payload for call in calls], ensure_ascii=False)
        foreign = [one for one in self.ear.errors if not isinstance(one, UserFacingError)]
        if foreign or not calls:
            return f"broken: {foreign or 'no answer'}"
        if meets and meets in told:
            return "yes"
        if any(one in told for one in REFUSALS):
            return "no"
        return f"else: {self.ear.errors}" if self.ear.errors else "yes"

    def _now(self) -> str:
        """Return the id of something that happens now: whoever acted long ago has no answer to get."""
        return str(discord.utils.time_snowflake(self.stage.house.world.clock()) + self.acts)


def expected(may: set[str]) -> dict[str, str]:
    return {name: "yes" if name in may else "no" for name in PEOPLE}


def wrong(found: dict[str, str], may: set[str], *, is_offered_to_those: bool = False) -> dict[str, str]:
    """Return whose outcome is not what the table says."""
    no = NOT_OFFERED if is_offered_to_those else "no"
    wanted = {name: says if says == "yes" else no for name, says in expected(may).items()}
    return {name: found[name] for name in PEOPLE if found[name] != wanted[name]}


@pytest.fixture
def world(world: World) -> World:
    world.caps.person.clear()  # nobody is stopped by an allowance
    return world


@pytest.fixture
async def desk(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Desk:
    settle_in(stage)
    ear = Ear()
    ear.listen(monkeypatch, explain)
    return Desk(stage, ear)
