"""Deletes what people, servers and their rules want to be gone: all of it, and nothing that is another's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.domain.privacy import BEGINNING, Erasure, Extent, Span, names_until
from bot.errors import NotFound, TooLate
from bot.storage.audit import AuditLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.privacy import Holdings
    from bot.services.sweeper import Sweeper
    from bot.storage.erasures import Erasures

log = structlog.get_logger(__name__)


class Work(Protocol):
    """What is under way and has to end before it can be deleted."""

    async def hush(self, user_id: int) -> bool:
        """Stop all answers to somebody, and wait until they have ended; False where some have not."""
        ...

    async def call_off_job(self, job_id: int) -> None:
        """Call a job off and give back what it holds, or raise NotFound or TooLate."""
        ...

    async def call_off_batch(self, batch_id: int) -> None:
        """Cancel a batch, or raise NotFound or TooLate."""
        ...


class Eraser:
    """Carries deletions out, one at a time; one that was broken off is gone on with."""

    def __init__(
        self, *, rows: Erasures, sweeper: Sweeper, work: Work, clock: Callable[[], datetime]
    ) -> None:
        self._rows = rows
        self._sweeper = sweeper
        self._work = work
        self._clock = clock
        self._alone = asyncio.Lock()

    async def holdings(self, erasure: Erasure) -> Holdings:
        """Return how much would be deleted."""
        return await self._rows.holdings(erasure)

    async def under_way(self, user_id: int) -> bool:
        """Tell whether something of a person's is being deleted."""
        return bool(await self._rows.left(user_id))

    async def erase_person(self, user_id: int, extent: Extent, since: datetime, before: datetime) -> bool:
        """Delete what is a person's of a stretch of time that has passed; False where some of it goes later.

        That is what is still being drawn. Once this is called, a restart goes on with it.
        """
        await self._work.hush(user_id)
        span = Span(since, min(before, self._clock()))
        return await self._begin(Erasure(extent, span, user_id=user_id))

    async def erase_server(self, guild_id: int) -> bool:
        """Delete all that is a server's; otherwise as `erase_person`."""
        now = self._clock()
        line = AuditLine(0, 0, "privacy.server_deleted", f"server:{guild_id}", {}, now)
        erasure = Erasure(Extent.EVERYTHING, Span(BEGINNING, now), guild_id=guild_id)
        return await self._begin(erasure, line)

    async def expire(self, days: int, *, user_id: int | None = None, guild_id: int | None = None) -> None:
        """Delete what a person or a server said and drew longer ago than some days."""
        moment = self._clock() - timedelta(days=days)
        erasure = Erasure(Extent.HISTORY, Span(BEGINNING, moment), user_id, guild_id)
        async with self._alone:
            await self._wipe(erasure)
            await self._rows.unname(erasure, names_until(self._clock()))
            await self._sweeper.sweep()

    async def resume(self) -> None:
        """Go on with every deletion that has not ended."""
        for erasure in await self._rows.left():
            await self._carry_out(erasure)
        await self._sweeper.sweep()

    async def close_books(self) -> None:
        """Take names from the books that had to wait for the end of the month."""
        for erasure in await self._rows.left(wiped=True):
            async with self._alone:
                await self._close(erasure)

    async def _begin(self, erasure: Erasure, line: AuditLine | None = None) -> bool:
        begun = await self._rows.begin(erasure, self._clock(), line)
        return await asyncio.shield(self._carry_out(begun))

    async def _carry_out(self, erasure: Erasure) -> bool:
        async with self._alone:
            is_quiet = await self._end_work(erasure)
            goes_on = await self._goes_on(erasure)  # before: what ends during the wipe may be left by it
            await self._wipe(erasure)
            await self._sweeper.sweep()
            if goes_on or not is_quiet:
                return False
            await self._rows.wiped(erasure)
            await self._close(erasure)
            return True

    async def _close(self, erasure: Erasure) -> None:
        """Take the name from the books where it may go, and end a deletion that has nothing left."""
        if await self._rows.unname(erasure, names_until(self._clock())):
            await self._rows.end(erasure)
            log.info("deletion ended", erasure=erasure.id)

    async def _end_work(self, erasure: Erasure) -> bool:
        """Call off what is under way; False where Easel still speaks, so that more is to be forgotten."""
        is_quiet = erasure.user_id is None or await self._work.hush(erasure.user_id)
        jobs, batches = await self._rows.unfinished(erasure)
        calls = [(self._work.call_off_batch, one) for one in batches]
        calls += [(self._work.call_off_job, one) for one in jobs]
        for call_off, one in calls:
            try:
                await call_off(one)
            except (NotFound, TooLate) as reason:
                log.info("ends by itself", id=one, reason=type(reason).__name__)
        return is_quiet

    async def _wipe(self, erasure: Erasure) -> None:
        while await self._rows.wipe(erasure):
            log.debug("some is wiped", erasure=erasure.id)

    async def _goes_on(self, erasure: Erasure) -> bool:
        return any(await self._rows.unfinished(erasure))
