"""Buttons, menus and forms that work for ever: their ids say everything, handlers are looked up by verb."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

import discord
from discord import ui

from bot.texts import speak, tr
from bot.ui.explain import explained
from bot.ui.first_answers import answer_surely

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable, Sequence

    Interaction = discord.Interaction[discord.Client]
    Handler = Callable[[Interaction, int], Awaitable[None]]
    ActHandler = Callable[[Interaction, tuple[str, ...]], Awaitable[None]]
    LanguageOf = Callable[[int, str], Awaitable[tuple[str, bool]]]
    PickHandler = Callable[[Interaction, tuple[str, ...], tuple[str, ...]], Awaitable[None]]

View = TypeVar("View", ui.View, ui.LayoutView)
VERSION = "v1"
"""Ids are kept working for ever; a new shape gets a new version beside the old one."""
ACT, PICK = "v2", "v2p"
"""The second shape: any number of words after the verb, for buttons and forms, and for menus."""
ARGUMENTS = r"(?P<verb>[a-z]+)(?P<arguments>(?::[\w.-]+)*)"


def unremembered(view: View) -> View:
    """Return a view that discord.py does not remember, as its buttons are found by their ids.

    Of what one person alone sees it would for a quarter of an hour, with a task for each.
    """
    view.stop()
    return view


class Presses:
    """Who answers to which verb: one table for each kind of thing to press."""

    def __init__(self) -> None:
        self.buttons: dict[str, Handler] = {}
        self.forms: dict[str, Handler] = {}
        self.acts: dict[str, ActHandler] = {}
        self.picks: dict[str, PickHandler] = {}
        self.act_forms: dict[str, ActHandler] = {}
        self.language_of: LanguageOf = _locale
        """The language of a person, by their id and how they see Discord, and whether they chose it."""
        self.at_work: Callable[[], None] = _unseen
        """Told of each task that handles what somebody does, at its beginning."""


class HasPresses(Protocol):
    """A client that knows who answers to a press."""

    presses: Presses


def custom_id(verb: str, job_id: int) -> str:
    """Return the id of a button or form that acts on a job."""
    return f"{VERSION}:{verb}:{job_id}"


def act_id(verb: str, *arguments: str | int) -> str:
    """Return the id of a button or form that acts on anything: words of letters, digits, `_`, `.` and `-`."""
    return ":".join((ACT, verb, *map(str, arguments)))


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
        handler = _presses(interaction).buttons.get(self.verb)
        await answer(interaction, handler and partial(handler, interaction, self.job_id))


class ActButton(ui.DynamicItem[ui.Button[ui.LayoutView]], template=f"{ACT}:{ARGUMENTS}"):
    """A button that acts on whatever its arguments name: pictures, pages, styles."""

    def __init__(
        self,
        verb: str,
        *arguments: str | int,
        label: str = "…",
        emoji: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> None:
        super().__init__(
            ui.Button(
                label=label,
                emoji=emoji,
                style=style,
                disabled=disabled,
                custom_id=act_id(verb, *arguments),
            )
        )
        self.verb = verb
        self.arguments = tuple(map(str, arguments))

    @classmethod
    async def from_custom_id(
        cls, _interaction: Interaction, _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Rebuild the button from its id alone."""
        return cls(match["verb"], *_words(match["arguments"]))

    async def callback(self, interaction: Interaction) -> None:
        """Hand the press to whoever answers to its verb."""
        handler = _presses(interaction).acts.get(self.verb)
        await answer(interaction, handler and partial(handler, interaction, self.arguments))


class PickMenu(ui.DynamicItem[ui.Select[ui.LayoutView]], template=f"{PICK}:{ARGUMENTS}"):
    """A menu to pick from; what is picked is in the interaction, what it is about in the id."""

    def __init__(
        self,
        verb: str,
        *arguments: str | int,
        options: Sequence[discord.SelectOption] = (),
        placeholder: str | None = None,
        least: int = 1,
        most: int = 1,
    ) -> None:
        super().__init__(
            ui.Select(
                custom_id=":".join((PICK, verb, *map(str, arguments))),
                options=list(options),
                placeholder=placeholder,
                min_values=least,
                max_values=max(1, min(most, len(options))),
            )
        )
        self.verb = verb
        self.arguments = tuple(map(str, arguments))

    @classmethod
    async def from_custom_id(
        cls, _interaction: Interaction, _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Rebuild the menu from its id alone."""
        return cls(match["verb"], *_words(match["arguments"]))

    async def callback(self, interaction: Interaction) -> None:
        """Hand what was picked to whoever answers to its verb."""
        handler = _presses(interaction).picks.get(self.verb)
        data = cast("dict[str, Any]", interaction.data or {})
        picked = tuple(map(str, data.get("values", ())))
        await answer(interaction, handler and partial(handler, interaction, self.arguments, picked))


PRESSABLE: tuple[type[ui.DynamicItem[Any]], ...] = (CardButton, ActButton, PickMenu)
"""What a client has to recognise."""


async def answer_form(interaction: Interaction) -> None:
    """Hand a form to whoever answers to it; a form outlives the process that showed it."""
    data = cast("dict[str, Any]", interaction.data or {})
    version, _, rest = str(data.get("custom_id", "")).partition(":")
    verb, _, about = rest.partition(":")
    if version == VERSION and about.isdecimal():
        handler = _presses(interaction).forms.get(verb)
        await answer(interaction, handler and partial(handler, interaction, int(about)))
    elif version == ACT:
        act = _presses(interaction).act_forms.get(verb)
        await answer(interaction, act and partial(act, interaction, _words(about)))


async def answer(interaction: Interaction, handle: Callable[[], Awaitable[None]] | None) -> None:
    """Wait for a handler, turning what goes wrong into a sentence; a verb nobody knows is said to be old."""
    async with explained(interaction):
        await hear(interaction)
        if handle is None:
            said = tr("This button is from another version of Easel. Start again with /imagine.")
            await interaction.response.send_message(said, ephemeral=True)
            return
        await handle()


async def hear(interaction: Interaction) -> None:
    """Speak the language of whoever acts, and answer them surely, to the end of the task."""
    _presses(interaction).at_work()
    answer_surely()
    locale = interaction.locale.value
    chosen, is_wish = await _presses(interaction).language_of(interaction.user.id, locale)
    speak(chosen, is_wish=is_wish)


def _unseen() -> None:
    """Count nothing."""


async def _locale(_user_id: int, locale: str) -> tuple[str, bool]:
    return locale, False


def _words(arguments: str) -> tuple[str, ...]:
    return tuple(word for word in arguments.split(":") if word)


def _presses(interaction: Interaction) -> Presses:
    return cast("HasPresses", interaction.client).presses
