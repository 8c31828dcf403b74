"""A watch over the event loop: how late it is, and where it stands still."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

EVERY_S = 0.25
STALL_S = 0.1
"""A stall that people begin to feel, and that a test of the pictures' room must never reach."""
FRAMES = 12
"""Of the stack that is logged, from the innermost out."""


@asynccontextmanager
async def watched_loop(
    metrics: Metrics, *, every_s: float = EVERY_S, stall_s: float = STALL_S
) -> AsyncGenerator[None]:
    """Measure the running loop's lag while the block runs; a stall is logged with the stack it stands at."""
    watch = _Watch(every_s + stall_s)
    task = asyncio.create_task(_measure(metrics, watch, every_s, stall_s), name="loop-lag")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(watch.end)


async def _measure(metrics: Metrics, watch: _Watch, every_s: float, stall_s: float) -> None:
    """Ask for a moment, and see how late it comes."""
    clock = asyncio.get_running_loop().time
    while True:
        watch.beat()
        due = clock() + every_s
        await asyncio.sleep(every_s)
        lag_s = max(0.0, clock() - due)
        metrics.loop_lag_seconds.observe(lag_s)
        if lag_s >= stall_s:
            log.warning("the event loop stood still for %.0f ms", lag_s * 1000)


class _Watch:
    """A thread that expects a beat of the loop's, and looks at its stack where none comes."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._loop_thread = threading.get_ident()
        self._beaten = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._look, name="loop-watch", daemon=True)
        self._thread.start()

    def beat(self) -> None:
        """Tell that the loop runs."""
        self._beaten.set()

    def end(self) -> None:
        """Stop looking."""
        self._ended = True
        self._beaten.set()
        self._thread.join()

    def _look(self) -> None:
        self._beaten.wait()
        while not self._ended:
            self._beaten.clear()
            if not self._beaten.wait(self._patience_s):
                self._say()
                self._beaten.wait()

    def _say(self) -> None:
        """Log what the loop's thread is doing; a stack shows code, and no values."""
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the one way to another thread's stack
        if frame is not None:
            stack = "".join(traceback.format_stack(frame, FRAMES))
            log.warning("the event loop stands still at:\n%s", stack)
