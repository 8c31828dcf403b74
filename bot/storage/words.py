"""Jobs for words: held when they are asked, settled when they are answered. The words are not in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.asks import Unanswered
from bot.domain.jobs import LEASE, CallState, JobState
from bot.storage import calls, ledger, room
from bot.storage.codec import clean, dump, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.asks import WordsJob
    from bot.domain.jobs import Bounds
    from bot.domain.quotas import Charge
    from bot.storage.database import Database
    from bot.storage.entitlements import Limits
    from bot.storage.jobs import End

INSERT = """
    INSERT INTO job
        (id, kind, state, user_id, guild_id, channel_id, request, plan, held_images, held_microusd,
        application_id, token, token_expires_at, upload_limit_bytes, can_post_in_channel, cost_microusd,
        created_at, updated_at, lease_owner, lease_until)
    SELECT MIN(0, COALESCE(MIN(id), 0)) - 1, 'words', 'sent', :user_id, :guild_id, :channel_id, :request,
        :plan, :held_images, :held_microusd, 0, '', :now, 1, 0, 0, :now, :now, :lease_owner, :lease_until
    FROM job RETURNING id
"""
"""Ids below zero are nobody's but theirs: Discord's events, which name all other jobs, are above."""
INSERT_CALL = """
    INSERT INTO call (job_id, ordinal, count, state, cost_microusd) VALUES (:job_id, 0, 1, 'planned', 0)
"""
SETTLE = """
    UPDATE job SET state = 'settled', cost_microusd = :cost_microusd, updated_at = :now
    WHERE id = :id AND state = 'sent' AND kind = 'words'
"""
END = """
    UPDATE job SET state = :after, failure = :failure, updated_at = :now
    WHERE id = :id AND state = 'sent' AND kind = 'words'
"""
COST = "SELECT COALESCE(SUM(cost_microusd), 0) AS microusd FROM call WHERE job_id = :id"
TAKE = """
    UPDATE job SET lease_owner = :owner, lease_until = :until
    WHERE kind = 'words' AND state IN ('queued', 'sent', 'produced', 'delivered')
    AND (lease_owner IS NULL OR lease_owner <> :owner)
    AND (lease_until IS NULL OR lease_until <= :now OR :is_alone = 1)
    RETURNING id, held_microusd
"""
CALL = "SELECT state, generation_id, cost_microusd FROM call WHERE job_id = :job_id"


class WordsJobs:
    """The jobs for words of the database. A method that returns bool says whether this call took the step."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def open(self, job: WordsJob, limits: Limits, bounds: Bounds, now: datetime) -> int:
        """Hold what an answer may cost and return the job's id, or raise NoRoom or QuotaExceeded."""
        values = {
            "user_id": job.user_id,
            "guild_id": job.guild_id,
            "channel_id": job.channel_id,
            "request": dump({"v": 1, "purpose": job.purpose.value}),
            "plan": dump({"v": 1, "model_id": job.model_id}),
            "held_images": job.held.images,
            "held_microusd": job.held.microusd,
            "now": to_micros(now),
            "lease_owner": self._owner,
            "lease_until": to_micros(now + LEASE),
        }

        def work(connection: sqlite3.Connection) -> int:
            job_id = int(connection.execute(INSERT, values).fetchone()["id"])
            connection.execute(INSERT_CALL, {"job_id": job_id})
            room.check(connection, job_id, job, bounds, kind="words")
            ledger.hold(connection, job_id, job, job.held, limits, now)
            return job_id

        return await self._database.write(work)

    async def mark_sent(self, job_id: int, now: datetime) -> bool:
        """Note that the call is about to be sent. False: the job has ended; then don't send."""
        return await self._database.write(lambda connection: calls.mark_sent(connection, job_id, 0, now))

    async def mark_refused(self, job_id: int) -> None:
        """Note that nothing of the call is at the provider any more; it may be sent again."""
        await self._database.write(lambda connection: calls.mark_refused(connection, job_id, 0))

    async def note_generation(self, job_id: int, generation_id: str) -> bool:
        """Keep the provider's id of the call under way, by which its price can be asked after a crash."""
        return await self._database.write(
            lambda connection: calls.note_generation(connection, job_id, 0, generation_id)
        )

    async def receive(self, job_id: int, cost_microusd: int, now: datetime) -> bool:
        """Note that the answer came, and its true cost."""
        return await self._database.write(
            lambda connection: calls.receive(connection, job_id, 0, cost_microusd, now)
        )

    async def settle(
        self, job_id: int, charge: Charge, absorbed_microusd: int, now: datetime, *, is_estimate: bool = False
    ) -> bool:
        """Charge an answer that reached its person; `absorbed_microusd` was billed but charged to nobody.

        An estimate is still to be asked.
        """
        values = {"id": job_id, "cost_microusd": charge.microusd, "now": to_micros(now)}

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(SETTLE, values).rowcount == 0:
                return False
            ledger.settle(connection, job_id, charge, absorbed_microusd, now)
            if is_estimate:
                calls.estimate(connection, job_id, 0, absorbed_microusd, now)
            return True

        return await self._database.write(work)

    async def release(
        self,
        job_id: int,
        after: End,
        failure: str,
        billed_microusd: int,
        now: datetime,
        *,
        is_estimate: bool = False,
    ) -> bool:
        """End a job without its being charged and give its hold back whole.

        `billed_microusd` is what the provider took for a call that did not end well; what an answer that
        came has cost is known already. The operator bears either; an estimate is still to be asked.
        """
        state = CallState.LOST if after is JobState.CANCELLED else CallState.FAILED

        def work(connection: sqlite3.Connection) -> bool:
            values = {"id": job_id, "after": after.value, "failure": clean(failure), "now": to_micros(now)}
            if connection.execute(END, values).rowcount == 0:
                return False
            calls.fail(connection, job_id, 0, state, failure, billed_microusd, now, is_estimate=is_estimate)
            cost = int(connection.execute(COST, {"id": job_id}).fetchone()["microusd"])
            ledger.release(connection, job_id, cost, now)
            return True

        return await self._database.write(work)

    async def take_left(self, now: datetime, *, is_alone: bool) -> tuple[Unanswered, ...]:
        """Take the jobs of processes that are silent for too long; all there are where none can be alive."""
        values = {
            "owner": self._owner,
            "until": to_micros(now + LEASE),
            "now": to_micros(now),
            "is_alone": int(is_alone),
        }

        def work(connection: sqlite3.Connection) -> tuple[Unanswered, ...]:
            taken = connection.execute(TAKE, values).fetchall()
            return tuple(_unanswered(connection, row) for row in taken)

        return await self._database.write(work)


def _unanswered(connection: sqlite3.Connection, job: sqlite3.Row) -> Unanswered:
    call = connection.execute(CALL, {"job_id": job["id"]}).fetchone()
    return Unanswered(
        id=job["id"],
        held_microusd=job["held_microusd"],
        was_sent=call["state"] == CallState.SENT.value,
        cost_microusd=call["cost_microusd"],
        generation_id=call["generation_id"],
    )
