"""Words on their way to Discord: cut to size, and harmless."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import discord

from bot.texts import noted, number, tr

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.standing import Standing

HIDDEN = frozenset({"Cc", "Cf", "Co"})
"""Control, format and private-use characters: they reorder, hide or break what stands beside them."""
KEPT = "\n\u200d"
"""Line breaks, and the joiner inside emoji."""


def plain(text: str, limit: int) -> str:
    """Return someone's words so that they show as typed: no markdown, no mentions, no hidden characters."""
    return cut(discord.utils.escape_mentions(discord.utils.escape_markdown(visible(text))), limit)


def block(text: str) -> str:
    """Return someone's words to be copied as they are: without markdown, in a box of their own."""
    harmless = visible(text).replace("```", "`\u200b``")  # three of them would end the box
    return f"```\n{harmless}\n```"


def visible(text: str) -> str:
    """Return someone's words without the characters that hide, reorder or break what stands beside them."""
    return "".join(char for char in text if char in KEPT or unicodedata.category(char) not in HIDDEN)


def cut(text: str, limit: int) -> str:
    """Return text of at most `limit` characters; what is cut off is shown by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip("\\ ") + "…"


def when(moment: datetime) -> str:
    """Return a moment as Discord shows it to each reader in their own time zone, with the time left."""
    return noted(discord.utils.format_dt(moment, "f"), discord.utils.format_dt(moment, "R"))


def place(standing: Standing, running: str | None = None) -> str:
    """Say where a job stands, and when it may be ready if that is known."""
    if standing.again_at is not None:
        again = discord.utils.format_dt(standing.again_at, "R")
        return tr("The model is busy · Easel asks again {when}", when=again)
    if standing.is_left:
        return tr("Waiting · Easel is restarting, then goes on with this")
    words = tr("Waiting")
    if standing.running_since is not None:
        words = tr("Drawing") if running is None else running
    elif standing.position is not None:
        words = tr("Waiting · number {number} in line", number=number(standing.position))
    if standing.ready_at is None:
        return words
    return f"{words} · {ready(standing.ready_at)}"


def ready(moment: datetime) -> str:
    """Say when something may be ready."""
    return tr("ready {when}", when=discord.utils.format_dt(moment, "R"))


def meter(used: int, cap: int, width: int = 10) -> str:
    """Return a bar of what is left, full at first and empty when the cap is reached."""
    left = 0 if cap <= 0 else max(0, min(width, round(width * (cap - used) / cap)))
    if left == 0 and cap > used:
        left = 1
    return "▰" * left + "▱" * (width - left)
