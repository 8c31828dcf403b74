"""How often people were turned away, from what is written down of it anyway: jobs and the audit.

Of jobs that were deleted since it is remembered for as long as it counts (`refusals`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import refusals
from bot.storage.codec import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.database import Database
    from bot.storage.memory import Topic

REFUSED = """
    SELECT at FROM (
        SELECT updated_at AS at FROM job
        WHERE state = 'refused' AND user_id = :user_id AND COALESCE(guild_id, 0) = :guild_id
        AND updated_at > :since
        UNION ALL
        SELECT at FROM refusal WHERE pseudonym = :pseudonym AND guild_id = :guild_id AND at > :since
        UNION ALL
        SELECT at FROM audit
        WHERE guild_id = :guild_id AND subject = :subject AND action = 'safety.blocked' AND at > :since
    ) AS refused
    WHERE at > COALESCE((
        SELECT MAX(at) FROM audit
        WHERE guild_id = :guild_id AND subject = :subject AND action = 'safety.forgiven' AND at > :since
    ), 0)
"""
TOLD = """
    SELECT 1 FROM audit
    WHERE guild_id = :guild_id AND subject = :subject AND action = 'safety.cooled' AND at >= :since LIMIT 1
"""


class ConductRows:
    """What people were refused, by server; 0 is direct messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def refused(self, guild_id: int, user_id: int, since: datetime) -> tuple[datetime, ...]:
        """Return when somebody was refused something, since a moment and since they were forgiven."""
        hour = since.replace(minute=0, second=0, microsecond=0)  # so that it can be recalled
        values = {
            "guild_id": guild_id,
            "user_id": user_id,
            "subject": str(user_id),
            "since": to_micros(hour),
        }

        def work(connection: sqlite3.Connection) -> tuple[datetime, ...]:
            name = refusals.pseudonym(connection, user_id)
            rows = connection.execute(REFUSED, {**values, "pseudonym": name})
            return tuple(from_micros(row["at"]) for row in rows)

        about: tuple[Topic, ...] = ("refused", "refusal", "audit", "secret")
        found = await self._database.recall(("refused", guild_id, user_id, hour), about, work)
        return tuple(at for at in found if at > since)

    async def forget(self, now: datetime) -> None:
        """Delete what counts no more of jobs that were deleted."""
        await self._database.write(lambda connection: refusals.forget(connection, now))

    async def is_told(self, guild_id: int, user_id: int, since: datetime) -> bool:
        """Tell whether moderators know of somebody's break that began at a moment."""
        values = {"guild_id": guild_id, "subject": str(user_id), "since": to_micros(since)}
        return bool(await self._database.read(TOLD, values))
