"""Small facts about this installation that outlive a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.storage.database import Database

GET = "SELECT value FROM meta WHERE key = :key"
SET = """
    INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
SET_ONCE = "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING"


class Meta:
    """Text by key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """Return a value, or None."""
        rows = await self._database.read(GET, {"key": key})
        return rows[0]["value"] if rows else None

    async def set(self, key: str, value: str) -> None:
        """Set a value."""
        await self._database.change(SET, {"key": key, "value": value})

    async def get_or_create(self, key: str, make: Callable[[], str]) -> str:
        """Return a value, made on first use; all who ask get the same one, then and later."""
        known = await self.get(key)
        if known is not None:
            return known
        value = make()

        def work(connection: sqlite3.Connection) -> str:
            connection.execute(SET_ONCE, {"key": key, "value": value})
            return connection.execute(GET, {"key": key}).fetchone()["value"]

        return await self._database.write(work)
