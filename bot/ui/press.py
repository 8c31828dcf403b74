"""Buttons and forms that work for ever: their ids say everything, handlers are looked up by verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, cast

import discord
from discord import ui

from bot.ui.explain import explained

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable

    Interaction = discord.Interaction[discord.Client]
    Handler = Callable[[Interaction, int], Awaitable[None]]

VERSION = "v1"
"""Ids are kept working for ever; a new shape gets a new version beside the old one."""


class Presses:
    """Who answers to which verb: one table for buttons, one for forms."""

    def __init__(self) -> None:
        self.buttons: dict[str, Handler] = {}
        self.forms: dict[str, Handler] = {}


class HasPresses(Protocol):
    """A client that knows who answers to a press."""

    presses: Presses


def custom_id(verb: str, job_id: int) -> str:
    """Return the id of a button or form that acts on a job."""
    return f"{VERSION}:{verb}:{job_id}"


class CardButton(
    ui.DynamicItem[ui.Button[ui.LayoutView]], template=rf"{VERSION}:(?P<verb>[a-z]+):(?P<job>\d{{1,20}})"
):
    """A button of a card. Views of these alone hold no state, so a restart changes nothing for them."""

    def __init__(
        self,
        verb: str,
        job_id: int,
        label: str = "…",
        emoji: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> None:
        super().__init__(ui.Button(label=label, emoji=emoji, style=style, custom_id=custom_id(verb, job_id)))
        self.verb = verb
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: Interaction, _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Rebuild the button from its id alone."""
        return cls(match["verb"], int(match["job"]))

    async def callback(self, interaction: Interaction) -> None:
        """Hand the press to whoever answers to its verb."""
        await answer(interaction, _presses(interaction).buttons.get(self.verb), self.job_id)


async def answer_form(interaction: Interaction) -> None:
    """Hand a form to whoever answers to it; a form outlives the process that showed it."""
    data = cast("dict[str, Any]", interaction.data or {})
    version, _, rest = str(data.get("custom_id", "")).partition(":")
    verb, _, job = rest.partition(":")
    if version == VERSION and job.isdecimal():
        await answer(interaction, _presses(interaction).forms.get(verb), int(job))


async def answer(interaction: Interaction, handler: Handler | None, job_id: int) -> None:
    """Run a handler, turning what goes wrong into a sentence; a verb nobody knows is said to be old."""
    async with explained(interaction):
        if handler is None:
            await interaction.response.send_message(
                "This button is from another version of Easel. Start again with /imagine.", ephemeral=True
            )
            return
        await handler(interaction, job_id)


def _presses(interaction: Interaction) -> Presses:
    return cast("HasPresses", interaction.client).presses
