"""What of a channel's turns one person can see, for taking it along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage.turn_rows import turn_from_row

if TYPE_CHECKING:
    from bot.domain.conversation import Turn
    from bot.storage.database import Database

OF_CHANNEL = """
    SELECT * FROM turn
    WHERE channel_id = :channel_id AND forgotten = 0 AND (private = 0 OR user_id = :user_id)
    ORDER BY id DESC LIMIT :most
"""
LAST_OF = """
    SELECT * FROM turn WHERE channel_id = :channel_id AND user_id = :user_id AND forgotten = 0
    ORDER BY id DESC LIMIT 1
"""


class Transcripts:
    """The turns of the database, as a person sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_channel(self, channel_id: int, user_id: int, most: int) -> tuple[Turn, ...]:
        """Return a channel's last turns that somebody can see, the oldest first."""
        values = {"channel_id": channel_id, "user_id": user_id, "most": most}
        found = await self._database.examine(
            lambda connection: tuple(
                turn_from_row(connection, row) for row in connection.execute(OF_CHANNEL, values)
            )
        )
        return found[::-1]

    async def last_of(self, channel_id: int, user_id: int) -> Turn | None:
        """Return the last turn in a channel that is somebody's, or an answer to them."""
        values = {"channel_id": channel_id, "user_id": user_id}
        found = await self._database.examine(
            lambda connection: [turn_from_row(connection, row) for row in connection.execute(LAST_OF, values)]
        )
        return found[0] if found else None
