"""The card of a described picture. Its buttons draw from the prompts that stand on it, and on it alone."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.images import EXTENSIONS
from bot.domain.money import show
from bot.domain.quotas import Meter, Owner
from bot.errors import NotFound
from bot.texts import mark, number, tr, trn
from bot.ui.cards import alt_text, granted, left, money_short, panel
from bot.ui.posts import Post
from bot.ui.press import ActButton, PickMenu
from bot.ui.text import cut, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.descriptions import Described
    from bot.domain.quotas import Reading

VERB = "describe"
GONE = mark("This prompt is no longer here. Describe the picture again.")
_PROMPT = re.compile(r"\*\*(?P<number>\d+) · [^\n]*\*\*\n(?P<prompt>.+)", re.DOTALL)
ADDED = str.maketrans({"\\": "", "\u200b": ""})
"""What `plain` puts into words that have none of it themselves."""


def card(described: Described, *, is_spoiler: bool) -> Post:
    """Show a picture in words: what it shows, its alt text to copy, and prompts, each with its button."""
    said, picture = described.description, described.picture
    file = discord.File(
        io.BytesIO(picture.data), f"described.{EXTENSIONS[picture.media_type]}", spoiler=is_spoiler
    )
    item = discord.MediaGalleryItem(file, description=alt_text(said.alt_text or said.caption, 1, 1))
    parts: list[ui.Item[Any]] = [ui.MediaGallery[Any](item)]
    if said.caption:
        parts.append(ui.TextDisplay(f"### {plain(said.caption, 500)}"))
    if said.alt_text:
        parts.append(ui.TextDisplay(tr("**Alt text**") + f"\n```\n{said.alt_text}\n```"))
    if said.ideas:
        parts.append(ui.TextDisplay(tr("**Prompts that draw something like it**")))
    for place, idea in enumerate(said.ideas, start=1):
        parts.append(
            ui.TextDisplay(f"**{place} · {tr(idea.name)}**\n{plain(idea.prompt, 2 * len(idea.prompt))}")
        )
    if described.leaves_out:
        parts.append(ui.TextDisplay(tr("Some of it has words that are not allowed here, and was left out.")))
    if footer := _footer(described):
        parts.append(ui.TextDisplay(f"-# {' · '.join(footer)}"))
    if said.ideas:
        buttons = (
            ActButton(VERB, n + 1, label=tr("Draw {number}…", number=n + 1), emoji="🎨")
            for n in range(len(said.ideas))
        )
        parts.append(ui.ActionRow[Any](*buttons))
    return Post(panel(*parts), [file])


def choice(draft_id: int, names: Sequence[str]) -> ui.LayoutView:
    """Ask which of several pictures to describe."""
    options = [
        discord.SelectOption(label=cut(name, 100), value=str(place)) for place, name in enumerate(names)
    ]
    menu = PickMenu(VERB, draft_id, options=options, placeholder=tr("Which picture?"))
    return panel(ui.TextDisplay[Any](tr("### Describe image")), ui.ActionRow[Any](menu))


def prompt_of(message: discord.Message | None, number: int) -> str:
    """Return the prompt with a number on a card of ours, as it was written, or raise NotFound.

    Nothing is kept of a description but its card: who sees it may draw from it, and with it all is gone.
    """
    for text in _texts(message.components if message else ()):
        found = _PROMPT.fullmatch(text)
        if found is not None and int(found["number"]) == number:
            return found["prompt"].translate(ADDED)
    raise NotFound(tr(GONE))


def _texts(components: Sequence[discord.Component]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _texts(getattr(component, "children", ()))


def _footer(described: Described) -> list[str]:
    model = [f"`{described.model}`"] if described.model else []
    return [*model, *price(described.cost_microusd), *words_left(described.readings)]


def price(cost_microusd: int | None) -> list[str]:
    """Say what was paid; nothing where that is not known yet."""
    return [] if cost_microusd is None else [show(cost_microusd)]


def words_left(readings: Sequence[Reading]) -> list[str]:
    """Say what the person has left of today's messages, or else of the tightest limit on their money."""
    mine = [reading for reading in readings if reading.limit.owner is Owner.PERSON]
    counted = [reading for reading in mine if reading.limit.meter is Meter.MESSAGES_PER_DAY]
    if counted:
        left_now, cap = number(counted[0].room), counted[0].limit.cap
        said = trn(
            "{left} of {count} messages left today",
            "{left} of {count} messages left today",
            cap,
            left=left_now,
        )
        return [said, *granted(counted[0]), *money_short(mine)]
    return left([reading for reading in mine if reading.limit.meter.is_money])
