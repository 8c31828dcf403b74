"""Money and pictures that are held, settled or released, and what that leaves of each limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.domain.quotas import Charge, Owner, Reading
from bot.storage.codec import to_micros
from bot.storage.exceeded import quota_exceeded
from bot.storage.spent import drifted, spent

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.quotas import Limit
    from bot.storage.database import Database

HOLD = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, messages, microusd, absorbed_microusd, anchor_at,
        recorded_at)
    VALUES (:job_id, 'hold', :user_id, :guild_id, :images, :messages, :microusd, 0, :now, :now)
"""
SETTLE = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, messages, microusd, absorbed_microusd, anchor_at,
        recorded_at)
    SELECT job_id, 'settle', user_id, guild_id, :images - images, :messages - messages,
        :microusd - microusd, :absorbed_microusd, anchor_at, :now
    FROM ledger WHERE job_id = :job_id AND kind = 'hold'
"""
RELEASE = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, messages, microusd, absorbed_microusd, anchor_at,
        recorded_at)
    SELECT job_id, 'release', user_id, guild_id, -images, -messages, -microusd, :absorbed_microusd,
        anchor_at, :now
    FROM ledger WHERE job_id = :job_id AND kind = 'hold'
"""
BOOKED = """
    SELECT (SELECT COALESCE(SUM(microusd + absorbed_microusd), 0) FROM spent
            WHERE owner = 'operator' AND user_id = 0 AND guild_id = 0 AND unit = 86400000000)
        - (SELECT COALESCE(SUM(held_microusd), 0) FROM job
            WHERE state IN ('queued', 'sent', 'produced', 'delivered'))
        + (SELECT COALESCE(SUM(call.cost_microusd), 0)
            FROM job INDEXED BY job_unfinished CROSS JOIN call ON call.job_id = job.id
            WHERE job.state IN ('queued', 'sent', 'produced', 'delivered')) AS microusd
"""
"""What is held is not spent yet; what a running job's calls cost is, though no row says so before its end."""


class Payer(Protocol):
    """Whose allowance is used; without a person it is the server's and the operator's alone."""

    @property
    def user_id(self) -> int | None:
        """Return the person."""

    @property
    def guild_id(self) -> int | None:
        """Return the server; None for direct messages."""


class Ledger:
    """Reads the ledger. Rows are written with the step of the job that they belong to (`Jobs`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def readings(self, limits: Sequence[Limit]) -> tuple[Reading, ...]:
        """Return what is used of each limit, all as of one moment."""
        return await self._database.examine(
            lambda connection: tuple(Reading(limit, used(connection, limit)) for limit in limits)
        )

    async def booked(self) -> int:
        """Return what the provider charged from the first day on, by our own books."""
        rows = await self._database.read(BOOKED)
        return int(rows[0]["microusd"])

    async def drifted(self) -> int:
        """Return how many of the sums that limits are read from disagree with the rows; it reads all rows."""
        return await self._database.examine(drifted)


def used(connection: sqlite3.Connection, limit: Limit) -> int:
    """Return what is used of a limit, in its own unit. The operator pays what nobody else does."""
    total = spent(connection, limit.owner, limit.window, user_id=limit.user_id, guild_id=limit.guild_id)
    absorbed = total.absorbed_microusd if limit.owner is Owner.OPERATOR else 0
    return limit.needs(Charge(total.images, total.microusd + absorbed, total.messages))


def hold(
    connection: sqlite3.Connection,
    job_id: int,
    payer: Payer,
    held: Charge,
    limits: Sequence[Limit],
    now: datetime,
) -> None:
    """Reserve what a job may cost, or raise QuotaExceeded; inside the transaction that makes the job.

    A limit of which the job takes nothing does not stop it, however far it is used up.
    """
    readings = [Reading(limit, used(connection, limit)) for limit in limits]
    short = [
        reading
        for reading in readings
        if (needs := reading.limit.needs(held)) and reading.used + needs > reading.limit.cap
    ]
    if short:
        raise quota_exceeded(short, held)
    values = {
        "job_id": job_id,
        "user_id": payer.user_id,
        "guild_id": payer.guild_id or 0,
        "images": held.images,
        "messages": held.messages,
        "microusd": held.microusd,
        "now": to_micros(now),
    }
    connection.execute(HOLD, values)


def settle(
    connection: sqlite3.Connection, job_id: int, charge: Charge, absorbed_microusd: int, now: datetime
) -> None:
    """Turn a hold into its true amounts; inside the transaction that ends the job."""
    values = {
        "job_id": job_id,
        "images": charge.images,
        "messages": charge.messages,
        "microusd": charge.microusd,
        "absorbed_microusd": absorbed_microusd,
        "now": to_micros(now),
    }
    connection.execute(SETTLE, values)


def release(connection: sqlite3.Connection, job_id: int, absorbed_microusd: int, now: datetime) -> None:
    """Give a hold back whole; inside the transaction that ends the job."""
    values = {"job_id": job_id, "absorbed_microusd": absorbed_microusd, "now": to_micros(now)}
    connection.execute(RELEASE, values)
