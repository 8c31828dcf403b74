"""What a window of the ledger holds, from sums that the database keeps by day and by quarter of an hour.

A window is cut into whole days, whole quarters at its edges, and what is left of a quarter, which the days of
no time zone leave; that is read from the rows themselves. So a month costs the same however many jobs there
were in it, and the sum is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.quotas import Owner
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from bot.domain.quotas import Window

DAY = 86_400_000_000
QUARTER = 900_000_000
UNITS = (DAY, QUARTER)
"""Microseconds, the largest first."""

WHOLE = """
    SELECT SUM(jobs) AS jobs, SUM(images) AS images, SUM(messages) AS messages, SUM(microusd) AS microusd,
        SUM(absorbed_microusd) AS absorbed_microusd
    FROM spent WHERE owner = :owner AND user_id = :user_id AND guild_id = :guild_id AND unit = :unit
        AND starts_at >= :starts_at AND starts_at < :ends_at
"""
ROWS = {
    Owner.PERSON: """
        SELECT 0 AS jobs, SUM(images) AS images, SUM(messages) AS messages, SUM(microusd) AS microusd,
            0 AS absorbed_microusd FROM ledger
        WHERE user_id = :user_id AND guild_id = :guild_id AND anchor_at >= :starts_at AND anchor_at < :ends_at
    """,
    Owner.SERVER: """
        SELECT 0 AS jobs, SUM(images) AS images, SUM(messages) AS messages, SUM(microusd) AS microusd,
            0 AS absorbed_microusd FROM ledger
        WHERE guild_id = :guild_id AND anchor_at >= :starts_at AND anchor_at < :ends_at
    """,
    Owner.OPERATOR: """
        SELECT COUNT(*) FILTER (WHERE kind = 'hold') AS jobs, SUM(images) AS images,
            SUM(messages) AS messages, SUM(microusd) AS microusd, SUM(absorbed_microusd) AS absorbed_microusd
        FROM ledger WHERE anchor_at >= :starts_at AND anchor_at < :ends_at
    """,
}
"""What is left of a unit, each from an index alone; jobs, and what nobody was charged, are the operator's."""
DRIFTED = """
    WITH unit (length) AS (VALUES (86400000000), (900000000)),
    rows (owner, user_id, guild_id, unit, row_id) AS (
        SELECT 'operator', 0, 0, length, id FROM ledger, unit
        UNION ALL SELECT 'server', 0, guild_id, length, id FROM ledger, unit
        UNION ALL SELECT 'person', user_id, guild_id, length, id FROM ledger, unit WHERE user_id IS NOT NULL
    ),
    counted AS (
        SELECT owner, rows.user_id, rows.guild_id, unit, anchor_at - anchor_at % unit AS starts_at,
            SUM(kind = 'hold') AS jobs, SUM(images) AS images, SUM(messages) AS messages,
            SUM(microusd) AS microusd, SUM(absorbed_microusd) AS absorbed_microusd
        FROM rows JOIN ledger ON id = row_id GROUP BY 1, 2, 3, 4, 5
    )
    SELECT COUNT(*) AS count FROM (
        SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM spent)
        UNION ALL
        SELECT * FROM (SELECT * FROM spent EXCEPT SELECT * FROM counted)
    )
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """What was spent and what nobody was charged for; jobs are counted for the operator alone."""

    jobs: int = 0
    images: int = 0
    messages: int = 0
    microusd: int = 0
    absorbed_microusd: int = 0


def spent(
    connection: sqlite3.Connection, owner: Owner, stretch: Window, *, user_id: int = 0, guild_id: int = 0
) -> Sum:
    """Return what an owner's rows in a window add up to; inside one transaction, since it asks in parts."""
    whose = {
        "owner": owner.value,
        "user_id": user_id if owner is Owner.PERSON else 0,
        "guild_id": 0 if owner is Owner.OPERATOR else guild_id,
    }
    total = Sum()
    for unit, starts_at, ends_at in cut(to_micros(stretch.starts_at), to_micros(stretch.ends_at), UNITS):
        part = {**whose, "unit": unit, "starts_at": starts_at, "ends_at": ends_at}
        row = connection.execute(WHOLE if unit else ROWS[owner], part).fetchone()
        total = Sum(
            total.jobs + (row["jobs"] or 0),
            total.images + (row["images"] or 0),
            total.messages + (row["messages"] or 0),
            total.microusd + (row["microusd"] or 0),
            total.absorbed_microusd + (row["absorbed_microusd"] or 0),
        )
    return total


def cut(starts_at: int, ends_at: int, units: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
    """Yield stretches that make up a window: each a unit and whole times of it, or 0 and less than that."""
    if starts_at >= ends_at:
        return
    if not units:
        yield 0, starts_at, ends_at
        return
    unit, smaller = units[0], units[1:]
    first, last = -(-starts_at // unit) * unit, ends_at // unit * unit
    if first >= last:
        yield from cut(starts_at, ends_at, smaller)
        return
    yield from cut(starts_at, first, smaller)
    yield unit, first, last
    yield from cut(last, ends_at, smaller)


def drifted(connection: sqlite3.Connection) -> int:
    """Return how many sums disagree with the rows, which is none; it reads all of them."""
    return int(connection.execute(DRIFTED).fetchone()["count"])
