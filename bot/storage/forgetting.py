"""What is to be forgotten of conversations: by person, by channel, by age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import turn_forgetting
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.database import Database

MINE = "SELECT id FROM turn WHERE channel_id = :channel_id AND user_id = :user_id AND forgotten = 0"
QUOTED = """
    SELECT turn_id FROM turn_quote JOIN turn ON turn.id = turn_quote.turn_id
    WHERE turn_quote.user_id = :user_id AND channel_id = :channel_id AND forgotten = 0
"""
COUNT_QUOTED = """
    SELECT COUNT(DISTINCT message_id) AS count FROM turn_quote JOIN turn ON turn.id = turn_quote.turn_id
    WHERE turn_quote.user_id = :user_id AND channel_id = :channel_id AND forgotten = 0
    AND private = 0 AND message_id NOT IN (
        SELECT message_id FROM turn_message JOIN turn ON turn.id = turn_id
        WHERE user_id = :user_id AND channel_id = :channel_id
    )
"""
"""Who asked about a message for themselves alone, nobody else learns of."""
DROP_DRAFTS = "DELETE FROM draft WHERE quoted_user_id = :user_id"
ALL = "SELECT id FROM turn WHERE channel_id = :channel_id AND forgotten = 0"
EXPIRED = """
    SELECT id FROM turn WHERE forgotten = 0 AND created_at < :moment ORDER BY created_at LIMIT :most
"""
EXPIRED_IN = """
    SELECT id FROM turn
    WHERE forgotten = 0 AND created_at < :moment
        AND (channel_id = :channel_id
            OR channel_id IN (SELECT channel_id FROM chat_thread WHERE parent_id = :channel_id))
    ORDER BY created_at LIMIT :most
"""


class Forgetting:
    """Finds turns and forgets them. What forgets returns the blobs that nothing holds any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, channel_id: int, user_id: int | None) -> int:
        """Return how many messages of a channel are kept: somebody's with the answers to them, or all.

        Somebody's are also those that others quote.
        """
        sql, values = _chosen(channel_id, user_id)
        said = len(await self._database.read(sql, values))
        if user_id is None:
            return said
        return said + int((await self._database.read(COUNT_QUOTED, values))[0]["count"])

    async def forget(self, channel_id: int, user_id: int | None) -> tuple[str, ...]:
        """Forget turns of a channel: somebody's with the answers to them and what others quote, or all."""
        return (await self._forget(*_chosen(channel_id, user_id)))[1]

    async def expire(
        self, moment: datetime, most: int, channel_id: int | None = None
    ) -> tuple[int, tuple[str, ...]]:
        """Forget what was said before a moment, `most` turns at once, and return how many those were.

        With a channel it is what was said there and in the threads that were opened in it.
        """
        values = {"moment": to_micros(moment), "most": most}
        if channel_id is None:
            return await self._forget(EXPIRED, values)
        return await self._forget(EXPIRED_IN, {**values, "channel_id": channel_id})

    async def _forget(self, sql: str, values: dict[str, int]) -> tuple[int, tuple[str, ...]]:
        def work(connection: sqlite3.Connection) -> tuple[int, tuple[str, ...]]:
            ids = [row["id"] for row in connection.execute(sql, values)]
            quoting: list[int] = []
            if "user_id" in values:
                quoting = [row["turn_id"] for row in connection.execute(QUOTED, values)]
                connection.execute(DROP_DRAFTS, values)
            return len(ids), turn_forgetting.forget(connection, ids, quoting)

        return await self._database.write(work)


def _chosen(channel_id: int, user_id: int | None) -> tuple[str, dict[str, int]]:
    if user_id is None:
        return ALL, {"channel_id": channel_id}
    return MINE, {"channel_id": channel_id, "user_id": user_id}
