"""What would be forgotten, said before it is; and the button that does it."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.ui.cards import panel
from bot.ui.press import ActButton

FORGET = "forget"
MINE, ALL = "mine", "all"
NOTHING = "There is nothing here that Easel could forget."
FORGOTTEN = "Forgotten. The messages themselves stay in Discord until somebody deletes them there."


def card(channel_id: int, count: int, *, everything: bool) -> ui.LayoutView:
    """Say how much would be forgotten, and ask whether to go on."""
    messages = "1 message" if count == 1 else f"{count} messages"
    whose = "everything said here" if everything else "what you said here, with the answers to it"
    said = ui.TextDisplay[Any](
        f"### Forget {messages}?\nEasel would forget {whose}: words, pictures, files, and what it "
        "summed up of them.\n-# This cannot be undone. The messages themselves stay in Discord."
    )
    button = ActButton(
        FORGET,
        ALL if everything else MINE,
        channel_id,
        label=f"Forget {messages}",
        emoji="🗑️",
        style=discord.ButtonStyle.danger,
    )
    return panel(said, ui.ActionRow[Any](button))


def done() -> ui.LayoutView:
    """Say that it is forgotten."""
    return panel(ui.TextDisplay[Any](FORGOTTEN))
