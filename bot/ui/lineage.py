"""Pictures beside one another and in the order in which they came: what is asked, and what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.texts import isolated, listed, mark, named, strung, tr, trn
from bot.ui.cards import ALT_TEXT, drawn_of, panel, standing
from bot.ui.covers import left_out
from bot.ui.made import made
from bot.ui.press import ActButton, CardButton, PickMenu
from bot.ui.text import cut, plain, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.lineage import Candidate, OnCard, Version, Versions

COMPARE, BRANCH, CARD, SHEET, EDIT = "compare", "branch", "card", "sheet", "editof"
"""Verbs: put side by side, show versions, open a card, show a contact sheet, edit one version."""
LEAST, AT_ONCE = 2, 4
"""Pictures side by side; more would be too small to compare."""
PAGE = 12
"""Versions on a page: more would be too small on one sheet to be told apart."""
HOW = mark("What this came from, and what came of it. Edit any version, or open its card.")
WORDS = 90
"""Characters of a prompt on a line."""


def choice(job_id: int, offered: Sequence[Candidate], *, apart: int = 0) -> ui.LayoutView:
    """Ask which pictures of a card to put side by side, and say how many are shown only elsewhere."""
    options = [
        discord.SelectOption(
            label=one.name, value=one.picture.id, description=cut(_asked(one.on_card), 100) or None
        )
        for one in offered
    ]
    menu = PickMenu(
        COMPARE, job_id, options=options, least=LEAST, most=AT_ONCE, placeholder=tr("Which? Two to four")
    )
    return panel(
        ui.TextDisplay[Any](
            _lines(tr("### Compare"), tr("Choose the pictures to see side by side."), apart=apart)
        ),
        _row(menu),
    )


def comparison(shown: Sequence[Candidate], file: discord.File, *, apart: int = 0) -> ui.LayoutView:
    """Show pictures side by side, say what each is, and lead to their cards.

    `apart` says how many more are shown only elsewhere.
    """
    letters = ascii_uppercase[: len(shown)]
    lines = [f"**{letter}** {_described(one)}" for letter, one in zip(letters, shown, strict=True)]
    names = strung(named(letter, one.name.lower()) for letter, one in zip(letters, shown, strict=True))
    cards: dict[int, list[str]] = {}
    for letter, one in zip(letters, shown, strict=True):
        if one.on_card is not None:
            cards.setdefault(one.on_card.job.id, []).append(letter)
    opens = [
        CardButton(CARD, job_id, tr("Open the card of {pictures}", pictures=listed(of)), "🖼️")
        for job_id, of in cards.items()
    ]
    gallery = ui.MediaGallery[Any](
        discord.MediaGalleryItem(file, description=tr("Side by side. {pictures}", pictures=names))
    )
    said = ui.TextDisplay[Any](_lines(tr("### Compare"), *lines, apart=apart))
    return panel(said, gallery, *([ui.ActionRow[Any](*opens)] if opens else []))


def sheet(job_id: int, count: int, file: discord.File) -> ui.LayoutView:
    """Show all pictures of a card as one."""
    said = ui.TextDisplay[Any](
        tr("### Contact sheet")
        + "\n"
        + trn(
            "{count} picture, numbered as in the menus of its card.",
            "{count} pictures, numbered as in the menus of their card.",
            count,
        )
    )
    gallery = ui.MediaGallery[Any](
        discord.MediaGalleryItem(
            file,
            description=trn(
                "{count} picture on one sheet, numbered from 1",
                "{count} pictures on one sheet, numbered from 1",
                count,
            ),
        )
    )
    return panel(said, gallery, ui.ActionRow[Any](CardButton(CARD, job_id, tr("Open the card"), "🖼️")))


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the versions round a card."""

    job_id: int
    number: int
    last: int
    versions: Sequence[Version]
    apart: int = 0
    """Versions that are shown only elsewhere, and are on no page."""


def page_of(found: Versions, job_id: int, wanted: int | None) -> Page:
    """Return a page of versions: the wanted one, or that with the card's first picture."""
    shown = found.shown
    last = max(0, len(shown) - 1) // PAGE
    own = next((n for n, one in enumerate(shown) if one.on_card.job.id == job_id), 0)
    number = min(last, own // PAGE if wanted is None else wanted)
    return Page(job_id, number, last, shown[number * PAGE : (number + 1) * PAGE], found.apart)


def branches(page: Page, file: discord.File) -> ui.LayoutView:
    """Show versions, which came from which, and two ways on: edit exactly one, or open its card."""
    lines = [_line(one, is_here=one.on_card.job.id == page.job_id) for one in page.versions]
    told = "; ".join(named(one.name, cut(_asked(one.on_card), WORDS)) for one in page.versions)
    gallery = ui.MediaGallery[Any](discord.MediaGalleryItem(file, description=cut(told, ALT_TEXT)))
    options = _options(page.versions)
    edit = PickMenu(EDIT, page.job_id, options=options, placeholder=tr("Edit this version instead…"))
    card = PickMenu(CARD, page.job_id, options=options, placeholder=tr("Open the card of…"))
    said = ui.TextDisplay[Any](_lines(tr("### Branch"), tr(HOW), *lines, apart=page.apart))
    turns = [ui.ActionRow[Any](*_turns(page))] if page.last else []
    return panel(said, gallery, _row(edit), _row(card), *turns)


def _turns(page: Page) -> tuple[ActButton, ActButton]:
    """Return the ways to the pages beside; an id tells its direction, since no two may be alike."""
    before, after = max(0, page.number - 1), min(page.last, page.number + 1)
    return (
        ActButton(
            BRANCH, page.job_id, before, "e", label=tr("Earlier"), emoji="⬅️", disabled=page.number == 0
        ),
        ActButton(
            BRANCH, page.job_id, after, "l", label=tr("Later"), emoji="➡️", disabled=page.number == page.last
        ),
    )


def _options(shown: Sequence[Version]) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=f"{one.name} · {made(one.on_card.job.request)}",
            value=one.on_card.picture.id,
            description=cut(_asked(one.on_card), 100),
        )
        for one in shown
    ]


def _line(version: Version, *, is_here: bool) -> str:
    """Say of a version how it was made, by which words and from which others."""
    job = version.on_card.job
    here = " ← " + tr("this card") if is_here else ""
    how = made(job.request, version.came_from)
    return f"**{version.name}** {named(how, plain(_asked(version.on_card), WORDS))}{here}"


def _described(one: Candidate) -> str:
    """Say what a picture is and where its card is."""
    if one.on_card is None:
        return named(one.name, tr("a picture that you sent"))
    return named(one.name, f"{standing(one.on_card)} · {isolated(plain(_asked(one.on_card), WORDS))}")


def _asked(one: OnCard | None) -> str:
    """Return what a picture was asked to show, on one line."""
    if one is None:
        return ""
    return " ".join(visible(drawn_of(one.job, one.picture)).split()) or tr("no words")


def _lines(*lines: str, apart: int) -> str:
    """Return what a card says, and last how many pictures are shown only elsewhere."""
    return "\n".join([*lines, *([left_out(apart)] if apart else [])])


def _row(menu: PickMenu) -> ui.ActionRow[Any]:
    return ui.ActionRow[Any](menu)
