"""The pictures that someone has at hand as references: by person and server, for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage.codec import to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.storage.database import Database

PUT = """
    INSERT INTO tray (user_id, guild_id, picture_id, added_at, expires_at)
    VALUES (:user_id, :guild_id, :picture_id, :now, :expires_at)
    ON CONFLICT (user_id, guild_id, picture_id)
    DO UPDATE SET added_at = excluded.added_at, expires_at = excluded.expires_at
"""
TRIM = """
    DELETE FROM tray WHERE user_id = :user_id AND guild_id = :guild_id AND picture_id NOT IN (
        SELECT picture_id FROM tray WHERE user_id = :user_id AND guild_id = :guild_id AND expires_at > :now
        ORDER BY added_at DESC, picture_id DESC LIMIT :most
    )
"""
LIST = """
    SELECT picture_id FROM tray WHERE user_id = :user_id AND guild_id = :guild_id AND expires_at > :now
    ORDER BY added_at, picture_id
"""
CLEAR = "DELETE FROM tray WHERE user_id = :user_id AND guild_id = :guild_id"


class Trays:
    """Everybody's trays; one of a server is not seen in another. Guild 0 is for direct messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        user_id: int,
        guild_id: int,
        picture_ids: Sequence[str],
        *,
        most: int,
        now: datetime,
        expires_at: datetime,
    ) -> None:
        """Put pictures on a tray; of more than `most` the oldest fall off, as does what has expired."""
        owner = _owner(user_id, guild_id, now)

        def work(connection: sqlite3.Connection) -> None:
            for picture_id in picture_ids:
                values = {**owner, "picture_id": picture_id, "expires_at": to_micros(expires_at)}
                connection.execute(PUT, values)
            connection.execute(TRIM, {**owner, "most": most})

        await self._database.write(work)

    async def list(self, user_id: int, guild_id: int, now: datetime) -> tuple[str, ...]:
        """Return the pictures on a tray, the first put first."""
        rows = await self._database.read(LIST, _owner(user_id, guild_id, now))
        return tuple(row["picture_id"] for row in rows)

    async def clear(self, user_id: int, guild_id: int) -> int:
        """Empty a tray; return how many pictures were on it."""
        return await self._database.change(CLEAR, {"user_id": user_id, "guild_id": guild_id})


def _owner(user_id: int, guild_id: int, now: datetime) -> dict[str, int]:
    return {"user_id": user_id, "guild_id": guild_id, "now": to_micros(now)}
