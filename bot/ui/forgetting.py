"""What would be forgotten, said before it is; and the button that does it."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.texts import mark, tr, trn
from bot.ui.cards import panel
from bot.ui.press import ActButton

FORGET = "forget"
MINE, ALL = "mine", "all"
ALL_OF_IT = mark(
    "Easel would forget everything said here: words, pictures, files, and what it summed up of them."
)
OWN = mark(
    "Easel would forget what you said here, with the answers to it and what others quoted of it: words, "
    "pictures, files, and what it summed up of them."
)
FOR_GOOD = mark("-# This cannot be undone. The messages themselves stay in Discord.")
NOTHING = mark("There is nothing here that Easel could forget.")
FORGOTTEN = mark("Forgotten. The messages themselves stay in Discord until somebody deletes them there.")


def card(channel_id: int, count: int, *, everything: bool) -> ui.LayoutView:
    """Say how much would be forgotten, and ask whether to go on."""
    head = trn("### Forget {count} message?", "### Forget {count} messages?", count)
    said = ui.TextDisplay[Any](f"{head}\n{tr(ALL_OF_IT if everything else OWN)}\n{tr(FOR_GOOD)}")
    button = ActButton(
        FORGET,
        ALL if everything else MINE,
        channel_id,
        label=trn("Forget {count} message", "Forget {count} messages", count),
        emoji="🗑️",
        style=discord.ButtonStyle.danger,
    )
    return panel(said, ui.ActionRow[Any](button))


def done() -> ui.LayoutView:
    """Say that it is forgotten."""
    return panel(ui.TextDisplay[Any](tr(FORGOTTEN)))
