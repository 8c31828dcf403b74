"""Where pictures are worked on: a few threads, and a bound on the memory they take together."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from bot.errors import PictureUnusable, TooBusy
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MAX_JOB_S = 5.0
"""How long one picture may take, once its turn has come."""


class PicturePool:
    """Runs picture work off the event loop, in order of arrival, within a budget of bytes.

    A job heavier than the whole budget waits until nothing else runs, and then runs alone. Pillow releases
    the interpreter's lock, so one thread a core is all that helps.
    """

    def __init__(
        self, threads: int | None = None, budget_bytes: int = 256 * 1024 * 1024, max_job_s: float = MAX_JOB_S
    ) -> None:
        count = threads or os.cpu_count() or 1
        self._executor = ThreadPoolExecutor(count, thread_name_prefix="pictures")
        self._free_threads = count
        self._free_bytes = self._budget_bytes = budget_bytes
        self._max_job_s = max_job_s
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._running: set[asyncio.Future[Any]] = set()
        self._is_closed = False

    async def run(
        self, fn: Callable[[*Ts], T], *args: *Ts, weight_bytes: int, max_job_s: float | None = None
    ) -> T:
        """Run `fn(*args)` in a thread, and return or raise what it does.

        Raises PictureUnusable when it takes longer than `max_job_s`, by default the pool's own bound; making
        a paid picture fit may be worth more patience than reading a stranger's file. The thread cannot be
        stopped: it ends by itself, and keeps its place and its share of the budget until it does.
        """
        weight = min(weight_bytes, self._budget_bytes)
        await self._turn(weight)
        inside = copy_context().run  # so that what is wrong is said in the language of who asked
        job = asyncio.get_running_loop().run_in_executor(self._executor, inside, partial(fn, *args))
        self._running.add(job)
        job.add_done_callback(lambda done: self._end(done, weight))
        await asyncio.wait({job}, timeout=max_job_s or self._max_job_s)
        if not job.done():
            raise PictureUnusable(tr("That picture takes too long to read. Save it again as PNG or JPEG."))
        return job.result()

    async def aclose(self) -> None:
        """Refuse what waits, let what runs end within its time, and give the threads back."""
        self._is_closed = True
        for _, turn in self._waiting:
            if not turn.done():
                turn.set_result(None)
        self._waiting.clear()
        if self._running:
            await asyncio.wait(self._running, timeout=self._max_job_s)
        self._executor.shutdown(wait=False)

    async def _turn(self, weight: int) -> None:
        """Wait for a thread and for the bytes, first come, first served; both are taken on return."""
        self._refuse_if_closed()
        if not self._waiting and self._has_room(weight):
            self._take(weight)
        else:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append((weight, turn))
            try:
                await turn
            except asyncio.CancelledError:
                if not turn.cancelled():
                    self._give_back(weight)  # the turn had come just before
                self._admit()
                raise
            self._refuse_if_closed()

    def _refuse_if_closed(self) -> None:
        """Raise TooBusy once the pool is closed."""
        if self._is_closed:
            raise TooBusy(tr("Easel is closing for a moment. Try again in a minute."))

    def _has_room(self, weight: int) -> bool:
        """Tell whether a job of this weight may start now."""
        return self._free_threads > 0 and self._free_bytes >= weight

    def _take(self, weight: int) -> None:
        """Take a thread and bytes."""
        self._free_threads -= 1
        self._free_bytes -= weight

    def _give_back(self, weight: int) -> None:
        """Return a thread and bytes, and let those start who wait for them."""
        self._free_threads += 1
        self._free_bytes += weight
        self._admit()

    def _admit(self) -> None:
        """Let the first in line start, and the next, as long as there is room; nobody overtakes."""
        while self._waiting:
            weight, turn = self._waiting[0]
            if turn.cancelled():
                self._waiting.popleft()
            elif self._has_room(weight):
                self._waiting.popleft()
                self._take(weight)
                turn.set_result(None)
            else:
                return

    def _end(self, job: asyncio.Future[Any], weight: int) -> None:
        """Give back what a job held, whether or not anybody still waits for it."""
        self._running.discard(job)
        job.exception()  # seen: a job that was given up on must not be reported as never looked at
        self._give_back(weight)
