"""The options that commands of pictures share: what they say, and what is suggested while one types."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import discord
from discord import app_commands

from bot.domain.preferences import AUTO
from bot.domain.requests import PictureRequest
from bot.domain.styles import NONE
from bot.errors import UserFacingError
from bot.texts import mark, tr
from bot.ui import styles as shown
from bot.ui.parse import requester

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from bot.domain.capabilities import PictureModel
    from bot.domain.preferences import Preferences
    from bot.domain.requests import Requester
    from bot.domain.styles import Style

    Interaction = discord.Interaction[discord.Client]

Options = list[app_commands.Choice[str]]
Command = TypeVar("Command", bound="Callable[..., Any]")
MOST = 25
"""Discord's limit for suggestions."""

DAYS = (
    (mark("Today"), "today"),
    (mark("Yesterday"), "yesterday"),
    (mark("A week ago"), "7d"),
    (mark("A month ago"), "1m"),
    (mark("A year ago"), "1y"),
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


class StylesAtHand(Protocol):
    """Whoever knows the styles."""

    async def at_hand(self, who: Requester) -> tuple[Style, ...]:
        """Return the styles that somebody can draw in."""
        ...


class UsualChoices(Protocol):
    """Whoever knows what people usually want."""

    async def of(self, who: Requester) -> Preferences:
        """Return what somebody has set."""
        ...


class HasModels(Protocol):
    """Services, some of which know the models, the styles and what people usually want."""

    @property
    def planner(self) -> Models:
        """Return who knows the models."""
        ...

    @property
    def styles(self) -> StylesAtHand:
        """Return who knows the styles."""
        ...

    @property
    def usual(self) -> UsualChoices:
        """Return who knows what people usually want."""
        ...


class HasServices(Protocol):
    """A client that carries its services."""

    services: HasModels


SAYS = {
    "count": "How many pictures (1 if left out)",
    "aspect": "The shape: width to height",
    "quality": "How much work the model puts in; more costs more",
    "background": "What stands behind the subject",
    "file_format": "The kind of file",
    "model": "Who draws; the first of the list if left out",
    "private": "Show the pictures to you alone",
    "at_hand": "Also go by the references that you have at hand (/tray)",
    "style": "Draw it in a style; /style list shows them",
}
"""What the options mean that more than one command has."""


def of_pictures(**own: str) -> Callable[[Command], Command]:
    """Describe a command's options, its own in these words and those it shares in theirs, and suggest values.

    Stands below `app_commands.command`.
    """

    def decorate(command: Command) -> Command:
        names = inspect.signature(command).parameters
        says = {name: words for name, words in (SAYS | own).items() if name in names}
        suggested = {name: suggest for name, suggest in _suggestions().items() if name in names}
        if "file_format" in names:
            command = app_commands.rename(file_format="format")(command)
        return app_commands.autocomplete(**suggested)(app_commands.describe(**says)(command))

    return decorate


def _suggestions() -> dict[str, Any]:
    return {
        "aspect": aspects,
        "quality": qualities,
        "background": backgrounds,
        "file_format": formats,
        "model": models,
        "style": styles,
    }


def named(**names: str) -> Options:
    """Return choices by their values, under names that people read in their language."""
    return [app_commands.Choice(name=name, value=value) for value, name in names.items()]


async def models(interaction: Interaction, current: str) -> Options:
    """Offer the models that are there today."""
    try:
        known = _services(interaction).planner.models()
    except UserFacingError:
        return []
    return matching([(model.name, model.id) for model in known], current)


async def styles(interaction: Interaction, current: str) -> Options:
    """Offer the styles that can be drawn in, and what an unusual wish to have none is called."""
    services = _services(interaction)
    who = requester(interaction)
    known = await services.styles.at_hand(who)
    if ";" in current:
        return [app_commands.Choice(name=current[:100], value=current)] if len(current) <= 100 else []
    usual = (await services.usual.of(who)).style
    none = [(tr("No style, unlike usual"), NONE)] if usual else []
    return matching([*none, *shown.choices(known)], current)


def matching(found: Sequence[tuple[str, str]], current: str) -> Options:
    """Return names and values that hold what was typed, as many as Discord shows."""
    sought = current.lower()
    return [
        app_commands.Choice(name=name[:100], value=value)
        for name, value in found
        if sought in f"{name} {value}".lower()
    ][:MOST]


def of_model(value: str, owner: str | None) -> str:
    """Return a value as it is suggested; one of another model says whose it is."""
    return value if owner is None else tr("{value} · needs model {model}", value=value, model=owner)


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
            values = _services(interaction).planner.choices(option, filled.get("model"), beside)
        except UserFacingError:
            return []
        found = [(of_model(value, owner), value) for value, owner in values]
        usual = await _usual(interaction, option)
        if usual is not None:
            instead = (tr("The model decides, instead of your usual {usual}", usual=usual), AUTO)
            found = [instead, *(one for one in found if one[1] != AUTO)]
        return matching(found, current)

    return suggest


async def days(_interaction: Interaction, current: str) -> Options:
    """Offer times to look from or to; others can be written."""
    return matching([(tr(name), value) for name, value in DAYS], current)


aspects = _offered("aspect")
qualities = _offered("quality")
backgrounds = _offered("background")
formats = _offered("format")


async def _usual(interaction: Interaction, option: str) -> str | None:
    """Return somebody's usual choice that leaving an option out would bring."""
    usual = await _services(interaction).usual.of(requester(interaction))
    return {"aspect": usual.aspect, "quality": usual.quality}.get(option)


def _services(interaction: Interaction) -> HasModels:
    return cast("HasServices", interaction.client).services
