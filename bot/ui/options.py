"""What a command suggests while it is typed: what the chosen model offers today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import discord
from discord import app_commands

from bot.domain.requests import PictureRequest
from bot.errors import UserFacingError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from bot.domain.capabilities import PictureModel

    Interaction = discord.Interaction[discord.Client]

Options = list[app_commands.Choice[str]]
MOST = 25
"""Discord's limit for suggestions."""

DAYS = (
    ("Today", "today"),
    ("Yesterday", "yesterday"),
    ("A week ago", "7d"),
    ("A month ago", "1m"),
    ("A year ago", "1y"),
)


class Models(Protocol):
    """Whoever knows what the models offer."""

    def models(self) -> Sequence[PictureModel]:
        """Return the models usable now, or raise."""
        ...

    def choices(
        self, option: str, asked: str | None, beside: PictureRequest | None = None
    ) -> Sequence[tuple[str, str | None]]:
        """Return the values of an option, each with the name of another model that has it, or raise."""
        ...


class HasModels(Protocol):
    """Services, one of which knows the models."""

    @property
    def planner(self) -> Models:
        """Return who knows them."""
        ...


class HasServices(Protocol):
    """A client that carries its services."""

    services: HasModels


async def models(interaction: Interaction, current: str) -> Options:
    """Offer the models that are there today."""
    try:
        known = _models(interaction).models()
    except UserFacingError:
        return []
    return matching([(model.name, model.id) for model in known], current)


def matching(found: Sequence[tuple[str, str]], current: str) -> Options:
    """Return names and values that hold what was typed, as many as Discord shows."""
    sought = current.lower()
    return [
        app_commands.Choice(name=name[:100], value=value)
        for name, value in found
        if sought in f"{name} {value}".lower()
    ][:MOST]


def _offered(option: str) -> Callable[[Interaction, str], Coroutine[None, None, Options]]:
    """Return what suggests the values of an option; those of other models say whose they are."""

    async def suggest(interaction: Interaction, current: str) -> Options:
        filled = {name: value for name, value in interaction.namespace if value}
        beside = PictureRequest(
            prompt="",
            aspect=filled.get("aspect"),
            quality=filled.get("quality"),
            background=filled.get("background"),
            output_format=filled.get("format"),
            seed=getattr(interaction.namespace, "seed", None),
        )
        try:
            values = _models(interaction).choices(option, filled.get("model"), beside)
        except UserFacingError:
            return []
        found = [
            (value if owner is None else f"{value} · needs model {owner}", value) for value, owner in values
        ]
        return matching(found, current)

    return suggest


async def days(_interaction: Interaction, current: str) -> Options:
    """Offer times to look from or to; others can be written."""
    return matching(DAYS, current)


aspects = _offered("aspect")
qualities = _offered("quality")
backgrounds = _offered("background")
formats = _offered("format")


def _models(interaction: Interaction) -> Models:
    return cast("HasServices", interaction.client).services.planner
