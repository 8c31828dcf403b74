"""A watch over the event loop: how late it is, and a word when it stalls."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

EVERY_S = 0.25
STALL_S = 0.1
"""A stall that people begin to feel, and that a test of the pictures' room must never reach."""


@asynccontextmanager
async def watched_loop(
    metrics: Metrics, *, every_s: float = EVERY_S, stall_s: float = STALL_S
) -> AsyncGenerator[None]:
    """Measure the running loop's lag while the block runs; stalls are logged."""
    task = asyncio.create_task(_watch(metrics, every_s, stall_s), name="loop-lag")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(metrics: Metrics, every_s: float, stall_s: float) -> None:
    """Ask for a moment, and see how late it comes."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + every_s
        await asyncio.sleep(every_s)
        lag_s = max(0.0, clock() - due)
        metrics.loop_lag_seconds.observe(lag_s)
        if lag_s >= stall_s:
            log.warning("the event loop stood still for %.0f ms", lag_s * 1000)
