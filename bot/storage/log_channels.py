"""Which channel of a server gets the lines of its audit, and how far it has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.storage import audit, server_settings
from bot.storage.audit import read_line

if TYPE_CHECKING:
    import sqlite3

    from bot.storage.audit import AuditLine
    from bot.storage.database import Database

CHANNEL = "log_channel"
"""The name of the server's setting."""
BEGIN = """
    INSERT INTO log_cursor (guild_id, audit_id)
    SELECT :guild_id, COALESCE(MAX(id), 0) FROM audit WHERE guild_id = :guild_id
    ON CONFLICT (guild_id) DO NOTHING
"""
END = "DELETE FROM log_cursor WHERE guild_id = :guild_id"
NEWEST = "SELECT COALESCE(MAX(id), 0) AS id FROM audit"
BEHIND = """
    SELECT setting.guild_id, setting.value, log_cursor.audit_id, log_cursor.posting_id
    FROM server_setting AS setting JOIN log_cursor ON log_cursor.guild_id = setting.guild_id
    WHERE setting.name = :name AND EXISTS (
        SELECT 1 FROM audit WHERE audit.guild_id = setting.guild_id AND audit.id > log_cursor.audit_id)
"""
AFTER = "SELECT * FROM audit WHERE guild_id = :guild_id AND id > :audit_id ORDER BY id LIMIT :count"
INTEND = "UPDATE log_cursor SET posting_id = :audit_id WHERE guild_id = :guild_id"
ADVANCE = "UPDATE log_cursor SET audit_id = :audit_id WHERE guild_id = :guild_id AND audit_id < :audit_id"
LAST_ACTOR = """
    SELECT actor_id FROM audit WHERE guild_id = :guild_id AND action = :action ORDER BY id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """A log channel that lacks lines after one of the audit."""

    guild_id: int
    channel_id: int
    audit_id: int
    posting_id: int | None = None
    """The last line of a message that was being posted; whether it was is not known."""


class LogChannels:
    """The log channels of all servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, channel_id: int, line: AuditLine) -> None:
        """Let a channel get all lines from this one on, or from where an earlier channel was lost."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(BEGIN, {"guild_id": line.guild_id})
            server_settings.put(connection, line.guild_id, {CHANNEL: str(channel_id)}, line.at)
            audit.insert(connection, line)

        await self._database.write(work)

    async def end(self, line: AuditLine) -> None:
        """Let no channel get lines any more."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(END, {"guild_id": line.guild_id})
            server_settings.put(connection, line.guild_id, {CHANNEL: None}, line.at)
            audit.insert(connection, line)

        await self._database.write(work)

    async def lose(self, line: AuditLine) -> None:
        """Give up a channel that takes nothing; the next one goes on from where it stopped."""

        def work(connection: sqlite3.Connection) -> None:
            server_settings.put(connection, line.guild_id, {CHANNEL: None}, line.at)
            audit.insert(connection, line)

        await self._database.write(work)

    async def newest(self) -> int:
        """Return the id of the newest line of all servers."""
        return int((await self._database.read(NEWEST))[0]["id"])

    async def behind(self) -> tuple[Behind, ...]:
        """Return the channels that lack lines."""
        rows = await self._database.read(BEHIND, {"name": CHANNEL})
        return tuple(
            Behind(row["guild_id"], int(row["value"]), row["audit_id"], row["posting_id"]) for row in rows
        )

    async def lacking(self, behind: Behind, count: int) -> tuple[AuditLine, ...]:
        """Return the next lines that a channel lacks, the oldest first."""
        key = {"guild_id": behind.guild_id, "audit_id": behind.audit_id, "count": count}
        return tuple(read_line(row) for row in await self._database.read(AFTER, key))

    async def intend(self, guild_id: int, audit_id: int) -> None:
        """Note that the next message has the lines up to this one, so that a crash posts no other."""
        await self._database.change(INTEND, {"guild_id": guild_id, "audit_id": audit_id})

    async def advance(self, guild_id: int, audit_id: int) -> None:
        """Note that a channel has all lines up to this one."""
        await self._database.change(ADVANCE, {"guild_id": guild_id, "audit_id": audit_id})

    async def last_actor(self, guild_id: int, action: str) -> int | None:
        """Return who did something last, or None."""
        rows = await self._database.read(LAST_ACTOR, {"guild_id": guild_id, "action": action})
        return rows[0]["actor_id"] if rows else None
