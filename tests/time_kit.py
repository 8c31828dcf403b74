"""Time for tests: wait for what is to happen, or move the loop's clock; never guess how long things take."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 120.0
"""Only a defect takes that long, on whatever machine."""


async def until(reached: Callable[[], object]) -> None:
    """Wait until something holds that nobody tells."""
    async with asyncio.timeout(PATIENCE_S):
        while not reached():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)


async def settle() -> None:
    """Let everything happen that waits for nothing outside the loop."""
    for _ in range(20):
        await asyncio.sleep(0)


class LoopClock:
    """The running loop's clock, which a test can move: timers of minutes fall due in no time."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        loop = asyncio.get_running_loop()
        real = loop.time
        loop.time = lambda: real() + self._ahead_s

    async def move(self, seconds: float) -> None:
        """Let so much time pass, and what falls due happen."""
        self._ahead_s += seconds
        await settle()


@pytest.fixture
async def loop_clock() -> LoopClock:
    return LoopClock()


def fastest_s(work: Callable[[], object], times: int = 5) -> float:
    """Return the processor time of the quickest of several runs, which others hardly disturb."""
    taken: list[float] = []
    for _ in range(times):
        began = time.thread_time()
        work()
        taken.append(time.thread_time() - began)
    return min(taken)
