"""Results that could not be shown: their owner fetches them, or they are let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.domain.jobs import SHELF_LIFE
from bot.errors import NotFound, TooLate
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.jobs import Origin
    from bot.domain.requests import Requester
    from bot.services.queue import JobQueue
    from bot.services.sweeper import Sweeper
    from bot.services.workshop import Workshop
    from bot.storage.jobs import Jobs
    from bot.storage.shelf import Shelf as Rows

log = structlog.get_logger(__name__)


class Shelf:
    """Hands waiting results to their owners, who are charged only then, and clears what nobody fetches."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        rows: Rows,
        sweeper: Sweeper,
        queue: JobQueue,
        workshop: Workshop,
        clock: Callable[[], datetime],
    ) -> None:
        self._jobs = jobs
        self._rows = rows
        self._sweeper = sweeper
        self._queue = queue
        self._workshop = workshop
        self._clock = clock

    async def fetch(self, job_id: int, who: Requester, origin: Origin) -> None:
        """Show a waiting result as the answer to another interaction, or raise NotFound or TooLate."""
        job = await self._jobs.get(job_id)
        if job is None or job.user_id != who.user_id:
            raise NotFound(tr("These pictures are no longer here. Start again with /imagine."))
        if not await self._rows.take(job_id, origin, self._clock()):
            raise TooLate(
                tr("These pictures were shown already, are on their way, or were kept for too long.")
            )
        self._queue.hurry(job)

    async def clear(self) -> None:
        """Let go of what nobody fetched in time: its owner is not charged, and its pictures go."""
        for job_id in await self._rows.asked_before(self._clock() - SHELF_LIFE):
            if await self.drop(job_id):
                log.info("nobody fetched it", job=job_id)

    async def drop(self, job_id: int) -> bool:
        """Let a waiting result go, without a charge; False where it does not wait."""
        if not await self._workshop.let_go(job_id):
            return False
        if await self._jobs.forget_pictures(job_id):
            await self._sweeper.sweep_soon()
        return True
