"""Looks through the gallery for what someone may find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.gallery import may_find, may_tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.gallery import Find, Search, Trace
    from bot.domain.requests import Requester
    from bot.services.whereabouts import Whereabouts
    from bot.storage.gallery import GalleryRows

CHUNK = 100
ROUNDS = 30
"""So many rows are looked at for a page at most, times CHUNK; the page then says where to look on."""
MOST_HIDDEN = 300
"""Channels that are left out of a search by name; a server has up to 500."""


class Finding:
    """Walks through the rows of the gallery, and leaves out what is not for who asks."""

    def __init__(self, rows: GalleryRows, whereabouts: Whereabouts) -> None:
        self._rows = rows
        self.whereabouts = whereabouts

    async def told(self, who: Requester, search: Search, most: int, *, shared: bool) -> tuple[Find, ...]:
        """Return the newest that someone finds, to be told in words; where `shared`, no secret of theirs."""
        may = may_tell if shared else may_find
        traces, _ = await self.walk(who, search, None, most, may=may)
        return await self.finds(traces, who)

    async def walk(
        self,
        who: Requester,
        search: Search,
        start: int | None,
        most: int,
        *,
        goes_up: bool = False,
        may: Callable[[Trace, Requester], bool] = may_find,
    ) -> tuple[list[Trace], int | None]:
        """Return what someone finds from an id on, and where to look on if looking was broken off."""
        found: list[Trace] = []
        hidden: set[int] = set()
        at = start
        for n in range(ROUNDS):
            size = CHUNK if n else min(CHUNK, 2 * most)  # mostly nothing is hidden
            if goes_up:
                traces = await self._rows.newer(search, who, at or 0, hidden, size)
            else:
                traces = await self._rows.older(search, who, at, hidden, size)
            for trace in traces:
                at = trace.id
                if may_find(trace, who):
                    if not may(trace, who):
                        continue
                    found.append(trace)
                    if len(found) == most:
                        return found, None
                elif len(hidden) < MOST_HIDDEN:
                    hidden.add(trace.channel_id)
            if len(traces) < size:
                return found, None
        return found, at

    async def finds(self, traces: Sequence[Trace], who: Requester) -> tuple[Find, ...]:
        """Return what is still there of what was found, and where others see it, as someone sees it."""
        finds = await self._rows.finds([trace.id for trace in traces], who.user_id)
        return await self.whereabouts.standing(finds, who)
