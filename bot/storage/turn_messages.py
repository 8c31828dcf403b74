"""The messages in Discord that carry what was said, and those that are quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.conversation import MOST_TURNS
from bot.storage.turn_rows import PATH

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.conversation import Turn
    from bot.storage.database import Database

LEADING_TO = f"""
    WITH RECURSIVE {PATH}, open (id) AS (
        SELECT turn.id FROM path JOIN turn ON turn.id = path.id WHERE private = 0 AND forgotten = 0
    )
    SELECT message_id FROM open JOIN turn_message ON turn_id = open.id WHERE message_id < :before
    UNION SELECT message_id FROM open JOIN turn_quote ON turn_id = open.id WHERE message_id < :before
    ORDER BY message_id DESC
"""  # noqa: S608 - made of constants alone


class TurnMessages:
    """The messages of the turns of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def leading_to(self, turn: Turn, before: int) -> tuple[int, ...]:
        """Return the messages of what leads to a turn that everybody there sees, the newest first.

        They are older than the message `before`.
        """
        values = {"id": turn.id, "channel_id": turn.channel_id, "most": MOST_TURNS, "before": before}

        def work(connection: sqlite3.Connection) -> tuple[int, ...]:
            return tuple(row["message_id"] for row in connection.execute(LEADING_TO, values))

        return await self._database.examine(work)
