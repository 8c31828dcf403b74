"""Which process works on which job, so that another may go on where one has died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import LEASE
from bot.storage.codec import to_micros
from bot.storage.job_rows import job_from_row

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.jobs import Job
    from bot.storage.database import Database, Value

RENEW = """
    UPDATE job SET lease_until = :until
    WHERE state IN ('queued', 'sent', 'produced', 'delivered') AND lease_owner = :owner
"""
FREE = """
    UPDATE job SET lease_owner = NULL, lease_until = NULL
    WHERE state IN ('queued', 'sent', 'produced', 'delivered') AND lease_owner = :owner
"""
TAKE_OVER = """
    UPDATE job SET lease_owner = :owner, lease_until = :until
    WHERE state IN ('queued', 'sent', 'produced', 'delivered')
    AND kind = 'pictures' AND (lease_owner IS NULL OR lease_owner <> :owner)
    AND (lease_until IS NULL OR lease_until <= :now OR :is_alone = 1)
    RETURNING *
"""
TAKE_UNTOLD = """
    UPDATE job SET lease_owner = :owner, lease_until = :until
    WHERE untold = 1 AND (lease_owner IS NULL OR lease_owner <> :owner)
    AND (lease_until IS NULL OR lease_until <= :now OR :is_alone = 1)
    RETURNING *
"""


class Leases:
    """The leases of one process; a job that it opens is its own from the start (`Jobs.open`)."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def renew(self, now: datetime) -> int:
        """Keep what is ours for another while, and return how many jobs that are."""
        return await self._database.change(RENEW, self._values(now))

    async def take_over(self, now: datetime) -> list[Job]:
        """Take unfinished and untold jobs whose process is silent for too long; the oldest first."""
        return await self._taken(now, is_alone=False)

    async def take_all(self, now: datetime) -> list[Job]:
        """Take every unfinished or untold job; only where no other process can be alive."""
        return await self._taken(now, is_alone=True)

    async def free(self) -> int:
        """Leave what is ours to whoever comes, and return how many jobs that are."""
        return await self._database.change(FREE, {"owner": self._owner})

    async def _taken(self, now: datetime, *, is_alone: bool) -> list[Job]:
        values = {**self._values(now), "now": to_micros(now), "is_alone": int(is_alone)}

        def work(connection: sqlite3.Connection) -> list[sqlite3.Row]:
            return [row for sql in (TAKE_OVER, TAKE_UNTOLD) for row in connection.execute(sql, values)]

        jobs = [job_from_row(row) for row in await self._database.write(work)]
        return sorted(jobs, key=lambda job: (job.created_at, job.id))

    def _values(self, now: datetime) -> dict[str, Value]:
        return {"owner": self._owner, "until": to_micros(now + LEASE)}
