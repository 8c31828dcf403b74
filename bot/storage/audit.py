"""Who did what to whom, and when; lines are added and never changed, and removed only when they are old."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from bot.domain.audit import KINDS, PAGE
from bot.storage.codec import clean, dump, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.audit import Search
    from bot.storage.database import Database

INSERT = """
    INSERT INTO audit (guild_id, actor_id, action, subject, detail, at)
    VALUES (:guild_id, :actor_id, :action, :subject, :detail, :now)
"""
RECENT = """
    SELECT * FROM audit WHERE guild_id = :guild_id ORDER BY at DESC, id DESC LIMIT :count
"""
FITS = """
    FROM audit
    WHERE guild_id = :guild_id
      AND (:actor_id IS NULL OR actor_id = :actor_id)
      AND (:subject_id IS NULL OR substr(subject, instr(subject, ':') + 1) IN (:subject_id, :everyone))
      AND (:kinds IS NULL
           OR substr(action, 1, instr(action || '.', '.') - 1) IN (SELECT value FROM json_each(:kinds)))
      AND (:since IS NULL OR at >= :since)
"""
FIND = f"SELECT * {FITS} ORDER BY id DESC LIMIT :count OFFSET :skipped"
COUNT = f"SELECT COUNT(*) AS n {FITS}"
EXPIRE = """
    DELETE FROM audit
    WHERE at < :usual AND guild_id NOT IN (SELECT guild_id FROM server_setting WHERE name = :name)
"""
EXPIRE_OF = "DELETE FROM audit WHERE guild_id = :guild_id AND at < :before"


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One administrative act, or an alert of Easel's own (`actor_id` 0).

    `action` is an area and a verb, as in `access.ban`; `subject` a kind and an id, as in `person:5`,
    `role:7`, `channel:3`, or `server`. Every action has its sentence in `bot.ui.audit`.
    """

    guild_id: int
    actor_id: int
    action: str
    subject: str
    detail: Mapping[str, str | int | None]
    at: datetime
    id: int = field(default=0, compare=False)
    """Of a line that was read: a later one has a greater id."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the lines that fit a search; pages count from 0."""

    lines: tuple[AuditLine, ...]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """Return how many pages there are: one at least."""
        return max(1, -(-self.total // PAGE))


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
        return tuple(read_line(row) for row in rows)

    async def find(
        self, guild_id: int, search: Search, *, count: int, skipped: int = 0
    ) -> tuple[AuditLine, ...]:
        """Return the lines that fit, the newest first."""
        values = {**_sought(guild_id, search), "count": count, "skipped": skipped}
        return tuple(read_line(row) for row in await self._database.read(FIND, values))

    async def count(self, guild_id: int, search: Search) -> int:
        """Return how many lines fit."""
        rows = await self._database.read(COUNT, _sought(guild_id, search))
        return int(rows[0]["n"])

    async def expire(self, setting: str, usual: datetime, chosen: Mapping[int, datetime]) -> int:
        """Remove lines from before a moment: `chosen` by server where it has the setting, else `usual`.

        A line younger than 30 days stops it with IntegrityError, and then nothing is removed.
        """

        def work(connection: sqlite3.Connection) -> int:
            gone = connection.execute(EXPIRE, {"usual": to_micros(usual), "name": setting}).rowcount
            for guild_id, before in chosen.items():
                key = {"guild_id": guild_id, "before": to_micros(before)}
                gone += connection.execute(EXPIRE_OF, key).rowcount
            return gone

        return await self._database.write(work)


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


def read_line(row: sqlite3.Row) -> AuditLine:
    """Return the line that a row holds."""
    detail = cast("dict[str, str | int | None]", json.loads(row["detail"]))
    return AuditLine(
        row["guild_id"],
        row["actor_id"],
        row["action"],
        row["subject"],
        detail,
        from_micros(row["at"]),
        row["id"],
    )


def _sought(guild_id: int, search: Search) -> dict[str, str | int | None]:
    """Return a search as parameters; everyone's role has the server's id, and limits name it in words."""
    return {
        "guild_id": guild_id,
        "actor_id": search.actor_id,
        "subject_id": None if search.subject_id is None else str(search.subject_id),
        "everyone": "everyone" if search.subject_id == guild_id else None,
        "kinds": None if search.area is None else json.dumps(KINDS[search.area]),
        "since": None if search.since is None else to_micros(search.since),
    }
