"""What moderators granted people on top, and what jobs took of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bot.domain.quotas import Draw, Grant, Meter, kept
from bot.storage import audit
from bot.storage.codec import clean, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.quotas import Charge, Limit
    from bot.storage.audit import AuditLine
    from bot.storage.database import Database

INSERT = """
    INSERT INTO allowance_grant
        (guild_id, user_id, meter, amount, used, reason, actor_id, created_at, expires_at)
    VALUES (:guild_id, :user_id, :meter, :amount, 0, :reason, :actor_id, :now, :expires_at)
    RETURNING *
"""
OPEN = """
    SELECT * FROM allowance_grant
    WHERE guild_id = :guild_id AND user_id = :user_id AND expires_at > :now AND used < amount
    ORDER BY expires_at, id
"""
OF_SERVER = "SELECT * FROM allowance_grant WHERE guild_id = :guild_id ORDER BY created_at, id"
COVERED = """
    SELECT COALESCE(SUM(amount), 0) AS amount FROM grant_use
    WHERE user_id = :user_id AND guild_id = :guild_id AND meter = :meter
        AND anchor_at >= :starts_at AND anchor_at < :ends_at
"""
USE = """
    INSERT INTO grant_use (grant_id, job_id, user_id, guild_id, meter, amount, anchor_at)
    SELECT id, :job_id, user_id, guild_id, meter, :amount, :anchor_at FROM allowance_grant
    WHERE id = :grant_id
"""
TAKE = "UPDATE allowance_grant SET used = used + :amount WHERE id = :grant_id"
OF_JOB = """
    SELECT grant_use.grant_id, grant_use.meter, grant_use.amount
    FROM grant_use JOIN allowance_grant ON allowance_grant.id = grant_use.grant_id
    WHERE job_id = :job_id ORDER BY allowance_grant.expires_at, grant_use.grant_id
"""
ADJUST = "UPDATE grant_use SET amount = :amount WHERE grant_id = :grant_id AND job_id = :job_id"
END = """
    UPDATE allowance_grant SET expires_at = :now
    WHERE id = :id AND guild_id = :guild_id AND expires_at > :now RETURNING *
"""
BY_ID = "SELECT * FROM allowance_grant WHERE id = :id AND guild_id = :guild_id"


class Grants:
    """The grants of all servers; a grant that ended keeps its row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, grant: Grant, line: AuditLine) -> Grant:
        """Keep a new grant, and return it with its id."""
        values = {
            "guild_id": grant.guild_id,
            "user_id": grant.user_id,
            "meter": grant.meter.value,
            "amount": grant.amount,
            "reason": clean(grant.reason),
            "actor_id": grant.actor_id,
            "now": to_micros(grant.created_at),
            "expires_at": to_micros(grant.expires_at),
        }

        def work(connection: sqlite3.Connection) -> Grant:
            row = connection.execute(INSERT, values).fetchone()
            audit.insert(connection, line)
            return _grant(row)

        return await self._database.write(work)

    async def find(self, guild_id: int, grant_id: int) -> Grant | None:
        """Return a grant of a server, ended or not."""
        rows = await self._database.read(BY_ID, {"id": grant_id, "guild_id": guild_id})
        return _grant(rows[0]) if rows else None

    async def end(self, grant_id: int, line: AuditLine) -> Grant | None:
        """Let a grant end now; what jobs under way took of it is theirs. None where it has ended already."""
        values = {"id": grant_id, "guild_id": line.guild_id, "now": to_micros(line.at)}

        def work(connection: sqlite3.Connection) -> Grant | None:
            row = connection.execute(END, values).fetchone()
            if row is None:
                return None
            audit.insert(connection, line)
            return _grant(row)

        return await self._database.write(work)

    async def of_server(self, guild_id: int) -> tuple[Grant, ...]:
        """Return all grants that a server's moderators ever gave, the oldest first."""
        rows = await self._database.read(OF_SERVER, {"guild_id": guild_id})
        return tuple(map(_grant, rows))


def open_of(connection: sqlite3.Connection, guild_id: int, user_id: int, now: datetime) -> tuple[Grant, ...]:
    """Return a person's grants that hold something, the first to expire first."""
    values = {"guild_id": guild_id, "user_id": user_id, "now": to_micros(now)}
    return tuple(map(_grant, connection.execute(OPEN, values)))


def covered(connection: sqlite3.Connection, limit: Limit) -> int:
    """Return what grants paid of what counts towards a person's limit."""
    stretch = limit.counted
    values = {
        "user_id": limit.user_id,
        "guild_id": limit.guild_id,
        "meter": limit.meter.value,
        "starts_at": to_micros(stretch.starts_at),
        "ends_at": to_micros(stretch.ends_at),
    }
    return int(connection.execute(COVERED, values).fetchone()["amount"])


def use(connection: sqlite3.Connection, job_id: int, draws: Sequence[Draw], anchor_at: datetime) -> None:
    """Take what a job draws, with the hold."""
    for draw in draws:
        values = {"job_id": job_id, "grant_id": draw.grant_id, "amount": draw.amount}
        connection.execute(USE, {**values, "anchor_at": to_micros(anchor_at)})
        connection.execute(TAKE, {"grant_id": draw.grant_id, "amount": draw.amount})


def give_back(connection: sqlite3.Connection, job_id: int, unspent: Charge) -> None:
    """Give back what a job drew and did not need, with the end of its hold."""
    by_meter: defaultdict[Meter, list[Draw]] = defaultdict(list)
    for row in connection.execute(OF_JOB, {"job_id": job_id}).fetchall():
        by_meter[Meter(row["meter"])].append(Draw(row["grant_id"], row["amount"]))
    for meter, draws in by_meter.items():
        for before, after in zip(draws, kept(draws, meter.of(unspent)), strict=True):
            if after != before:
                values = {"job_id": job_id, "grant_id": after.grant_id, "amount": after.amount}
                connection.execute(ADJUST, values)
                back = {"grant_id": after.grant_id, "amount": after.amount - before.amount}
                connection.execute(TAKE, back)


def _grant(row: sqlite3.Row) -> Grant:
    return Grant(
        row["id"],
        row["guild_id"],
        row["user_id"],
        Meter(row["meter"]),
        row["amount"],
        row["used"],
        row["reason"],
        row["actor_id"],
        from_micros(row["created_at"]),
        from_micros(row["expires_at"]),
    )
