"""The pages of /gallery, what they can be downloaded as, and the card that asks for favourites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.texts import day, isolated, mark, quoted, strung, tr, trn
from bot.ui.cards import FAVOURITE, alt_text, panel
from bot.ui.covers import left_out
from bot.ui.posts import Post
from bot.ui.press import ActButton, PickMenu
from bot.ui.prints import Unseen
from bot.ui.text import cut, plain, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.domain.gallery import Bundle, Find, Page, Search
    from bot.domain.images import Picture

TURN, OPEN, PACK = "gallery", "galleryopen", "gallerypack"
NEWER, OLDER = "newer", "older"
FAVOURITES = mark("your favourites")
PROMPT_SHOWN = 110
"""Characters of a prompt; nine of them, and what is beside them, fit into a message of 4,000."""
UNSEEN = {
    Unseen.GONE: mark("its file is no longer here"),
    Unseen.AWAY: mark("its file cannot be fetched right now"),
    Unseen.APART: mark("shown only in age-restricted channels"),
}
NOTHING = mark("Nothing yet. Draw something with `/imagine`, and it is found here.")
NO_FAVOURITES = mark(
    "You have no favourites here yet. Press **Favourite** on a card to keep its pictures at hand."
)
NOT_FOUND = mark("Nothing was found. Try fewer words, or look without a filter.")
ELSEWHERE = mark("-# What you drew elsewhere is found by `/gallery` in a direct message to Easel.")
NOT_YET = mark("-# Many pictures here are not for you to see. **Older** looks further back.")


def page(
    search_id: int,
    search: Search,
    found: Page,
    previews: Sequence[discord.File | Unseen],
    *,
    in_server: bool,
) -> Post:
    """Show some of what was found; each can be opened, all can be downloaded."""
    files = [file for file in previews if isinstance(file, discord.File)]
    parts: list[ui.Item[Any]] = [ui.TextDisplay(_heading(search, in_server=in_server))]
    if files:
        parts.append(_pictures(found.finds, previews))
    shown = [
        _line(n, find, file if isinstance(file, Unseen) else None)
        for n, (find, file) in enumerate(zip(found.finds, previews, strict=True), start=1)
    ]
    if not shown and found.is_full:
        shown = [_nothing(search) + (f"\n{tr(ELSEWHERE)}" if in_server else "")]
    if not found.is_full:
        shown.append(tr(NOT_YET))
    parts.append(ui.TextDisplay("\n".join(shown)))
    if found.finds:
        parts.append(ui.ActionRow[Any](_menu(found.finds)))
    if buttons := _turns(search_id, found):
        parts.append(ui.ActionRow[Any](*buttons))
    return Post(panel(*parts), files)


def _nothing(search: Search) -> str:
    """Say why a page is empty, and what to do."""
    if not _filters(search):
        return tr(NOTHING)
    return tr(NO_FAVOURITES) if _filters(search) == [tr(FAVOURITES)] else tr(NOT_FOUND)


def _heading(search: Search, *, in_server: bool) -> str:
    """Say where is looked, and for what."""
    filters = _filters(search)
    where = tr("Pictures of this server") if in_server else tr("Your pictures")
    return f"### {where}" + (f"\n-# {' · '.join(filters)}" if filters else "")


def _filters(search: Search) -> list[str]:
    """Say what is looked for."""
    return [
        *([quoted(plain(search.words, 200))] if search.words else []),
        *([tr("of {person}", person=f"<@{search.of}>")] if search.of is not None else []),
        *([tr("style {style}", style=plain(search.style, 60))] if search.style is not None else []),
        *([tr("model {model}", model=plain(search.model, 60))] if search.model is not None else []),
        *([tr("since {when}", when=_day(search.since))] if search.since is not None else []),
        *([tr("before {when}", when=_day(search.until))] if search.until is not None else []),
        *([tr(FAVOURITES)] if search.favourites else []),
    ]


def _day(moment: datetime) -> str:
    return discord.utils.format_dt(moment, "f")


def _pictures(finds: Sequence[Find], previews: Sequence[discord.File | Unseen]) -> ui.MediaGallery[Any]:
    return ui.MediaGallery[Any](
        *(
            discord.MediaGalleryItem(
                file, description=alt_text(find.picture.caption or find.prompt, n, len(finds))
            )
            for n, (find, file) in enumerate(zip(finds, previews, strict=True), start=1)
            if isinstance(file, discord.File)
        )
    )


def _line(n: int, find: Find, unseen: Unseen | None) -> str:
    """Say what one picture is."""
    small = [f"<@{find.user_id}>"] if find.user_id else []
    small += [f"`{find.model_id}`"]
    small += [tr("style {style}", style=plain(find.style, 40))] if find.style is not None else []
    small += [tr("seed {seed}", seed=find.picture.seed)] if find.picture.seed is not None else []
    small += [discord.utils.format_dt(find.created_at, "d")]
    small += [tr(UNSEEN[unseen])] if unseen is not None else []
    star = " ⭐" if find.is_favourite else ""
    return f"**{n}.** {_words(find, PROMPT_SHOWN)}{star}\n-# {' · '.join(small)}"


def _words(find: Find, limit: int) -> str:
    shown = plain(" ".join(find.prompt.split()), limit).strip()
    return isolated(shown) or tr("A prompt without a visible character")


def _menu(finds: Sequence[Find]) -> PickMenu:
    options = [
        discord.SelectOption(
            label=cut(f"{n}. {visible(' '.join(find.prompt.split())) or tr('A picture')}", 100),
            value=find.picture.id,
            description=cut(strung([find.model_id, day(find.created_at)]), 100),
        )
        for n, find in enumerate(finds, start=1)
    ]
    return PickMenu(OPEN, options=options, placeholder=tr("Open a card"))


def _turns(search_id: int, found: Page) -> list[ActButton]:
    """Return the ways to other pages, where there are any, and to an archive of all of them."""
    buttons: list[ActButton] = []
    if found.newer is not None or found.older is not None:
        ways = ((NEWER, found.newer, tr("Newer"), "◀️"), (OLDER, found.older, tr("Older"), "▶️"))
        buttons += [
            ActButton(TURN, search_id, way, at or 0, label=label, emoji=emoji, disabled=at is None)
            for way, at, label, emoji in ways
        ]
    if found.finds:
        buttons.append(ActButton(PACK, search_id, label=tr("Download"), emoji="📦"))
    return buttons


def downloads(search_id: int, bundle: Bundle, files: Sequence[discord.File]) -> list[Post]:
    """Return a message for each zip file; the first says what is in them, the last goes on."""
    posts: list[Post] = []
    for n in range(max(1, len(files))):
        lines = _contents(bundle) if n == 0 else []
        lines += [tr("-# Part {number} of {count}", number=n + 1, count=len(files))] if len(files) > 1 else []
        items: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(lines))]
        items += [ui.File(file) for file in files[n : n + 1]]
        if n >= len(files) - 1 and bundle.older is not None:
            button = ActButton(PACK, search_id, bundle.older, label=tr("Download older ones"), emoji="📦")
            items.append(ui.ActionRow[Any](button))
        posts.append(Post(panel(*items), list(files[n : n + 1])))
    return posts


def _contents(bundle: Bundle) -> list[str]:
    """Say how many pictures are in an archive, and why others are not."""
    lines = [
        trn("### {count} picture", "### {count} pictures", bundle.count)
        + "\n"
        + tr("As they were drawn, with a list of what made them.")
    ]
    if bundle.missing:
        lines.append(
            trn(
                "-# {count} picture could not be read any more.",
                "-# {count} pictures could not be read any more.",
                bundle.missing,
            )
        )
    if bundle.apart:
        lines.append(left_out(bundle.apart))
    if bundle.too_large:
        lines.append(
            trn(
                "-# {count} picture over Discord's limit for a file: open the card instead.",
                "-# {count} pictures over Discord's limit for a file: open the card instead.",
                bundle.too_large,
            )
        )
    if bundle.older is not None:
        lines.append(tr("-# These are the newest. **Download older ones** goes on from there."))
    return lines


def choice(job_id: int, pictures: Sequence[Picture], favourites: Collection[str]) -> ui.LayoutView:
    """Ask which of a card's pictures are someone's favourites."""
    options = [
        discord.SelectOption(
            label=tr("Picture {number}", number=n), value=picture.id, default=picture.id in favourites
        )
        for n, picture in enumerate(pictures, start=1)
    ]
    menu = PickMenu(
        FAVOURITE, job_id, options=options, least=0, most=len(options), placeholder=tr("Which pictures?")
    )
    return panel(
        ui.TextDisplay[Any](tr("### Your favourites of this card") + "\n" + tr("-# Nobody else sees them.")),
        ui.ActionRow[Any](menu),
    )


def chosen(favourites: Collection[str], of: int) -> ui.LayoutView:
    """Say which of a card's pictures are favourites now."""
    if of == 1:
        text = tr("⭐ A favourite of yours now.") if favourites else tr("Not a favourite of yours any more.")
    else:
        text = trn(
            "⭐ Your favourites of this card: {favourites} of {count} picture.",
            "⭐ Your favourites of this card: {favourites} of {count} pictures.",
            of,
            favourites=len(favourites),
        )
    return panel(ui.TextDisplay[Any](f"{text}\n" + tr("-# `/gallery favourites: True` shows all you have.")))
