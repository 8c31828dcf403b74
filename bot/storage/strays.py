"""Bytes without a holder: those that are being stored, and those that are let go until they are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import pictures
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from bot.storage.blobs import Blobs
    from bot.storage.database import Database

STORING = "INSERT INTO storing (blob, since, is_left) VALUES (:blob, :now, 0)"
"""A trigger takes it away once a picture or a turn has these bytes."""
LEAVE = "UPDATE storing SET is_left = 1, since = :now WHERE since < :before AND is_left = 0 RETURNING blob"
ABANDONED = "DELETE FROM storing WHERE since < :before RETURNING blob"
LOOSEN = "INSERT INTO loose_blob (blob) VALUES (:blob) ON CONFLICT (blob) DO NOTHING"
LOOSE = "SELECT blob FROM loose_blob WHERE blob > :after ORDER BY blob LIMIT :most"
FREED = "DELETE FROM loose_blob WHERE blob = :blob"


class Strays:
    """The bytes that no picture and no turn holds, by their names, so that a power cut leaves none behind."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def follow(self, blobs: Blobs, clock: Callable[[], datetime]) -> None:
        """Hear from now on what is about to be stored and what is deleted."""
        blobs.when_storing = lambda blob: self.storing(blob, clock())
        blobs.when_freed = self.freed

    async def storing(self, blob: str, now: datetime) -> None:
        """Note that bytes are about to be stored, before they are."""
        await self._database.change(STORING, {"blob": blob, "now": to_micros(now)})

    async def leave(self, before: datetime, now: datetime) -> bool:
        """Let go what an earlier process was storing without a holder, and tell whether there was any.

        It is let go once more by `abandon`: a bucket may carry out late what it was given.
        """
        return await self._let_go(LEAVE, {"before": to_micros(before), "now": to_micros(now)})

    async def abandon(self, before: datetime) -> bool:
        """Let go what was being stored before a moment and has no holder; tell whether there was any."""
        return await self._let_go(ABANDONED, {"before": to_micros(before)})

    async def _let_go(self, sql: str, values: dict[str, int | None]) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            blobs = {row["blob"] for row in connection.execute(sql, values).fetchall()}
            return bool(let_go(connection, sorted(blobs)))

        return await self._database.write(work)

    async def loose(self, most: int, *, after: str = "") -> tuple[str, ...]:
        """Return bytes that are to be deleted, by their names, from those after one."""
        rows = await self._database.read(LOOSE, {"most": most, "after": after})
        return tuple(row["blob"] for row in rows)

    async def is_held_again(self, blob: str) -> bool:
        """Tell whether somebody holds bytes again; then they are not to be deleted any more."""

        def work(connection: sqlite3.Connection) -> bool:
            if not pictures.is_held(connection, blob):
                return False
            connection.execute(FREED, {"blob": blob})
            return True

        return await self._database.write(work)

    async def freed(self, blobs: Iterable[str]) -> None:
        """Note that bytes are deleted."""
        gone = [{"blob": blob} for blob in blobs]
        await self._database.write(lambda connection: connection.executemany(FREED, gone).rowcount)


def let_go(connection: sqlite3.Connection, blobs: Iterable[str]) -> tuple[str, ...]:
    """Write down which bytes nobody holds any more, and return these."""
    loose = tuple(blob for blob in blobs if not pictures.is_held(connection, blob))
    for blob in loose:
        connection.execute(LOOSEN, {"blob": blob})
    return loose
