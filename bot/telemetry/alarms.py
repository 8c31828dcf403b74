"""What the operator has to act on: logged, counted, and said to them in Discord, seldom."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.telemetry.metrics import Alarm, Metrics

log = structlog.get_logger(__name__)
QUIET_FOR = timedelta(hours=6)
"""For how long an alarm of a kind is not raised again."""


class Alarms:
    """Raises alarms; whoever reaches the operator takes them from here."""

    def __init__(self, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._metrics = metrics
        self._clock = clock
        self._raised_at: dict[Alarm, datetime] = {}
        self._untold: asyncio.Queue[str] = asyncio.Queue()

    def sound(self, kind: Alarm, says: str) -> None:
        """Raise an alarm: one sentence that says what is wrong and what to do."""
        now, before = self._clock(), self._raised_at.get(kind)
        if before is not None and now - before < QUIET_FOR:
            return
        self._raised_at[kind] = now
        self._metrics.alarms.labels(kind).inc()
        log.error("alarm", kind=kind, says=says)
        self._untold.put_nowait(says)

    async def next(self) -> str:
        """Return what the operator was not told yet, waiting for it."""
        return await self._untold.get()
