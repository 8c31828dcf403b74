"""Results that Discord took in none of its ways: produced, why not in `failure`, kept for their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage.codec import clean, to_micros

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.jobs import Origin
    from bot.storage.database import Database

KEEP = """
    UPDATE job SET failure = :failure, updated_at = :now WHERE id = :id AND state = 'produced'
"""
TAKE = """
    UPDATE job SET failure = NULL, application_id = :application_id, token = :token,
        token_expires_at = :token_expires_at, upload_limit_bytes = :upload_limit_bytes, updated_at = :now
    WHERE id = :id AND state = 'produced' AND failure IS NOT NULL
"""
WITHDRAW = """
    UPDATE job SET failure = NULL, updated_at = :now
    WHERE id = :id AND state = 'produced' AND failure IS NOT NULL
"""
ASKED_BEFORE = """
    SELECT id FROM job WHERE state IN ('queued', 'sent', 'produced', 'delivered')
    AND state = 'produced' AND failure IS NOT NULL AND created_at < :moment ORDER BY created_at, id
"""
"""The list of states is there for the index of what has not ended."""


class Shelf:
    """The results that wait. A method that returns bool says whether this call took the step."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, job_id: int, failure: str, now: datetime) -> bool:
        """Note why a produced job could not be shown; from now on it waits for its owner."""
        return (
            await self._database.change(
                KEEP, {"id": job_id, "failure": clean(failure), "now": to_micros(now)}
            )
            == 1
        )

    async def take(self, job_id: int, origin: Origin, now: datetime) -> bool:
        """Send a waiting result on to another interaction, once."""
        values = {
            "id": job_id,
            "application_id": origin.application_id,
            "token": origin.token,
            "token_expires_at": to_micros(origin.token_expires_at),
            "upload_limit_bytes": origin.upload_limit_bytes,
            "now": to_micros(now),
        }
        return await self._database.change(TAKE, values) == 1

    async def withdraw(self, job_id: int, now: datetime) -> bool:
        """Let nobody fetch a waiting result any more, before it is let go."""
        return await self._database.change(WITHDRAW, {"id": job_id, "now": to_micros(now)}) == 1

    async def asked_before(self, moment: datetime) -> list[int]:
        """Return the waiting results that were asked for before a moment, the oldest first."""
        rows = await self._database.read(ASKED_BEFORE, {"moment": to_micros(moment)})
        return [row["id"] for row in rows]
