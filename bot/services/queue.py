"""Whose turn it is: a fair line in front of the workshop, over jobs that live in the database."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from bot.domain.jobs import Job
    from bot.telemetry.metrics import Metrics

    CarryOut = Callable[[int], Coroutine[Any, Any, None]]

log = structlog.get_logger(__name__)


class JobQueue:
    """Starts at most `max_running` jobs at once, in turn over the people who wait.

    It holds no more than ids: every job is a row, and the next start takes up what was left here. A job that
    breaks off (Discord down for long, a full disk, a mistake of ours) keeps its state and is taken up again
    after `retry_s`; after the last of these it is handed to `give_up`.
    """

    def __init__(
        self,
        carry_out: CarryOut,
        give_up: CarryOut,
        *,
        max_running: int,
        metrics: Metrics,
        retry_s: Sequence[float] = (2.0, 30.0, 300.0),
    ) -> None:
        self._carry_out = carry_out
        self._give_up = give_up
        self._retry_s = tuple(retry_s)
        self._breaks: Counter[int] = Counter()
        self._later: dict[int, asyncio.TimerHandle] = {}
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
        self._line_up(job.id, job.user_id)

    async def drain(self, timeout_s: float) -> None:
        """Start nothing more, give running jobs some time, and stop the rest; they are resumed later."""
        self._closed = True
        for timer in self._later.values():
            timer.cancel()
        tasks = set(self._running.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=timeout_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        log.info("drained", finished=len(tasks) - len(late), left=len(late) + len(self))

    def _line_up(self, job_id: int, person: int) -> None:
        self._later.pop(job_id, None)
        self._waiting.setdefault(person, deque()).append(job_id)
        self._fill()
        self._metrics.queue_length.set(len(self))

    def _fill(self) -> None:
        while self._waiting and not self._closed and len(self._running) < self._max_running:
            person, line = self._waiting.popitem(last=False)
            job_id = line.popleft()
            if line:
                self._waiting[person] = line
            hopeless = self._breaks[job_id] > len(self._retry_s)
            work = self._give_up if hopeless else self._carry_out
            task = asyncio.create_task(work(job_id), name=f"job-{job_id}")
            self._running[job_id] = task
            task.add_done_callback(partial(self._finish, job_id, person))

    def _finish(self, job_id: int, person: int, task: asyncio.Task[None]) -> None:
        """Make room; a job that broke off comes back later."""
        del self._running[job_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("job broke off", job=job_id, exc_info=error)
            self._breaks[job_id] += 1
            self._come_back(job_id, person)
        else:
            del self._breaks[job_id]
        self._fill()
        self._metrics.queue_length.set(len(self))

    def _come_back(self, job_id: int, person: int) -> None:
        breaks = self._breaks[job_id]
        if breaks > len(self._retry_s) + 1 or self._closed:
            return  # not even giving it up worked: the next start takes it up
        wait_s = self._retry_s[breaks - 1] if breaks <= len(self._retry_s) else 0.0
        self._later[job_id] = asyncio.get_running_loop().call_later(wait_s, self._line_up, job_id, person)
