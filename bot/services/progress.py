"""What people see while they wait: their place in the line, and pictures as they sharpen."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.domain.standing import NOWHERE, Glimpse, Standing
from bot.texts import speaking

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.calls import PictureBytes
    from bot.domain.jobs import Job

log = structlog.get_logger(__name__)
INTERVAL_S = 2.0
"""The least time between two edits of one card."""
MAX_EDITS = 8
"""Cards that are edited at the same time; results have their own way and never wait for these."""
LAST_EDIT_S = 3.0
"""How long a result waits for an edit under way."""
ETA_STEP_S = 10.0
"""By how much an expected time has to move before it is worth an edit."""
AGAIN_STEP_S = 2.0
"""By how much the moment has to move at which a busy model is asked once more."""


class Painter(Protocol):
    """Edits the card of a job that is not done."""

    async def repaint(self, job: Job, glimpse: Glimpse) -> bool:
        """Show how far a job has come; False where its card cannot be edited any more."""
        ...


@dataclass(slots=True, eq=False)
class _Watch:
    job: Job
    standing: Callable[[], Standing]
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    pictures: dict[int, PictureBytes] = field(default_factory=dict["int", "PictureBytes"])
    again_at: datetime | None = None
    shown: Glimpse | None = None
    task: asyncio.Task[None] | None = None
    is_painting: bool = False
    is_over: bool = False

    def glimpse(self) -> Glimpse:
        """Return what could be shown now: of a busy model when it is asked again, and no place or time."""
        pictures = tuple(picture for _, picture in sorted(self.pictures.items()))
        standing = self.standing()
        if self.again_at is not None:
            standing = Standing(standing.running_since, again_at=self.again_at)
        return Glimpse(standing, pictures)


class Progress:
    """Keeps the cards of jobs under way up to date: seldom, only with news, and never after the result."""

    def __init__(
        self,
        painter: Painter,
        *,
        interval_s: float = INTERVAL_S,
        may_edit: Callable[[], bool] = lambda: True,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._painter = painter
        self._interval_s = interval_s
        self._may_edit = may_edit
        self._clock = clock
        self._sleep = sleep
        self._slots = asyncio.Semaphore(MAX_EDITS)
        self._watches: dict[int, _Watch] = {}
        self._leaving: Callable[[int], None] | None = None

    def tell(self, leaving: Callable[[int], None]) -> None:
        """Call `leaving` for each job for which nothing is drawn any more."""
        self._leaving = leaving

    def follow(self, job: Job, standing: Callable[[], Standing], shown: Glimpse | None = None) -> None:
        """Show where a job stands, from now until `leave`; some may be `shown` already."""
        watch = self._watch(job, standing)
        watch.shown = watch.shown or shown
        watch.changed.set()

    def moved(self) -> None:
        """Note that the line has moved."""
        for watch in self._watches.values():
            watch.changed.set()

    def sharpened(self, job: Job, ordinal: int, picture: PictureBytes) -> None:
        """Note how the picture of a job's call looks so far."""
        watch = self._watch(job, partial(_under_way, job))
        watch.pictures[ordinal] = picture
        watch.changed.set()

    def held_up(self, job: Job, again_at: datetime | None) -> None:
        """Note when a job's model, which was busy, is asked once more; None once it was."""
        if again_at != self.again_at(job.id):
            watch = self._watch(job, partial(_under_way, job))
            watch.again_at = again_at
            watch.changed.set()

    def again_at(self, job_id: int) -> datetime | None:
        """Return when a job's model is asked once more, where it was busy."""
        watch = self._watches.get(job_id)
        return None if watch is None else watch.again_at

    async def leave(self, job_id: int) -> None:
        """Edit a job's card no more: when this returns none is under way, but for one that takes too long.

        That one the painter sees to: Discord may carry it out after what follows.
        """
        if self._leaving is not None:
            self._leaving(job_id)
        watch = self._watches.pop(job_id, None)
        if watch is None or watch.task is None:
            return
        watch.is_over = True
        try:
            if watch.is_painting:
                await asyncio.wait({watch.task}, timeout=LAST_EDIT_S)
        finally:
            watch.task.cancel()
            await asyncio.wait({watch.task})

    async def aclose(self) -> None:
        """Edit nothing any more."""
        await asyncio.gather(*(self.leave(job_id) for job_id in tuple(self._watches)))

    def _watch(self, job: Job, standing: Callable[[], Standing]) -> _Watch:
        watch = self._watches.get(job.id)
        if watch is None:
            watch = self._watches[job.id] = _Watch(job, standing)
            watch.task = asyncio.create_task(self._keep(watch), name=f"progress-{job.id}")
            watch.task.add_done_callback(partial(self._ended, watch))
        return watch

    async def _keep(self, watch: _Watch) -> None:
        """Edit a card whenever there is news, until it is over or cannot be edited."""
        while not watch.is_over:
            await self._sleep(self._interval_s)
            await self._news_of(watch)
            async with self._slots:
                glimpse = watch.glimpse()
                if not _is_news(glimpse, watch.shown, self._clock()) or not self._may_edit():
                    continue
                watch.is_painting = True
                with speaking(watch.job.language):
                    goes_on = await self._painter.repaint(watch.job, glimpse)
                watch.is_painting = False
            watch.shown = glimpse
            if not goes_on:
                return

    async def _news_of(self, watch: _Watch) -> None:
        """Wait until something has changed, or the time is over at which it was expected."""
        left_s = None
        if watch.shown is not None and (ready_at := watch.shown.standing.ready_at) is not None:
            left_s = (ready_at - self._clock()).total_seconds()
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await watch.changed.wait()
        watch.changed.clear()

    def _ended(self, watch: _Watch, task: asyncio.Task[None]) -> None:
        watch.is_painting = False
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("progress not shown", job=watch.job.id, exc_info=error)


def _under_way(job: Job) -> Standing:
    return Standing(running_since=job.created_at)


def _is_news(now: Glimpse, shown: Glimpse | None, at: datetime) -> bool:
    """Tell whether there is something to show that is not shown yet, or something that is over."""
    if now.pictures and (shown is None or now.pictures != shown.pictures):
        return True
    if now.standing == NOWHERE:
        return False
    if shown is None or now.standing.position != shown.standing.position:
        return True
    if now.standing.is_left != shown.standing.is_left:
        return True
    if _moved(now.standing.again_at, shown.standing.again_at, AGAIN_STEP_S):
        return True
    if _is_over(shown.standing, at) and not _is_close(now.standing, at):
        return True
    return now.standing.position is not None and _moved(
        now.standing.ready_at, shown.standing.ready_at, ETA_STEP_S
    )


def _is_over(standing: Standing, at: datetime) -> bool:
    """Tell whether something was expected earlier than now."""
    return standing.ready_at is not None and standing.ready_at <= at


def _is_close(standing: Standing, at: datetime) -> bool:
    """Tell whether something is expected so soon that saying so would be over when it is read."""
    return standing.ready_at is not None and (standing.ready_at - at).total_seconds() < INTERVAL_S


def _moved(now: datetime | None, shown: datetime | None, step_s: float) -> bool:
    if now is None or shown is None:
        return now is not shown
    return abs((now - shown).total_seconds()) >= step_s
