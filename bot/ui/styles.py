"""The cards of styles: the list, one style, and the questions before something is drawn or forgotten."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.money import show
from bot.domain.styles import MARK, Source, key
from bot.texts import mark, named, noted, number, strung, tr, trn
from bot.ui.cards import alt_text, left, panel
from bot.ui.covers import left_out
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
TITLES = {
    Source.OWN: mark("Yours"),
    Source.SERVER: mark("This server's"),
    Source.BUILT_IN: mark("Built in"),
}
WHOSE = {Source.OWN: mark("yours"), Source.SERVER: mark("this server's"), Source.BUILT_IN: mark("built in")}
EMPTY = {
    Source.OWN: mark(
        "You have no styles of your own yet. Make one with `/style create`, or copy a built-in one."
    ),
    Source.SERVER: mark(
        "This server has no styles of its own. Those who manage it make them with `/style create` and "
        "`for_server: True`."
    ),
    Source.BUILT_IN: mark("There are no built-in styles."),
}
DRAWS = mark("This draws “{prompt}” in the style, for you alone.")
DRAWS_PREVIEW = mark(
    "This draws “{prompt}” in the style, for you alone. It becomes the preview of the style."
)
DRAWS_SERVER_PREVIEW = mark(
    "This draws “{prompt}” in the style, for you alone. It becomes the preview of the style, which everybody "
    "in this server sees."
)
DELETES = mark("This deletes the style. What was drawn in it stays, and its buttons go on working.")
DELETES_FOR_ALL = mark(
    "This deletes the style, which everybody in this server has. What was drawn in it stays, and its buttons "
    "go on working."
)
STYLES_OF = {
    Source.OWN: mark("### Styles · Yours"),
    Source.SERVER: mark("### Styles · This server's"),
    Source.BUILT_IN: mark("### Styles · Built in"),
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
        before = _goes_before(others[0].source) if others else ""
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
    heading = tr(STYLES_OF[source])
    if pages > 1:
        heading += " · " + tr("page {number} of {count}", number=page + 1, count=pages)
    lines = [cut(_line(style), LINE) for style in here]
    parts: list[ui.Item[Any]] = [ui.TextDisplay("\n".join([heading, *(lines or [tr(EMPTY[source])])]))]
    if here:
        options = [
            discord.SelectOption(
                label=style.name, value=style.ref, description=cut(_note(style), 100) or None
            )
            for style in here
        ]
        menu = PickMenu(PICK, options=options, placeholder=tr("See one, try it, change it"))
        parts.append(ui.ActionRow[Any](menu))
    row = ui.ActionRow[Any]()
    for one in Source:
        if one is not source:
            row.add_item(ActButton(LIST, one.value, 0, label=noted(tr(TITLES[one]), number(counts[one]))))
    if page:
        row.add_item(ActButton(LIST, source.value, page - 1, label=tr("Back"), emoji="◀️"))
    if page + 1 < pages:
        row.add_item(ActButton(LIST, source.value, page + 1, label=tr("On"), emoji="▶️"))
    return panel(*parts, row)


def card(style: Style, *, may_change: bool, files: Sequence[discord.File] = (), apart: int = 0) -> Post:
    """Show a style: what it is, how it is used, its preview if not `apart`, and what can be done with it."""
    whose = tr(WHOSE[style.source])
    about = [f"{whose[0].upper()}{whose[1:]}", *([plain(_note(style), 250)] if _note(style) else [])]
    parts: list[ui.Item[Any]] = [
        ui.TextDisplay(f"### {plain(style.name, 100)}\n-# {' · '.join(about)}"),
        ui.TextDisplay(block(style.template)),
    ]
    if files:
        described = alt_text(named(style.name, _note(style) or tr("a preview of this style")), 1, 1)
        parts.append(
            ui.MediaGallery[Any](*(discord.MediaGalleryItem(file, description=described) for file in files))
        )
    if apart:
        parts.append(ui.TextDisplay(left_out(apart)))
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
    prompt = plain(request.prompt, 1000)
    kept = tr(DRAWS_SERVER_PREVIEW if style.source is Source.SERVER else DRAWS_PREVIEW, prompt=prompt)
    small = " · ".join([tr("up to {cost}", cost=show(plan.upper_microusd)), *left(readings)])
    said = f"### {plain(style.name, 100)}\n{kept if keeps else tr(DRAWS, prompt=prompt)}\n" + tr(
        "-# {facts}. What is not drawn is not charged.", facts=small
    )
    button = ActButton(
        DRAW, draft_id, style.ref, label=tr("Draw it"), emoji="🎨", style=discord.ButtonStyle.primary
    )
    return panel(ui.TextDisplay[Any](said), ui.ActionRow[Any](button))


def before_deleting(style: Style) -> ui.LayoutView:
    """Ask whether a style is to go."""
    head = tr("### Delete {style}?", style=plain(style.name, 100))
    said = f"{head}\n{tr(DELETES if style.source is Source.OWN else DELETES_FOR_ALL)}"
    button = ActButton(DROPPED, style.ref, label=tr("Delete it"), emoji="🗑️", style=discord.ButtonStyle.danger)
    return panel(ui.TextDisplay[Any](said), ui.ActionRow[Any](button))


def gone(style: Style) -> ui.LayoutView:
    """Say that a style was deleted."""
    return panel(ui.TextDisplay[Any](tr("{style} is deleted.", style=plain(style.name, 100))))


def imported(new: int, replaced: int) -> ui.LayoutView:
    """Say what a file brought."""
    if not replaced:
        said = trn(
            "Imported {count} style. `/style list` shows it.",
            "Imported {count} styles. `/style list` shows them.",
            new,
        )
    else:
        said = trn(
            "Imported {count} style, {replaced} in place of those with their names. `/style list` shows it.",
            "Imported {count} styles, {replaced} in place of those with their names. `/style list` "
            "shows them.",
            new + replaced,
            replaced=number(replaced),
        )
    return panel(ui.TextDisplay[Any](said))


def source_of(written: str) -> Source:
    """Return the source that a button names; the built-in styles where it names none."""
    return next((one for one in Source if one.value == written), Source.BUILT_IN)


def exported(text: str, count: int, source: Source) -> Post:
    """Hand styles over as a file."""
    file = discord.File(io.BytesIO(text.encode()), "easel-styles.json")
    which = trn("{count} style", "{count} styles", count)
    reads = tr("`/style import` reads this file, here and anywhere else.")
    said = f"### {strung([which, tr(WHOSE[source])])}\n{reads}"
    return Post(panel(ui.TextDisplay[Any](said), ui.File[Any](file)), [file])


def _buttons(style: Style, *, may_change: bool) -> list[ui.Item[Any]]:
    label = tr("Draw a preview") if may_change else tr("Try it")
    rows: list[ui.Item[Any]] = [
        ui.ActionRow[Any](
            ActButton(TRY, style.ref, label=label, emoji="🎨"),
            ActButton(USUAL, style.ref, label=tr("Use by default"), emoji="⭐"),
        )
    ]
    more = ui.ActionRow[Any]()
    if may_change:
        more.add_item(ActButton(EDIT, style.ref, label=tr("Edit…"), emoji="✏️"))
    if style.source is not Source.OWN:
        more.add_item(ActButton(COPY, style.ref, label=tr("Make my own copy…"), emoji="📄"))
    if may_change:
        more.add_item(ActButton(DROP, style.ref, label=tr("Delete…"), emoji="🗑️"))
    return [*rows, more]


def _how(style: Style) -> str:
    """Say how a style is used, and what of it can be chosen."""
    found = style.variables
    if not found:
        return tr("-# Draw in it with `/imagine` and `style: {style}`.", style=style.name)
    example = f"{style.name}; {found[0].name}=…"
    chosen = "\n".join(f"-# **{plain(one.name, 64)}** {_default(one)}" for one in found)
    return tr("-# Draw in it with `/imagine` and `style: {style}`.", style=example) + f"\n{chosen}"


def _default(variable: Variable) -> str:
    if variable.default is None:
        return tr("is asked for")
    return tr("is {value} if left out", value=plain(variable.default, 150))


def _goes_before(source: Source) -> str:
    """Say that a style hides another of its name."""
    return strung(["", tr("goes before the one {whose}", whose=tr(WHOSE[source]))])


def _line(style: Style) -> str:
    return f"**{plain(style.name, 100)}**" + (f" · {plain(_note(style), 300)}" if _note(style) else "")


def _suggestion(style: Style, more: str = "") -> str:
    found = [f"{one.name}=…" for one in style.variables]
    variables = f" {MARK} {'; '.join(found)}" if found else ""
    return cut(f"{style.name} {MARK} {tr(WHOSE[style.source])}{more}{variables}", 100)


def _note(style: Style) -> str:
    """Return what a style is good for; Easel's own are said in the reader's language."""
    return tr(style.note) if style.source is Source.BUILT_IN else style.note
