"""Messages that were reported, by whom and why, and what moderators made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.reports import MOST_AN_HOUR, Report, Reported, ReportState
from bot.storage import audit
from bot.storage.codec import clean, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3

    from bot.storage.audit import AuditLine
    from bot.storage.database import Database

OPEN = """
    INSERT INTO reported (message_id, channel_id, guild_id, job_id, state, created_at)
    VALUES (:message_id, :channel_id, :guild_id, :job_id, 'open', :now) ON CONFLICT (message_id) DO NOTHING
"""
RECENT = """
    SELECT COUNT(*) AS count FROM report JOIN reported ON reported.message_id = report.message_id
    WHERE report.reporter_id = :reporter_id AND reported.guild_id = :guild_id AND report.created_at > :since
"""
FILE = """
    INSERT INTO report (message_id, reporter_id, reason, created_at)
    VALUES (:message_id, :reporter_id, :reason, :now) ON CONFLICT (message_id, reporter_id) DO NOTHING
"""
GET = "SELECT * FROM reported WHERE message_id = :message_id"
ON = "SELECT * FROM report WHERE message_id = :message_id ORDER BY created_at, reporter_id"
STILL_OPEN = """
    SELECT * FROM reported WHERE guild_id = :guild_id AND state = 'open' ORDER BY created_at, message_id
    LIMIT :most
"""
POSTED = """
    UPDATE reported SET card_channel_id = :channel_id, card_message_id = :card_id
    WHERE message_id = :message_id
"""
UNSEEN = """
    SELECT reported.* FROM server_setting AS chosen
    CROSS JOIN reported ON reported.guild_id = chosen.guild_id AND reported.state = 'open'
    WHERE chosen.name = :name AND (
        reported.card_message_id IS NULL OR reported.card_channel_id <> CAST(chosen.value AS INTEGER))
    ORDER BY reported.created_at, reported.message_id LIMIT :most
"""
DUE = "SELECT * FROM reported WHERE is_due = 1 ORDER BY message_id LIMIT :most"
DONE = "UPDATE reported SET is_due = 0 WHERE message_id = :message_id"
DECIDE = """
    UPDATE reported SET state = :after, decided_by = :by, decided_at = :now, is_due = 1
    WHERE message_id = :message_id AND state = 'open'
"""


class TooMany(Exception):
    """Whoever reports has done so often enough for an hour."""


class Reports:
    """The reports of the database. A method that returns bool says whether this call took the step."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def file(self, reported: Reported, report: Report, line: AuditLine) -> bool:
        """Keep what somebody reports, once for each person and message; raise TooMany and keep nothing."""
        about = {"message_id": reported.message_id, "guild_id": reported.guild_id}
        opened = {**about, "channel_id": reported.channel_id, "job_id": reported.job_id}
        now = to_micros(report.at)
        since = to_micros(report.at - timedelta(hours=1))
        who = {"reporter_id": report.reporter_id, "guild_id": reported.guild_id, "since": since}
        said = {
            "message_id": reported.message_id,
            "reporter_id": report.reporter_id,
            "reason": clean(report.reason),
            "now": now,
        }

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(RECENT, who).fetchone()["count"] >= MOST_AN_HOUR:
                raise TooMany
            connection.execute(OPEN, {**opened, "now": now})
            if connection.execute(FILE, said).rowcount == 0:
                return False
            audit.insert(connection, line)
            return True

        return await self._database.write(work)

    async def get(self, message_id: int) -> Reported | None:
        """Return what was reported, or None where it was not."""
        rows = await self._database.read(GET, {"message_id": message_id})
        return _reported(rows[0]) if rows else None

    async def on(self, message_id: int) -> tuple[Report, ...]:
        """Return what people said of a message, the first first."""
        rows = await self._database.read(ON, {"message_id": message_id})
        return tuple(
            Report(row["reporter_id"], row["reason"], from_micros(row["created_at"])) for row in rows
        )

    async def open_of(self, guild_id: int, most: int) -> tuple[Reported, ...]:
        """Return what a server's moderators have not decided on, the oldest first."""
        rows = await self._database.read(STILL_OPEN, {"guild_id": guild_id, "most": most})
        return tuple(_reported(row) for row in rows)

    async def unseen(self, setting: str, most: int) -> tuple[Reported, ...]:
        """Return open reports that are not in the channel that their server's setting names."""
        rows = await self._database.read(UNSEEN, {"name": setting, "most": most})
        return tuple(_reported(row) for row in rows)

    async def due(self, most: int) -> tuple[Reported, ...]:
        """Return what was decided on, and is not carried out as far as that can be."""
        rows = await self._database.read(DUE, {"most": most})
        return tuple(_reported(row) for row in rows)

    async def done(self, message_id: int) -> None:
        """Note that what was decided is carried out as far as it can be."""
        await self._database.change(DONE, {"message_id": message_id})

    async def posted(self, message_id: int, channel_id: int, card_id: int) -> None:
        """Note where the card stands that moderators press."""
        where = {"channel_id": channel_id, "card_id": card_id}
        await self._database.change(POSTED, {"message_id": message_id, **where})

    async def decide(self, message_id: int, after: ReportState, line: AuditLine) -> bool:
        """Close what was reported, once, as the actor of the line decides."""
        values = {
            "message_id": message_id,
            "after": after.value,
            "by": line.actor_id,
            "now": to_micros(line.at),
        }

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(DECIDE, values).rowcount == 0:
                return False
            audit.insert(connection, line)
            return True

        return await self._database.write(work)


def _reported(row: sqlite3.Row) -> Reported:
    return Reported(
        message_id=row["message_id"],
        channel_id=row["channel_id"],
        guild_id=row["guild_id"],
        job_id=row["job_id"],
        state=ReportState(row["state"]),
        card_channel_id=row["card_channel_id"],
        card_message_id=row["card_message_id"],
        decided_by=row["decided_by"],
    )
