"""The messages that jobs stand in: which job's card one is, and that it is gone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.storage import gallery

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from bot.storage.database import Database

OF_MESSAGE = """
    SELECT id FROM job WHERE card_message_id = :message_id AND state IN ('delivered', 'settled')
"""
"""A page of a batch is the card of many; one that still waits for its pictures gets another card."""
LOST = """
    UPDATE job SET card_channel_id = NULL, card_message_id = NULL
    WHERE card_message_id = :message_id AND state IN ('delivered', 'settled') RETURNING id
"""
CLOSED = """
    UPDATE job SET card_channel_id = NULL, card_message_id = NULL
    WHERE id = :job_id AND state IN ('delivered', 'settled')
"""


class CardRows:
    """The cards of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lost(self, message_ids: Collection[int]) -> int:
        """Note which messages are gone, and let their pictures be found by their owners alone.

        Return how many jobs stood in them. Most messages are nobody's card, and nothing is written for them.
        """

        def known(connection: sqlite3.Connection) -> list[dict[str, int]]:
            asked = [{"message_id": message_id} for message_id in message_ids]
            return [one for one in asked if connection.execute(OF_MESSAGE, one).fetchone() is not None]

        def work(connection: sqlite3.Connection) -> int:
            jobs = [row["id"] for one in cards for row in connection.execute(LOST, one).fetchall()]
            for job_id in jobs:
                gallery.hide(connection, job_id)
            return len(jobs)

        cards = await self._database.examine(known)
        return await self._database.write(work) if cards else 0

    async def channels(self, guild_id: int) -> tuple[int, ...]:
        """Return the channels that show a server's newest pictures, those of the newest first."""
        return await self._database.examine(partial(gallery.channels, guild_id=guild_id))

    async def closed(self, channel_id: int) -> int:
        """Note that a channel is gone, and let its pictures be found by their owners alone.

        Return how many jobs stood in it; they are written some at a time, so that nobody waits for all.
        """
        count = 0
        while some := await self._database.examine(partial(gallery.shown_in, channel_id=channel_id)):
            await self._database.write(partial(_close, job_ids=some))
            count += len(some)
        return count


def _close(connection: sqlite3.Connection, job_ids: Collection[int]) -> None:
    for job_id in job_ids:
        connection.execute(CLOSED, {"job_id": job_id})
        gallery.hide(connection, job_id)
