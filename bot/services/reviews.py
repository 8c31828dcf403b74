"""Decisions of moderators on pictures that wait, and what becomes of those that nobody decides on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.domain.images import Role
from bot.domain.reviews import Review, ReviewState
from bot.errors import NotFound, TooLate
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.services.gate import Gate
    from bot.storage.jobs import Jobs
    from bot.storage.pictures import Pictures
    from bot.storage.reviews import Reviews as Rows

log = structlog.get_logger(__name__)


class Reviews:
    """Ends reviews, each once. Who may decide is checked by who asks."""

    def __init__(
        self,
        *,
        rows: Rows,
        gate: Gate,
        jobs: Jobs,
        pictures: Pictures,
        clock: Callable[[], datetime],
        patience: timedelta,
    ) -> None:
        self._rows = rows
        self._gate = gate
        self._jobs = jobs
        self._pictures = pictures
        self.wakes: Callable[[Job], None] | None = None
        """Whoever lets a job go on; the queue, which stands on the gate, says so."""
        self._clock = clock
        self._patience = patience

    async def approve(self, job_id: int, guild_id: int, by: int) -> Review:
        """Let pictures be shown; raise NotFound, or TooLate where somebody has decided."""
        return await self._decide(job_id, guild_id, by, ReviewState.APPROVED, None)

    async def deny(self, job_id: int, guild_id: int, by: int, reason: str) -> Review:
        """Let pictures stay back, and give the money back; raise as `approve` does."""
        return await self._decide(job_id, guild_id, by, ReviewState.DENIED, reason or None)

    async def find(self, job_id: int, guild_id: int) -> Review:
        """Return a review that waits for a server's moderators, or raise as `approve` does."""
        review = await self.ended(job_id, guild_id)
        if review.state is not ReviewState.WAITING:
            raise _too_late(review)
        return review

    async def waiting(self, guild_id: int, most: int) -> tuple[tuple[Review, Job, tuple[Picture, ...]], ...]:
        """Return what waits for a server's moderators, with its pictures, the oldest first."""
        found: list[tuple[Review, Job, tuple[Picture, ...]]] = []
        for review in await self._rows.waiting(guild_id, most):
            job = await self._jobs.get(review.job_id)
            if job is not None:
                found.append((review, job, await self._pictures.of_job(job.id, Role.RESULT)))
        return tuple(found)

    async def tend(self) -> None:
        """Bring before moderators what was not, end what has waited too long, show what is decided.

        Cards that still ask about what has ended are closed.
        """
        for job, since in await self._rows.open():
            if job.review is not ReviewState.WAITING:
                self._wake(job)
            elif self._clock() - since > self._patience:
                await self._expire(job)
            else:
                await self._gate.bring(job, again=True)
        for job_id in await self._rows.left_open():
            await self._gate.close(job_id)

    async def _expire(self, job: Job) -> None:
        line = self._line(job, 0, "review.expired", None)
        if await self._rows.decide(job.id, ReviewState.EXPIRED, None, line):
            log.info("nobody looked at it", job=job.id)
            await self._gate.close(job.id)
            self._wake(job)

    def _wake(self, job: Job) -> None:
        if self.wakes is not None:
            self.wakes(job)

    async def _decide(
        self, job_id: int, guild_id: int, by: int, after: ReviewState, reason: str | None
    ) -> Review:
        await self.find(job_id, guild_id)
        job = await self._jobs.get(job_id)
        if job is None:
            raise NotFound(tr("These pictures are no longer here."))
        line = self._line(job, by, f"review.{after.value}", reason)
        if not await self._rows.decide(job_id, after, reason, line):
            await self.find(job_id, guild_id)
        review = await self.ended(job_id, guild_id)
        self._wake(job)
        await self._gate.close(job_id)
        return review

    async def ended(self, job_id: int, guild_id: int) -> Review:
        """Return how a review of a server has ended, or stands; raise NotFound."""
        review = await self._rows.get(job_id)
        if review is None or review.guild_id != guild_id:
            raise NotFound(tr("These pictures are no longer here."))
        return review

    def _line(self, job: Job, by: int, action: str, reason: str | None) -> AuditLine:
        detail = {"job": job.id, "reason": reason}
        return AuditLine(job.guild_id or 0, by, action, str(job.user_id), detail, self._clock())


def _too_late(review: Review) -> TooLate:
    if review.state is ReviewState.CALLED_OFF:
        return TooLate(tr("This request was called off, and its pictures are gone."))
    if review.state is ReviewState.EXPIRED:
        return TooLate(tr("These pictures waited for too long, and are gone."))
    return TooLate(tr("<@{moderator}> has decided on this already.", moderator=review.decided_by))
