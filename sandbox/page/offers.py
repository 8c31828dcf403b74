"""Slash commands as a person meets them: subcommands by their full name, options in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.page.payload import several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.discord.entities import Json
    from sandbox.discord.people import Person


SLASH = 1


class OptionType(IntEnum):
    """Discord's numbers for the types of options."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


@dataclass(frozen=True, slots=True)
class Offer:
    """A command that can be sent; `name` holds its groups ("manage quota set")."""

    name: str
    description: str
    options: Sequence[Json]


def offers(person: Person) -> list[Offer]:
    """List the slash commands offered to a person in their channel, by name."""
    found = [offer for command in person.commands(SLASH) for offer in _flatten(command.name, command.payload)]
    return sorted(found, key=lambda offer: offer.name)


def command_name(data: Json) -> str:
    """Return what an interaction's data names: "/manage quota set", or a menu's entry as it is."""
    names = [str(data["name"])]
    inner = several(data, "options")
    while inner and inner[0]["type"] in {OptionType.SUBCOMMAND, OptionType.GROUP}:
        names.append(str(inner[0]["name"]))
        inner = several(inner[0], "options")
    return ("/" if data["type"] == SLASH else "") + " ".join(names)


def _flatten(name: str, payload: Json) -> Iterator[Offer]:
    options = several(payload, "options")
    inner = [option for option in options if option["type"] in {OptionType.SUBCOMMAND, OptionType.GROUP}]
    for option in inner:
        yield from _flatten(f"{name} {option['name']}", option)
    if not inner:
        yield Offer(name, payload.get("description") or "", options)
