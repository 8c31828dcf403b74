"""Answers that people wait for, and the ways to them: kept until each is given."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.asks import Owed, Purpose
from bot.storage.codec import from_micros, to_micros
from bot.storage.job_rows import origin_from_row, origin_to_values

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.database import Database

REMEMBERED = timedelta(hours=1)
"""How long a click is known when it comes again; Discord repeats within minutes."""
INSERT = """
    INSERT INTO owed
        (id, user_id, guild_id, channel_id, purpose, private, language, application_id, token,
        token_expires_at, upload_limit_bytes, can_post_in_channel, owner, created_at)
    VALUES (:id, :user_id, :guild_id, :channel_id, :purpose, :private, :language, :application_id, :token,
        :token_expires_at, :upload_limit_bytes, :can_post_in_channel, :owner, :created_at)
    ON CONFLICT (id) DO NOTHING
"""
HEAR = "INSERT INTO heard (id, at) VALUES (:id, :created_at) ON CONFLICT (id) DO NOTHING"
UNHEAR = "DELETE FROM heard WHERE at < :before"
GIVEN = "DELETE FROM owed WHERE id = :id"
LEFT = """
    UPDATE owed SET owner = :owner WHERE owner <> :owner AND (created_at < :before OR :is_alone = 1)
    AND (token = '') = :of_messages RETURNING *
"""
UNCLAIM = """
    UPDATE privacy_choice SET exported_at = NULL WHERE user_id = :user_id AND exported_at >= :created_at
"""


class OwedAnswers:
    """What one process, `owner`, owes, and what those before it did."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def owe(self, owed: Owed) -> bool:
        """Note an answer that somebody waits for; False where the same click was heard before."""
        values = {
            "id": owed.id,
            "user_id": owed.user_id,
            "guild_id": owed.guild_id,
            "channel_id": owed.channel_id,
            "purpose": owed.purpose.value,
            "private": int(owed.private),
            "language": owed.language,
            **origin_to_values(owed.origin),
            "owner": self._owner,
            "created_at": to_micros(owed.created_at),
        }
        before = to_micros(owed.created_at - REMEMBERED)

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute(UNHEAR, {"before": before})
            if connection.execute(HEAR, values).rowcount == 0:
                return False
            connection.execute(INSERT, values)
            return True

        return await self._database.write(work)

    async def given(self, owed_id: int) -> None:
        """Note that nobody waits for an answer any more."""
        await self._database.change(GIVEN, {"id": owed_id})

    async def left(self, before: datetime, *, is_alone: bool, of_messages: bool) -> tuple[Owed, ...]:
        """Take what others owe since before a moment, or all of it where none of them can be alive.

        It is what messages asked for, which have no token, or what interactions did. Whoever was to be given
        their data in such an answer may ask for it again.
        """
        values = {
            "owner": self._owner,
            "before": to_micros(before),
            "is_alone": int(is_alone),
            "of_messages": int(of_messages),
        }

        def work(connection: sqlite3.Connection) -> list[sqlite3.Row]:
            rows = connection.execute(LEFT, values).fetchall()
            connection.executemany(UNCLAIM, [dict(row) for row in rows])
            return rows

        owed = [_from_row(row) for row in await self._database.write(work)]
        return tuple(sorted(owed, key=lambda one: one.id))


def _from_row(row: sqlite3.Row) -> Owed:
    return Owed(
        id=row["id"],
        user_id=row["user_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        purpose=Purpose(row["purpose"]),
        private=bool(row["private"]),
        language=row["language"],
        origin=origin_from_row(row),
        created_at=from_micros(row["created_at"]),
    )
