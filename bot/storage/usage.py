"""Spending told apart, read from the ledger's own rows, so that it adds up to the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import UNFINISHED
from bot.domain.usage import Amount, Entry
from bot.storage.codec import to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import date

    from bot.domain.quotas import Window
    from bot.storage.database import Database

GROUPS = f"""
    SELECT COALESCE(ledger.user_id, 0) AS user_id, ledger.guild_id AS guild_id,
        COALESCE(json_extract(job.request, '$.kind'), json_extract(job.request, '$.purpose'), 'imagine')
            AS command,
        COALESCE(json_extract(job.plan, '$.model_id'), '') AS model,
        SUM(ledger.kind = 'hold') AS requests,
        SUM(CASE WHEN job.state IN ({", ".join(repr(state.value) for state in UNFINISHED)}) THEN 1 ELSE 0 END
            * ledger.microusd) AS held_microusd,
        SUM(ledger.images) AS images, SUM(ledger.messages) AS messages, SUM(ledger.microusd) AS microusd,
        SUM(ledger.absorbed_microusd) AS absorbed_microusd
    FROM ledger JOIN job ON job.id = ledger.job_id
    WHERE ledger.anchor_at >= :starts_at AND ledger.anchor_at < :ends_at %s
    GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - our own states
OF_ALL = GROUPS % ""
OF_SERVER = GROUPS % "AND ledger.guild_id = :guild_id"


class UsageRows:
    """Reads what was spent in windows of time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(
        self, days: Sequence[tuple[date, Window]], guild_id: int | None = None
    ) -> tuple[Entry, ...]:
        """Return the spending of days, each by person, server, command and model, all as of one moment.

        With `guild_id` that server's alone. A job counts on the day of its hold.
        """

        def work(connection: sqlite3.Connection) -> tuple[Entry, ...]:
            return tuple(
                entry for day, stretch in days for entry in _of_day(connection, day, stretch, guild_id)
            )

        return await self._database.examine(work)


def _of_day(
    connection: sqlite3.Connection, day: date, stretch: Window, guild_id: int | None
) -> tuple[Entry, ...]:
    values = {
        "starts_at": to_micros(stretch.starts_at),
        "ends_at": to_micros(stretch.ends_at),
        "guild_id": guild_id,
    }
    rows = connection.execute(OF_ALL if guild_id is None else OF_SERVER, values)
    return tuple(
        Entry(day, row["user_id"], row["guild_id"], row["command"], row["model"], _amount(row))
        for row in rows
    )


def _amount(row: sqlite3.Row) -> Amount:
    held = row["held_microusd"]
    return Amount(
        row["requests"],
        row["images"],
        row["messages"],
        row["microusd"] - held,
        held,
        row["absorbed_microusd"],
    )
