"""Finds pictures again: pages of what someone may see, archives of it, and favourites."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.gallery import Bundle, Page, Search, sought
from bot.domain.images import EXTENSIONS
from bot.domain.money import MICRO
from bot.domain.spoilers import APART, Venue, View
from bot.errors import KeptApart, NotFound
from bot.services.archive import Entry
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection, Sequence
    from datetime import datetime

    from bot.domain.gallery import Find
    from bot.domain.images import Picture
    from bot.domain.requests import Requester
    from bot.services.archive import Archive
    from bot.services.finding import Finding
    from bot.services.showing import Views
    from bot.storage.gallery import GalleryRows
    from bot.storage.searches import Searches

PAGE = 9
"""Pictures of a page: three rows of three."""
TRIES = 3
"""How often a page is made anew where its pictures turn out to be gone."""
NAMES_FROM = 500
"""Pictures of which styles and models are suggested: the newest."""
LIFE = timedelta(days=30)
"""How long the pages of a search can be turned; without a search they can for ever."""
EVERYTHING = 0
"""The id of the search for all there is, which need not be kept."""
MOST_PACKED = 200
MOST_PARTS = 6
"""Zip files of one archive: an answer and five more, which is what Discord allows someone's own app."""


class Gallery:
    """What can be found again, by whom."""

    def __init__(
        self,
        rows: GalleryRows,
        finding: Finding,
        searches: Searches,
        archive: Archive,
        views: Views,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._finding = finding
        self._searches = searches
        self._archive = archive
        self._views = views
        self._clock = clock

    async def begin(self, event_id: int, who: Requester, search: Search) -> int:
        """Keep a search, and return the id by which its pages are turned; BadInput where it says nothing."""
        if search.words:
            sought(search.words)
        if search == Search():
            return EVERYTHING
        now = self._clock()
        await self._searches.keep(event_id, who.user_id, search, now, now + LIFE)
        return event_id

    async def search(self, search_id: int, who: Requester) -> Search:
        """Return what somebody looks for, or raise NotFound where that was too long ago."""
        if search_id == EVERYTHING:
            return Search()
        search = await self._searches.get(search_id, who.user_id, self._clock())
        if search is None:
            raise NotFound(tr("These pages have expired. Use /gallery once more."))
        return search

    async def page(
        self, who: Requester, search: Search, *, before: int | None = None, after: int | None = None
    ) -> Page:
        """Return the page of what is older than `before`, or newer than `after`, or else the newest page.

        What turns out to be gone leaves no gap, unless more of it comes to light each time.
        """
        page, is_whole = await self._page(who, search, before, after)
        for _ in range(TRIES):
            if is_whole:
                break
            page, is_whole = await self._page(who, search, before, after)
        return page

    async def _page(
        self, who: Requester, search: Search, before: int | None, after: int | None
    ) -> tuple[Page, bool]:
        """Return a page, and whether nothing of it was found to be gone just now."""
        if after is not None:
            newer, _ = await self._finding.walk(who, search, after, PAGE + 1, goes_up=True)
            if len(newer) > PAGE:
                shown = newer[PAGE - 1 :: -1]
                finds = await self._finding.finds(shown, who)
                return Page(finds, newer=shown[0].id, older=shown[-1].id), len(finds) == len(shown)
            before = None
        older, goes_on_at = await self._finding.walk(who, search, before, PAGE + 1)
        shown = older[:PAGE]
        is_full = len(older) > PAGE or goes_on_at is None
        finds = await self._finding.finds(shown, who)
        page = Page(
            finds=finds,
            newer=(shown[0].id if shown else before) if before is not None else None,
            older=shown[-1].id if len(older) > PAGE else goes_on_at,
            is_full=is_full,
        )
        return page, len(finds) == len(shown)

    async def names(self, who: Requester) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the styles and the models of the newest pictures that someone finds here."""
        newest, _ = await self._finding.walk(who, Search(), None, NAMES_FROM)
        styles = dict.fromkeys(one.style for one in newest if one.style is not None)
        return tuple(styles), tuple(dict.fromkeys(one.model_id for one in newest))

    @asynccontextmanager
    async def packed(
        self, who: Requester, search: Search, name: str, most_bytes: int, before: int | None = None
    ) -> AsyncGenerator[Bundle]:
        """Yield zip files of what was found before an id, the newest first, for the block.

        Raise NotFound where nothing was found, or nothing that may be seen where this person is.
        """
        traces, goes_on_at = await self._finding.walk(who, search, before, MOST_PACKED + 1)
        finds = await self._finding.finds(traces[:MOST_PACKED], who)
        if not finds:
            raise NotFound(tr("There is nothing to download."))
        older = finds[-1].id if len(traces) > MOST_PACKED else goes_on_at
        views = await self._views([find.picture for find in finds], Venue(who.guild_id, who.is_among_adults))
        handed = [find for find, view in zip(finds, views, strict=True) if view is not View.APART]
        if not handed and older is None:
            raise KeptApart(tr(APART))
        async with self._archive.packed(
            [_entry(find) for find in handed], name=name, most_bytes=most_bytes, most_parts=MOST_PARTS
        ) as packed:
            yield Bundle(
                parts=packed.parts,
                count=packed.count,
                too_large=len(packed.too_large),
                missing=len(packed.missing),
                apart=len(finds) - len(handed),
                older=handed[-len(packed.rest)].id + 1 if packed.rest else older,
            )

    async def favourites(self, who: Requester, job_id: int) -> tuple[str, ...]:
        """Return which of a job's pictures are someone's favourites."""
        return await self._rows.favourites_of_job(who.user_id, job_id)

    async def set_favourites(
        self, who: Requester, pictures: Sequence[Picture], chosen: Collection[str]
    ) -> tuple[str, ...]:
        """Let the chosen of a card's pictures be someone's favourites, the others not; return which are now.

        Whether this person may see them has to be known already.
        """
        ids = [picture.id for picture in pictures]
        add, remove = [one for one in ids if one in chosen], [one for one in ids if one not in chosen]
        await self._rows.change_favourites(who.user_id, add, remove, self._clock())
        return await self.favourites(who, pictures[0].job_id)

    async def set_caption(self, picture_id: str, caption: str) -> bool:
        """Let a picture be found by what it shows, and be described so; False where it is not here."""
        return await self._rows.set_caption(picture_id, caption)


def _entry(find: Find) -> Entry:
    """Return a picture as an archive has it: its own bytes, and what made it."""
    picture = find.picture
    return Entry(
        filename=f"{find.created_at:%Y-%m-%d}-{picture.id}.{EXTENSIONS[picture.info.media_type]}",
        blob=picture.blob,
        facts=(
            ("prompt", find.prompt),
            ("caption", picture.caption),
            ("seed", picture.seed),
            ("model", find.model_id),
            ("style", find.style),
            ("cost_usd", find.cost_microusd / MICRO),
            ("date", find.created_at.isoformat(timespec="seconds")),
            ("width", picture.info.width),
            ("height", picture.info.height),
            ("card", str(picture.job_id)),
        ),
    )
