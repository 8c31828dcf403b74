"""Ends that the disk had no room for: what has happened is written down as soon as there is some."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import StorageTrouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Work = Callable[[], Awaitable[Any]]

log = structlog.get_logger(__name__)


class Unwritten:
    """Writes that wait for room, in their order; those of a process that ends are lost, its rows say so."""

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque()
        self._turn = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """Return how many writes wait."""
        return len(self._waiting)

    async def write(self, work: Work) -> bool:
        """Write something down now, or behind what waits already; False where it waits."""
        if not self._waiting and not self._turn.locked():
            try:
                await work()
            except StorageTrouble:
                log.warning("written once there is room")
            else:
                return True
        self._waiting.append(work)
        return False

    async def again(self) -> None:
        """Write down what waits, as far as there is room; what fails otherwise is let go, and raised."""
        async with self._turn:
            while self._waiting:
                work = self._waiting.popleft()
                try:
                    await work()
                except (StorageTrouble, asyncio.CancelledError) as error:
                    self._waiting.appendleft(work)
                    if isinstance(error, StorageTrouble):
                        return
                    raise
