"""What owners of servers are to be told by a direct message, and how often they were of late."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.storage import meta
from bot.storage.audit import read_line
from bot.storage.codec import to_micros
from bot.storage.log_channels import CHANNEL

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.storage.audit import AuditLine
    from bot.storage.database import Database

CURSOR = "owners_told"
"""The key under which is kept how far the audit was looked through."""
NEWEST = "SELECT COALESCE(MAX(id), 0) AS id FROM audit"
TAKE_IN = """
    INSERT INTO owner_notice (guild_id, kind, audit_id, at, tries, again_at, is_late)
    SELECT guild_id, 'alert', id, at, 0, 0, 0 FROM audit
    WHERE id > :after AND id <= :newest AND at >= :since
    AND action IN (SELECT value FROM json_each(:actions))
    AND guild_id NOT IN (SELECT guild_id FROM server_setting WHERE name = :log) ORDER BY id
"""
FILE = """
    INSERT INTO owner_notice (guild_id, kind, message_id, at, told_at, tries, again_at, is_late)
    VALUES (:guild_id, 'report', :message_id, :now, :told_at, 0, 0, 0) RETURNING id
"""
SERVERS = "SELECT DISTINCT guild_id, kind FROM owner_notice WHERE told_at IS NULL AND again_at <= :now"
WAITING = """
    SELECT audit.*, owner_notice.id AS notice_id, owner_notice.guild_id AS server, owner_notice.kind,
        owner_notice.tries, owner_notice.again_at, owner_notice.is_late
    FROM owner_notice LEFT JOIN audit ON audit.id = owner_notice.audit_id
    WHERE owner_notice.guild_id = :guild_id AND owner_notice.kind = :kind AND owner_notice.told_at IS NULL
    ORDER BY owner_notice.id
"""
TOLD_SINCE = """
    SELECT COUNT(*) AS count FROM owner_notice
    WHERE guild_id = :guild_id AND kind = :kind AND told_at > :since
"""
TOLD = "UPDATE owner_notice SET told_at = :now WHERE id = :id"
FORGET = "DELETE FROM owner_notice WHERE id IN (SELECT value FROM json_each(:ids))"
HOLD_BACK = "UPDATE owner_notice SET is_late = 1 WHERE id IN (SELECT value FROM json_each(:ids))"
PUT_OFF = """
    UPDATE owner_notice SET tries = tries + 1, again_at = :again_at
    WHERE id IN (SELECT value FROM json_each(:ids))
"""
SETTLED = "DELETE FROM owner_notice WHERE message_id = :message_id AND told_at IS NULL"
EXPIRE = "DELETE FROM owner_notice WHERE (told_at IS NULL AND at < :before) OR told_at < :before"


class NoticeKind(StrEnum):
    """What owners are told of."""

    ALERT = "alert"
    """Money that runs out, or a raid: a line of the audit."""
    REPORT = "report"
    """A message that somebody reported, which no channel shows to moderators."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the owner of a server is to be told; an alert has its line of the audit."""

    id: int
    guild_id: int
    kind: NoticeKind
    line: AuditLine | None
    tries: int
    is_put_off: bool
    """Whether Discord was in trouble, so that it is not worth trying yet."""
    is_late: bool
    """Whether the owner had heard enough for an hour when it came."""


class OwnerNotices:
    """The notices of all servers; those that were told are known for a while, to be counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_in(self, actions: Sequence[str], since: datetime) -> None:
        """Note what is new in the audit of some actions, where no log channel tells it."""
        newest = int((await self._database.read(NEWEST))[0]["id"])
        values = {"actions": json.dumps(actions), "since": to_micros(since), "log": CHANNEL, "newest": newest}

        def work(connection: sqlite3.Connection) -> None:
            known = connection.execute(meta.GET, {"key": CURSOR}).fetchone()
            after = 0 if known is None else int(known["value"])
            if newest > after:
                connection.execute(TAKE_IN, {**values, "after": after})
                connection.execute(meta.SET, {"key": CURSOR, "value": str(newest)})

        known = await self._database.read(meta.GET, {"key": CURSOR})
        if newest > (int(known[0]["value"]) if known else 0):
            await self._database.write(work)

    async def file(
        self, guild_id: int, message_id: int | None, now: datetime, *, is_told: bool = False
    ) -> int:
        """Note that a report is to be told, or was told in another way just now; return the notice's id."""
        at = to_micros(now)
        values = {
            "guild_id": guild_id,
            "message_id": message_id,
            "now": at,
            "told_at": at if is_told else None,
        }
        return await self._database.write(
            lambda connection: int(connection.execute(FILE, values).fetchone()["id"])
        )

    async def servers(self, now: datetime) -> tuple[tuple[int, NoticeKind], ...]:
        """Return where something waits that is worth trying."""
        rows = await self._database.read(SERVERS, {"now": to_micros(now)})
        return tuple((row["guild_id"], NoticeKind(row["kind"])) for row in rows)

    async def waiting(self, guild_id: int, kind: NoticeKind, now: datetime) -> tuple[Notice, ...]:
        """Return what a server's owner is to be told, the oldest first."""
        at = to_micros(now)
        rows = await self._database.read(WAITING, {"guild_id": guild_id, "kind": kind.value})
        return tuple(
            Notice(
                id=row["notice_id"],
                guild_id=row["server"],
                kind=NoticeKind(row["kind"]),
                line=None if row["id"] is None else read_line(row),
                tries=row["tries"],
                is_put_off=row["again_at"] > at,
                is_late=bool(row["is_late"]),
            )
            for row in rows
        )

    async def told_since(self, guild_id: int, kind: NoticeKind, since: datetime) -> int:
        """Return how many messages an owner got since a moment."""
        values = {"guild_id": guild_id, "kind": kind.value, "since": to_micros(since)}
        return int((await self._database.read(TOLD_SINCE, values))[0]["count"])

    async def told(self, ids: Sequence[int], now: datetime) -> None:
        """Note that notices were told, all in one message."""
        first, *rest = ids

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(TOLD, {"id": first, "now": to_micros(now)})
            connection.execute(FORGET, {"ids": json.dumps(rest)})

        await self._database.write(work)

    async def hold_back(self, ids: Collection[int]) -> None:
        """Note that notices came when their owner had heard enough."""
        await self._database.change(HOLD_BACK, {"ids": json.dumps(list(ids))})

    async def put_off(self, ids: Collection[int], again_at: datetime) -> None:
        """Note that notices could not be told, and when it is worth trying again."""
        values = {"ids": json.dumps(list(ids)), "again_at": to_micros(again_at)}
        await self._database.change(PUT_OFF, values)

    async def settled(self, message_id: int) -> None:
        """Forget what waits about a reported message: moderators see it now, or have decided."""
        await self._database.change(SETTLED, {"message_id": message_id})

    async def expire(self, before: datetime) -> None:
        """Forget what is no news any more, told or not."""
        await self._database.change(EXPIRE, {"before": to_micros(before)})
