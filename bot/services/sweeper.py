"""Deletes the bytes that nobody holds any more, from the list that the database keeps of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from datetime import datetime

    from bot.storage.blobs import Blobs
    from bot.storage.strays import Strays

log = structlog.get_logger(__name__)
AT_ONCE = 100
SOON_S = 1.0
"""How long somebody waits for a sweep at most; Discord waits three seconds for an answer."""


class Sweeper:
    """Empties the list; what a power cut leaves on it goes the next time."""

    def __init__(self, rows: Strays, blobs: Blobs) -> None:
        self._rows = rows
        self._blobs = blobs
        self._sweeping: set[asyncio.Task[int]] = set()

    async def sweep_soon(self) -> None:
        """Sweep, and keep nobody waiting for a store that is slow: then it goes on by itself."""
        sweeping = asyncio.create_task(self.sweep(), name="sweep")
        self._sweeping.add(sweeping)
        sweeping.add_done_callback(self._swept)
        await asyncio.wait({sweeping}, timeout=SOON_S)

    def _swept(self, sweeping: asyncio.Task[int]) -> None:
        self._sweeping.discard(sweeping)
        if not sweeping.cancelled() and (error := sweeping.exception()) is not None:
            log.error("not swept", exc_info=error)

    async def sweep_abandoned(self, before: datetime, began_at: datetime, now: datetime) -> None:
        """Delete what has no holder and was being stored before a moment, or by a process before this one."""
        was_left = await self._rows.leave(began_at, now)
        if await self._rows.abandon(before) or was_left:
            await self.sweep()

    async def sweep(self) -> int:
        """Delete all that is on the list, and return how much that was; what is held again stays.

        What the store does not let go stays on the list until the next time.
        """
        total, last = 0, ""
        while loose := await self._rows.loose(AT_ONCE, after=last):
            last = loose[-1]
            total += sum([await self._is_let_go(blob) for blob in loose])
        return total

    async def _is_let_go(self, blob: str) -> bool:
        if await self._rows.is_held_again(blob):
            return False
        try:
            await self._blobs.delete(blob)
        except OSError as error:
            log.warning("bytes not deleted yet", reason=str(error))
            return False
        await self._rows.freed([blob])
        return True
