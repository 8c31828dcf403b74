"""Money and pictures that are held, settled or released, and what that leaves of each limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.domain import rules
from bot.domain.quotas import Charge, Reading
from bot.storage import entitlements, grants
from bot.storage.codec import EPOCH, to_micros
from bot.storage.exceeded import quota_exceeded
from bot.storage.spending import used
from bot.storage.spent import drifted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.quotas import Limit, Meter, Window
    from bot.domain.rules import Claim
    from bot.storage.database import Database
    from bot.storage.entitlements import Limits

HOLD = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, messages, microusd, absorbed_microusd, anchor_at,
        recorded_at)
    VALUES (:job_id, 'hold', :user_id, :guild_id, :images, :messages, :microusd, 0, :anchor_at, :now)
"""
SETTLE = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, messages, microusd, absorbed_microusd, anchor_at,
        recorded_at)
    SELECT job_id, 'settle', user_id, guild_id, :images - images, :messages - messages,
        :microusd - microusd, :absorbed_microusd, anchor_at, :now
    FROM ledger WHERE job_id = :job_id AND kind = 'hold' RETURNING images, messages, microusd
"""
RELEASE = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, messages, microusd, absorbed_microusd, anchor_at,
        recorded_at)
    SELECT job_id, 'release', user_id, guild_id, -images, -messages, -microusd, :absorbed_microusd,
        anchor_at, :now
    FROM ledger WHERE job_id = :job_id AND kind = 'hold' RETURNING images, messages, microusd
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


HELD_BY_SERVER = """
    SELECT COALESCE(SUM(held_microusd), 0) AS microusd FROM job INDEXED BY job_unfinished
    WHERE state IN ('queued', 'sent', 'produced', 'delivered') AND guild_id = :guild_id
"""
OF_PEOPLE = """
    SELECT ledger.user_id AS user_id, SUM(images) AS images, SUM(messages) AS messages,
        SUM(microusd) AS microusd
    FROM ledger INDEXED BY ledger_server
    LEFT JOIN allowance_reset AS reset
        ON reset.guild_id = ledger.guild_id AND reset.user_id = ledger.user_id AND reset.meter = :meter
    WHERE ledger.guild_id = :guild_id AND anchor_at >= :starts_at AND anchor_at < :ends_at
    AND anchor_at >= COALESCE(reset_at, 0) AND ledger.user_id IS NOT NULL
    GROUP BY ledger.user_id ORDER BY ledger.user_id
"""


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
            lambda connection: entitlements.standing(connection, limits, EPOCH)[1]
        )

    async def entitlement(self, claim: Claim, now: datetime) -> rules.Entitlement:
        """Return what somebody may use, who said so and what is used of it, all as of one moment."""

        def work(connection: sqlite3.Connection) -> rules.Entitlement:
            decided = entitlements.read(connection, claim)
            _, found = entitlements.readings(connection, claim, decided, now)
            return rules.Entitlement(found, rules.given(decided.rules, claim.terms.person), decided)

        return await self._database.examine(work)

    async def settled(self, limit: Limit) -> tuple[int, int]:
        """Return what a server has spent of a limit in dollars, and what is held for jobs under way."""

        def work(connection: sqlite3.Connection) -> tuple[int, int]:
            row = connection.execute(HELD_BY_SERVER, {"guild_id": limit.guild_id}).fetchone()
            total = used(connection, limit)
            held = min(int(row["microusd"]), total)
            return total - held, held

        return await self._database.examine(work)

    async def of_people(self, guild_id: int, meter: Meter, stretch: Window) -> dict[int, Charge]:
        """Return what each person spent in a server that counts on a meter, holds included.

        What was spent before it was forgiven does not. It reads all rows of the window.
        """
        about = {"guild_id": guild_id, "meter": meter.value}
        rows = await self._database.read(OF_PEOPLE, {**about, **_bounds(stretch)})
        return {row["user_id"]: Charge(row["images"], row["microusd"], row["messages"]) for row in rows}

    async def booked(self) -> int:
        """Return what the provider charged from the first day on, by our own books."""
        rows = await self._database.read(BOOKED)
        return int(rows[0]["microusd"])

    async def drifted(self) -> int:
        """Return how many of the sums that limits are read from disagree with the rows; it reads all rows."""
        return await self._database.examine(drifted)


def hold(
    connection: sqlite3.Connection,
    job_id: int,
    payer: Payer,
    held: Charge,
    limits: Limits,
    now: datetime,
) -> None:
    """Reserve what a job may cost, or raise QuotaExceeded; inside the transaction that makes the job.

    What goes beyond an allowance is taken of the grants that the person has for it.
    """
    anchor_at, readings = entitlements.standing(connection, limits, now)
    draws = [(reading, reading.draws(held)) for reading in readings]
    if short := [reading for reading, taken in draws if taken is None]:
        raise quota_exceeded(short, held)
    values = {
        "job_id": job_id,
        "user_id": payer.user_id,
        "guild_id": payer.guild_id or 0,
        "images": held.images,
        "messages": held.messages,
        "microusd": held.microusd,
        "anchor_at": to_micros(anchor_at),
        "now": to_micros(now),
    }
    connection.execute(HOLD, values)
    grants.use(connection, job_id, [draw for _, taken in draws for draw in taken or ()], anchor_at)


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
    _end(connection, SETTLE, values)


def release(connection: sqlite3.Connection, job_id: int, absorbed_microusd: int, now: datetime) -> None:
    """Give a hold back whole; inside the transaction that ends the job."""
    values = {"job_id": job_id, "absorbed_microusd": absorbed_microusd, "now": to_micros(now)}
    _end(connection, RELEASE, values)


def _end(connection: sqlite3.Connection, sql: str, values: dict[str, int]) -> None:
    """Write the end of a hold, and give grants back what was not needed of them."""
    for row in connection.execute(sql, values).fetchall():
        unspent = Charge(-row["images"], -row["microusd"], -row["messages"])
        grants.give_back(connection, values["job_id"], unspent)


def _bounds(stretch: Window) -> dict[str, int]:
    """Return a window as parameters."""
    return {"starts_at": to_micros(stretch.starts_at), "ends_at": to_micros(stretch.ends_at)}
