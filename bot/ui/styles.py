"""The cards of styles: the list, one style, and the questions before something is drawn or forgotten."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.money import show
from bot.domain.styles import MARK, Source, key
from bot.ui.cards import alt_text, left, panel
from bot.ui.posts import Post
from bot.ui.press import ActButton, PickMenu
from bot.ui.text import block, cut, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.capabilities import Plan
    from bot.domain.quotas import Reading
    from bot.domain.requests import PictureRequest
    from bot.domain.styles import Style, Variable

LIST, PICK = "styles", "style"
TRY, DRAW, USUAL = "styletry", "styledraw", "styleusual"
EDIT, COPY, DROP, DROPPED = "styleedit", "stylecopy", "styledrop", "styledropped"
PAGE = 25
"""What a menu holds."""
LINE = 120
TITLES = {Source.OWN: "Yours", Source.SERVER: "This server's", Source.BUILT_IN: "Built in"}
WHOSE = {Source.OWN: "yours", Source.SERVER: "this server's", Source.BUILT_IN: "built in"}
EMPTY = {
    Source.OWN: "You have no styles of your own yet. Make one with `/style create`, or copy a built-in one.",
    Source.SERVER: "This server has no styles of its own. Those who manage it make them with "
    "`/style create for_server: True`.",
    Source.BUILT_IN: "There are no built-in styles.",
}


def choices(known: Sequence[Style]) -> list[tuple[str, str]]:
    """Return the styles as suggestions by name; of several with one name the first is the one it means."""
    hidden = {key(style.name): 0 for style in known}
    found: list[tuple[str, str]] = []
    for style in known:
        hidden[key(style.name)] += 1
        if hidden[key(style.name)] > 1:
            continue
        others = [one for one in known if key(one.name) == key(style.name) and one is not style]
        before = f", goes before the one {WHOSE[others[0].source]}" if others else ""
        found.append((_suggestion(style, before), style.name))
    return found


def references(known: Sequence[Style]) -> list[tuple[str, str]]:
    """Return every style as a suggestion by its ref, those too that share a name."""
    return [(_suggestion(style), f"#{style.ref}") for style in known]


def listing(styles: Sequence[Style], source: Source, page: int, counts: dict[Source, int]) -> ui.LayoutView:
    """Show the styles of one source, a menu to see one, and the way to the others."""
    pages = max(1, -(-len(styles) // PAGE))
    page = min(page, pages - 1)
    here = styles[page * PAGE : (page + 1) * PAGE]
    heading = f"### Styles · {TITLES[source]}" + (f" · page {page + 1} of {pages}" if pages > 1 else "")
    lines = [cut(_line(style), LINE) for style in here]
    parts: list[ui.Item[Any]] = [ui.TextDisplay("\n".join([heading, *(lines or [EMPTY[source]])]))]
    if here:
        options = [
            discord.SelectOption(label=style.name, value=style.ref, description=cut(style.note, 100) or None)
            for style in here
        ]
        menu = PickMenu(PICK, options=options, placeholder="See one, try it, change it")
        parts.append(ui.ActionRow[Any](menu))
    row = ui.ActionRow[Any]()
    for one in Source:
        if one is not source:
            row.add_item(ActButton(LIST, one.value, 0, label=f"{TITLES[one]} ({counts[one]})"))
    if page:
        row.add_item(ActButton(LIST, source.value, page - 1, label="Back", emoji="◀️"))
    if page + 1 < pages:
        row.add_item(ActButton(LIST, source.value, page + 1, label="On", emoji="▶️"))
    return panel(*parts, row)


def card(style: Style, *, may_change: bool, files: Sequence[discord.File] = ()) -> Post:
    """Show a style: what it is, how it is used, its preview, and what can be done with it."""
    about = [WHOSE[style.source].capitalize(), *([plain(style.note, 250)] if style.note else [])]
    parts: list[ui.Item[Any]] = [
        ui.TextDisplay(f"### {plain(style.name, 100)}\n-# {' · '.join(about)}"),
        ui.TextDisplay(block(style.template)),
    ]
    if files:
        described = alt_text(f"{style.name}: {style.note or 'a preview of this style'}", 1, 1)
        parts.append(
            ui.MediaGallery[Any](*(discord.MediaGalleryItem(file, description=described) for file in files))
        )
    parts.append(ui.TextDisplay(_how(style)))
    parts += _buttons(style, may_change=may_change)
    return Post(panel(*parts), list(files))


def before_drawing(
    draft_id: int,
    style: Style,
    request: PictureRequest,
    plan: Plan,
    readings: Sequence[Reading],
    *,
    keeps: bool,
) -> ui.LayoutView:
    """Say what trying a style draws and costs; nothing is held before the answer."""
    seen = ", which everybody in this server sees" if style.source is Source.SERVER else ""
    kept = f" It becomes the preview of the style{seen}." if keeps else ""
    small = " · ".join([f"up to {show(plan.upper_microusd)}", *left(readings)])
    said = (
        f"### {plain(style.name, 100)}\n"
        f"This draws “{plain(request.prompt, 1000)}” in the style, for you alone."
        f"{kept}\n-# {small}. What is not drawn is not charged."
    )
    button = ActButton(
        DRAW, draft_id, style.ref, label="Draw it", emoji="🎨", style=discord.ButtonStyle.primary
    )
    return panel(ui.TextDisplay[Any](said), ui.ActionRow[Any](button))


def before_deleting(style: Style) -> ui.LayoutView:
    """Ask whether a style is to go."""
    whose = "" if style.source is Source.OWN else ", which everybody in this server has"
    said = (
        f"### Delete {plain(style.name, 100)}?\nThis deletes the style{whose}. What was drawn in it stays, "
        "and its buttons go on working."
    )
    button = ActButton(DROPPED, style.ref, label="Delete it", emoji="🗑️", style=discord.ButtonStyle.danger)
    return panel(ui.TextDisplay[Any](said), ui.ActionRow[Any](button))


def gone(style: Style) -> ui.LayoutView:
    """Say that a style was deleted."""
    return panel(ui.TextDisplay[Any](f"{plain(style.name, 100)} is deleted."))


def imported(new: int, replaced: int) -> ui.LayoutView:
    """Say what a file brought."""
    count = "1 style" if new + replaced == 1 else f"{new + replaced} styles"
    taken = f", {replaced} in place of those with their names" if replaced else ""
    return panel(ui.TextDisplay[Any](f"Imported {count}{taken}. `/style list` shows them."))


def source_of(written: str) -> Source:
    """Return the source that a button names; the built-in styles where it names none."""
    return next((one for one in Source if one.value == written), Source.BUILT_IN)


def exported(text: str, count: int, source: Source) -> Post:
    """Hand styles over as a file."""
    file = discord.File(io.BytesIO(text.encode()), "easel-styles.json")
    which = "1 style" if count == 1 else f"{count} styles"
    said = f"### {which}, {WHOSE[source]}\n`/style import` reads this file, here and anywhere else."
    return Post(panel(ui.TextDisplay[Any](said), ui.File[Any](file)), [file])


def _buttons(style: Style, *, may_change: bool) -> list[ui.Item[Any]]:
    label = "Draw a preview" if may_change else "Try it"
    rows: list[ui.Item[Any]] = [
        ui.ActionRow[Any](
            ActButton(TRY, style.ref, label=label, emoji="🎨"),
            ActButton(USUAL, style.ref, label="Use by default", emoji="⭐"),
        )
    ]
    more = ui.ActionRow[Any]()
    if may_change:
        more.add_item(ActButton(EDIT, style.ref, label="Edit…", emoji="✏️"))
    if style.source is not Source.OWN:
        more.add_item(ActButton(COPY, style.ref, label="Make my own copy…", emoji="📄"))
    if may_change:
        more.add_item(ActButton(DROP, style.ref, label="Delete…", emoji="🗑️"))
    return [*rows, more]


def _how(style: Style) -> str:
    """Say how a style is used, and what of it can be chosen."""
    found = style.variables
    if not found:
        return f"-# Draw in it with `/imagine` and `style: {style.name}`."
    example = f"{style.name}; {found[0].name}=…"
    chosen = "\n".join(f"-# **{plain(one.name, 64)}** {_default(one)}" for one in found)
    return f"-# Draw in it with `/imagine` and `style: {example}`.\n{chosen}"


def _default(variable: Variable) -> str:
    return "is asked for" if variable.default is None else f"is {plain(variable.default, 150)} if left out"


def _line(style: Style) -> str:
    return f"**{plain(style.name, 100)}**" + (f" · {plain(style.note, 300)}" if style.note else "")


def _suggestion(style: Style, more: str = "") -> str:
    found = [f"{one.name}=…" for one in style.variables]
    variables = f" {MARK} {'; '.join(found)}" if found else ""
    return cut(f"{style.name} {MARK} {WHOSE[style.source]}{more}{variables}", 100)
