"""Who did what to whom, and when; lines are added and never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bot.storage.codec import clean, dump, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime

    from bot.storage.database import Database

INSERT = """
    INSERT INTO audit (guild_id, actor_id, action, subject, detail, at)
    VALUES (:guild_id, :actor_id, :action, :subject, :detail, :now)
"""
RECENT = """
    SELECT * FROM audit WHERE guild_id = :guild_id ORDER BY at DESC, id DESC LIMIT :count
"""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One administrative act."""

    guild_id: int
    actor_id: int
    action: str
    subject: str
    detail: Mapping[str, str | int | None]
    at: datetime


class Audit:
    """The audit of all servers; guild 0 is the operator's own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, line: AuditLine) -> None:
        """Add a line for good."""
        await self._database.write(lambda connection: insert(connection, line))

    async def recent(self, guild_id: int, count: int) -> tuple[AuditLine, ...]:
        """Return a server's last lines, the newest first."""
        rows = await self._database.read(RECENT, {"guild_id": guild_id, "count": count})
        return tuple(_line(row) for row in rows)


def insert(connection: sqlite3.Connection, line: AuditLine) -> None:
    """Add a line for good, with whatever the transaction changes."""
    values = {
        "guild_id": line.guild_id,
        "actor_id": line.actor_id,
        "action": clean(line.action),
        "subject": clean(line.subject),
        "detail": dump(dict(line.detail)),
        "now": to_micros(line.at),
    }
    connection.execute(INSERT, values)


def _line(row: sqlite3.Row) -> AuditLine:
    """Return the line that a row holds."""
    detail = cast("dict[str, str | int | None]", json.loads(row["detail"]))
    return AuditLine(
        row["guild_id"], row["actor_id"], row["action"], row["subject"], detail, from_micros(row["at"])
    )
