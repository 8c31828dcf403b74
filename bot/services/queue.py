"""Whose turn it is: a fair line in front of the workshop, over jobs that live in the database."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.domain.jobs import Job
    from bot.telemetry.metrics import Metrics

    CarryOut = Callable[[int], Coroutine[Any, Any, None]]

log = structlog.get_logger(__name__)


class JobQueue:
    """Starts at most `max_running` jobs at once, in turn over the people who wait.

    It holds no more than ids: every job is a row, and the next start takes up what was left here.
    """

    def __init__(self, carry_out: CarryOut, *, max_running: int, metrics: Metrics) -> None:
        self._carry_out = carry_out
        self._max_running = max_running
        self._waiting: OrderedDict[int, deque[int]] = OrderedDict()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._closed = False
        self._metrics = metrics

    def __len__(self) -> int:
        """Return how many jobs wait."""
        return sum(len(line) for line in self._waiting.values())

    @property
    def running(self) -> int:
        """Return how many jobs run."""
        return len(self._running)

    def put(self, job: Job) -> None:
        """Let a job wait for its turn. After `drain` it stays in the database for the next start."""
        self._waiting.setdefault(job.user_id, deque()).append(job.id)
        self._metrics.queue_length.set(len(self))
        self._fill()

    async def drain(self, timeout_s: float) -> None:
        """Start nothing more, give running jobs some time, and stop the rest; they are resumed later."""
        self._closed = True
        tasks = set(self._running.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=timeout_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        log.info("drained", finished=len(tasks) - len(late), left=len(late) + len(self))

    def _fill(self) -> None:
        while self._waiting and not self._closed and len(self._running) < self._max_running:
            person, line = self._waiting.popitem(last=False)
            job_id = line.popleft()
            if line:
                self._waiting[person] = line
            task = asyncio.create_task(self._carry_out(job_id), name=f"job-{job_id}")
            self._running[job_id] = task
            self._metrics.queue_length.set(len(self))
            task.add_done_callback(lambda done, job_id=job_id: self._finish(job_id, done))

    def _finish(self, job_id: int, task: asyncio.Task[None]) -> None:
        """Make room. A job that broke off keeps its state, and the next start takes it up from there."""
        del self._running[job_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("job broke off", job=job_id, exc_info=error)
        self._fill()
