"""Slash commands as a person meets them: subcommands by their full name, options in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.page.languages import spoken
from sandbox.page.payload import several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.discord.entities import Command, Json
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
    """A command that can be sent; `name` holds its groups ("manage quota set"), `label` is what is read."""

    name: str
    label: str
    description: str
    options: Sequence[Json]


def offers(person: Person) -> list[Offer]:
    """List the slash commands offered to a person in their channel, by name."""
    locale = person.user.locale
    found = [
        offer
        for command in person.commands(SLASH)
        for offer in _flatten(command.name, spoken(command.payload, "name", locale), command.payload, locale)
    ]
    return sorted(found, key=lambda offer: offer.label)


def command_name(data: Json, command: Command | None = None, locale: str = "") -> str:
    """Return what an interaction's data names: "/manage quota set", or a menu's entry as it is.

    With the command it is called as those who read a language know it.
    """
    given = command.payload if command else data
    names = [spoken(given, "name", locale)]
    inner = several(data, "options")
    while inner and inner[0]["type"] in {OptionType.SUBCOMMAND, OptionType.GROUP}:
        name = inner[0]["name"]
        given = next((one for one in several(given, "options") if one["name"] == name), inner[0])
        names.append(spoken(given, "name", locale))
        inner = several(inner[0], "options")
    return ("/" if data["type"] == SLASH else "") + " ".join(names)


def _flatten(name: str, label: str, payload: Json, locale: str) -> Iterator[Offer]:
    options = several(payload, "options")
    inner = [option for option in options if option["type"] in {OptionType.SUBCOMMAND, OptionType.GROUP}]
    for option in inner:
        inside = f"{label} {spoken(option, 'name', locale)}"
        yield from _flatten(f"{name} {option['name']}", inside, option, locale)
    if not inner:
        yield Offer(name, label, spoken(payload, "description", locale), options)
