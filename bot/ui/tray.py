"""The card of references at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.requests import MAX_REFERENCES
from bot.texts import mark, tr
from bot.ui.cards import alt_text, panel
from bot.ui.covers import left_out
from bot.ui.press import ActButton, PickMenu

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.images import Picture

VERB = "tray"
CLEAR = "trayclear"
HOW = mark("Draw with them by `/imagine` or `/edit` and `at_hand: True`. They stay for a day, for you alone.")
NOTHING = mark("You have no references at hand. Press **Use as reference** on a picture to put it here.")


def card(pictures: Sequence[Picture], files: Sequence[discord.File], *, apart: int = 0) -> ui.LayoutView:
    """Show what somebody has at hand; so many are kept `apart` from where they look at it."""
    count = len(pictures) + apart
    if not count:
        return panel(ui.TextDisplay[Any](tr(NOTHING)))
    heading = tr("### References at hand: {count} of {most}", count=count, most=MAX_REFERENCES)
    parts: list[ui.Item[Any]] = [ui.TextDisplay(f"{heading}\n{tr(HOW)}")]
    if files:
        items = (
            discord.MediaGalleryItem(file, description=_words(n, picture))
            for n, (picture, file) in enumerate(zip(pictures, files, strict=True), start=1)
        )
        parts.append(ui.MediaGallery[Any](*items))
    if apart:
        parts.append(ui.TextDisplay(left_out(apart)))
    clear = ActButton(CLEAR, label=tr("Put all away"), emoji="🧹")
    return panel(*parts, ui.ActionRow[Any](clear))


def _words(place: int, picture: Picture) -> str:
    if not picture.caption:
        return alt_text(tr("Reference {number}", number=place), 1, 1)
    return alt_text(tr("Reference {number}: {caption}", number=place, caption=picture.caption), 1, 1)


def choice(job_id: int, pictures: Sequence[Picture]) -> ui.LayoutView:
    """Ask which of a card's pictures to put at hand."""
    options = [
        discord.SelectOption(label=tr("Picture {number}", number=n), value=picture.id)
        for n, picture in enumerate(pictures, start=1)
    ]
    menu = PickMenu(VERB, job_id, options=options, most=MAX_REFERENCES, placeholder=tr("Which pictures?"))
    return panel(ui.TextDisplay[Any](tr("### Use as reference")), ui.ActionRow[Any](menu))
