"""Stands between the workshop and Discord for the jobs of batches, which are shown in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.domain.requests import Kind
from bot.services.presenter import Presenter
from bot.services.progress import Painter

if TYPE_CHECKING:
    from bot.domain.jobs import Job
    from bot.domain.results import Card, Result
    from bot.domain.standing import Glimpse
    from bot.errors import Cancelled, UserFacingError
    from bot.services.bells import Bells
    from bot.storage.batches import Batches


class Shows(Presenter, Painter, Protocol):
    """Whoever shows jobs that are no batch's."""


class Collector:
    """A presenter that keeps a batch's results for its pages, and passes on everything else.

    A result that could not be shown on its page, and is fetched by its owner, is passed on as well.
    """

    def __init__(self, shows: Shows, batches: Batches, bells: Bells) -> None:
        self._shows = shows
        self.batches = batches
        self.bells = bells

    async def present(self, result: Result) -> Card | None:
        """Leave a batch's result where it is and say that it is there; post any other."""
        if await self._collected(result.job, any_state=False):
            return None
        return await self._shows.present(result)

    async def apologise(self, job: Job, error: UserFacingError) -> bool:
        """Let a batch tell how its job ended; tell it of any other."""
        return await self._collected(job) or await self._shows.apologise(job, error)

    async def retract(self, job: Job, error: Cancelled) -> bool:
        """Let a batch tell that its job was called off; tell it of any other."""
        return await self._collected(job) or await self._shows.retract(job, error)

    async def withheld(self, job: Job) -> None:
        """Let a batch tell that moderators look at a job's pictures."""
        await self._collected(job)

    async def repaint(self, job: Job, glimpse: Glimpse) -> bool:
        """Show how far a job has come, unless it is a batch's: that has no card of its own."""
        return job.request.kind is not Kind.BATCH and await self._shows.repaint(job, glimpse)

    async def _collected(self, job: Job, *, any_state: bool = True) -> bool:
        if job.request.kind is not Kind.BATCH:
            return False
        batch_id = await self.batches.of_job(job.id, any_state=any_state)
        if batch_id is None:
            return False
        self.bells.ring(batch_id)
        return True
