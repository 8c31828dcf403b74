"""Deletes the bytes that nobody holds any more, from the list that the database keeps of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from bot.storage.blobs import Blobs
    from bot.storage.erasures import Erasures

log = structlog.get_logger(__name__)
AT_ONCE = 100


class Sweeper:
    """Empties the list; what a power cut leaves on it goes the next time."""

    def __init__(self, rows: Erasures, blobs: Blobs) -> None:
        self._rows = rows
        self._blobs = blobs

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
        await self._rows.freed(blob)
        return True
