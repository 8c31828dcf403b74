"""Deletes the bytes that nobody holds any more, from the list that the database keeps of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.storage.blobs import Blobs
    from bot.storage.erasures import Erasures

AT_ONCE = 100


class Sweeper:
    """Empties the list; what a power cut leaves on it goes the next time."""

    def __init__(self, rows: Erasures, blobs: Blobs) -> None:
        self._rows = rows
        self._blobs = blobs

    async def sweep(self) -> int:
        """Delete all that is on the list, and return how much that was; what is held again stays."""
        total = 0
        while loose := await self._rows.loose(AT_ONCE):
            for blob in loose:
                if not await self._rows.is_held_again(blob):
                    await self._blobs.delete(blob)
                    await self._rows.freed(blob)
                    total += 1
        return total
