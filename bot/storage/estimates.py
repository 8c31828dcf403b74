"""Calls that are booked at an estimate, and the one time that this is put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.storage.codec import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.database import Database

DUE = """
    SELECT call.job_id, ordinal, generation_id, ended_at, json_extract(job.plan, '$.model_id') AS model_id,
        call.state = 'lost' AND json_extract(job.plan, '$.transport') IS 'images' AS is_all_or_nothing
    FROM call JOIN job ON job.id = call.job_id
    WHERE ask_at <= :now AND generation_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM ledger WHERE ledger.job_id = call.job_id AND ledger.kind IN ('settle', 'release')
    )
    ORDER BY ask_at, call.job_id, ordinal LIMIT :most
"""
"""Before a job has ended, its end still reads what its calls cost."""
ESTIMATE = """
    SELECT estimate_microusd FROM call
    WHERE job_id = :job_id AND ordinal = :ordinal AND ask_at IS NOT NULL
"""
CORRECT_LEDGER = """
    UPDATE ledger SET absorbed_microusd = absorbed_microusd + :more_microusd
    WHERE job_id = :job_id AND kind IN ('settle', 'release')
"""
CORRECT_CALL = """
    UPDATE call SET cost_microusd = :cost_microusd, ask_at = :ask_at,
        estimate_microusd = iif(:ask_at IS NULL, NULL, :cost_microusd),
        withheld_microusd = CASE state WHEN 'received' THEN :cost_microusd ELSE withheld_microusd END
    WHERE job_id = :job_id AND ordinal = :ordinal
"""
PUT_OFF = """
    UPDATE call SET ask_at = :ask_at
    WHERE job_id = :job_id AND ordinal = :ordinal AND ask_at IS NOT NULL
"""
LEAVE = """
    UPDATE call SET estimate_microusd = NULL, ask_at = NULL WHERE job_id = :job_id AND ordinal = :ordinal
"""


@dataclass(frozen=True, slots=True)
class Estimated:
    """A call whose cost is still to be asked, by the provider's name for it."""

    job_id: int
    ordinal: int
    generation_id: str
    model_id: str
    ended_at: datetime
    is_all_or_nothing: bool
    """Whether nothing is charged for it where the line broke, unless the provider has a record of it."""


class Estimates:
    """What is still to be asked of the provider. The operator alone bears estimates, and what they become."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, most: int) -> tuple[Estimated, ...]:
        """Return calls of ended jobs that are to be asked now, those first that wait longest."""
        rows = await self._database.read(DUE, {"now": to_micros(now), "most": most})
        return tuple(
            Estimated(
                row["job_id"],
                row["ordinal"],
                row["generation_id"],
                row["model_id"],
                from_micros(row["ended_at"]),
                is_all_or_nothing=bool(row["is_all_or_nothing"]),
            )
            for row in rows
        )

    async def correct(
        self, call: Estimated, cost_microusd: int, *, ask_at: datetime | None = None
    ) -> int | None:
        """Book what a call has cost in place of its estimate; return by how much that is more.

        Until it is asked for again at `ask_at`, if it is, that is an estimate too. None where the cost was
        booked already.
        """
        where = {"job_id": call.job_id, "ordinal": call.ordinal}

        def work(connection: sqlite3.Connection) -> int | None:
            if (row := connection.execute(ESTIMATE, where).fetchone()) is None:
                return None
            booked = {"cost_microusd": cost_microusd, "ask_at": None if ask_at is None else to_micros(ask_at)}
            more = cost_microusd - int(row["estimate_microusd"])
            connection.execute(CORRECT_LEDGER, {"job_id": call.job_id, "more_microusd": more})
            connection.execute(CORRECT_CALL, {**where, **booked})
            return more

        return await self._database.write(work)

    async def put_off(self, call: Estimated, ask_at: datetime) -> None:
        """Ask for a call again at a later time."""
        values = {"job_id": call.job_id, "ordinal": call.ordinal, "ask_at": to_micros(ask_at)}
        await self._database.change(PUT_OFF, values)

    async def leave(self, call: Estimated) -> None:
        """Ask for a call no more; its estimate stays booked."""
        await self._database.change(LEAVE, {"job_id": call.job_id, "ordinal": call.ordinal})
