"""Jobs and their life: every step is one transaction, and is taken at most once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot.domain.jobs import LEASE, STEPS, CallState, Job, JobState
from bot.storage import calls, codec, gallery, ledger, pictures, room
from bot.storage.codec import to_micros
from bot.storage.job_rows import job_from_row, job_to_values, step
from bot.storage.strays import let_go

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.capabilities import Plan
    from bot.domain.images import Picture
    from bot.domain.jobs import Bounds, Call
    from bot.domain.quotas import Charge
    from bot.domain.results import Came
    from bot.storage.database import Database
    from bot.storage.entitlements import Limits

End = Literal[JobState.REFUSED, JobState.FAILED, JobState.CANCELLED]
"""The ends of a job that give its hold back."""

INSERT = """
    INSERT INTO job
        (id, state, user_id, guild_id, channel_id, request, plan, held_images, held_microusd, application_id,
        token, token_expires_at, upload_limit_bytes, can_post_in_channel, parent_job_id, cost_microusd,
        created_at, updated_at, lease_owner, lease_until, language, role_ids)
    VALUES (:id, 'queued', :user_id, :guild_id, :channel_id, :request, :plan, :held_images, :held_microusd,
        :application_id, :token, :token_expires_at, :upload_limit_bytes, :can_post_in_channel, :parent_job_id,
        0, :created_at, :now, :lease_owner, :lease_until, :language, :role_ids)
    ON CONFLICT (id) DO NOTHING
"""
PRODUCED = "UPDATE job SET state = 'produced' WHERE id = :id"
PRODUCE = """
    UPDATE job SET state = 'produced', updated_at = :now WHERE id = :id AND state = 'sent'
    AND NOT EXISTS (SELECT 1 FROM call WHERE job_id = :id AND state IN ('planned', 'sent'))
    AND EXISTS (SELECT 1 FROM call WHERE job_id = :id AND state = 'received') RETURNING *
"""
BY_ID = "SELECT * FROM job WHERE id = :id"
UNFINISHED_OF_PERSON = """
    SELECT * FROM job INDEXED BY job_unfinished
    WHERE state IN ('queued', 'sent', 'produced', 'delivered') AND user_id = :user_id AND kind = 'pictures'
    AND NOT EXISTS (SELECT 1 FROM batch_row WHERE batch_row.job_id = job.id AND batch_row.state = 'running')
    ORDER BY created_at, id
"""
UNFINISHED_OF_SERVER = """
    SELECT * FROM job
    WHERE state IN ('queued', 'sent', 'produced', 'delivered') AND guild_id = :guild_id AND kind = 'pictures'
    AND NOT EXISTS (SELECT 1 FROM batch_row WHERE batch_row.job_id = job.id AND batch_row.state = 'running')
    ORDER BY created_at, id
"""
RECENT_OF_PERSON = """
    SELECT * FROM job WHERE user_id = :user_id AND state = 'settled' AND kind = 'pictures'
    ORDER BY id DESC LIMIT :most
"""
CENSUS = """
    SELECT CASE WHEN state = 'produced' AND failure IS NOT NULL THEN 'kept' ELSE state END AS standing,
        COUNT(*) AS count
    FROM job WHERE state IN ('queued', 'sent', 'produced', 'delivered') GROUP BY standing
"""
TOLD = "UPDATE job SET untold = 0 WHERE id = :id"
PLACE = """
    UPDATE job SET card_channel_id = :channel_id, card_message_id = :message_id, updated_at = :now
    WHERE id = :id AND state IN ('queued', 'sent', 'produced')
"""
DELIVER = """
    UPDATE job SET state = 'delivered', failure = NULL, card_channel_id = :channel_id,
        card_message_id = :message_id, updated_at = :now,
        upload_limit_bytes = COALESCE(:limit_bytes, upload_limit_bytes)
    WHERE id = :id AND state = 'produced' RETURNING *
"""
REPLAN = """
    UPDATE job SET plan = :plan, updated_at = :now WHERE id = :id AND state = 'sent'
    AND NOT EXISTS (SELECT 1 FROM call WHERE job_id = :id AND (state <> 'failed' OR cost_microusd <> 0))
"""
SETTLE = """
    UPDATE job SET state = 'settled', cost_microusd = :cost_microusd, updated_at = :now
    WHERE id = :id AND state = 'delivered'
"""


class Jobs:
    """The jobs of the database. A method that returns bool says whether this call took the step.

    `owner` names the process that works on what is opened here; without one it is anybody's at once.
    """

    def __init__(self, database: Database, owner: str | None = None) -> None:
        self._database = database
        self._owner = owner

    async def open(self, job: Job, limits: Limits, now: datetime, bounds: Bounds | None = None) -> bool:
        """Insert a queued job and hold what it may cost, or raise NoRoom or QuotaExceeded and leave no trace.

        False where the job is there already: the same click delivered twice holds once.
        """
        values = self._values(job, now)

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(INSERT, values).rowcount == 0:
                return False
            if bounds is not None:
                room.check(connection, job.id, job, bounds)
            calls.insert_planned(connection, job.id, job.plan)
            ledger.hold(connection, job.id, job, job.held, limits, now)
            return True

        return await self._database.write(work)

    async def file(self, job: Job, results: Sequence[Picture], now: datetime) -> bool:
        """Insert a job whose pictures are there and paid for elsewhere; it holds nothing.

        False where the job is there already.
        """
        values = self._values(job, now)

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(INSERT, values).rowcount == 0:
                return False
            calls.insert_received(connection, job.id, job.plan, now)
            ledger.hold(connection, job.id, job, job.held, (), now)
            for picture in results:
                pictures.insert(connection, picture, now)
            connection.execute(PRODUCED, {"id": job.id})
            return True

        return await self._database.write(work)

    def _values(self, job: Job, now: datetime) -> dict[str, str | int | None]:
        return job_to_values(job, now) | {
            "lease_owner": self._owner,
            "lease_until": None if self._owner is None else to_micros(now + LEASE),
        }

    async def get(self, job_id: int) -> Job | None:
        """Return a job, or None where it is not known."""
        rows = await self._database.read(BY_ID, {"id": job_id})
        return job_from_row(rows[0]) if rows else None

    async def whole(self, job_id: int) -> tuple[Job, tuple[Call, ...]] | None:
        """Return a job and its paid calls, both of one moment; None where it is not known."""

        def work(connection: sqlite3.Connection) -> tuple[Job, tuple[Call, ...]] | None:
            row = connection.execute(BY_ID, {"id": job_id}).fetchone()
            return None if row is None else (job_from_row(row), calls.of_job(connection, job_id))

        return await self._database.examine(work)

    async def calls(self, job_id: int) -> tuple[Call, ...]:
        """Return a job's paid calls, in their order."""
        rows = await self._database.read(calls.OF_JOB, {"job_id": job_id})
        return tuple(calls.call_from_row(row) for row in rows)

    async def unfinished_of_person(self, user_id: int) -> list[Job]:
        """Return someone's jobs that have not ended, in all places, the oldest first; batches apart."""
        rows = await self._database.read(UNFINISHED_OF_PERSON, {"user_id": user_id})
        return [job_from_row(row) for row in rows]

    async def unfinished_of_server(self, guild_id: int) -> list[Job]:
        """Return a server's jobs that have not ended, the oldest first; batches apart."""
        rows = await self._database.read(UNFINISHED_OF_SERVER, {"guild_id": guild_id})
        return [job_from_row(row) for row in rows]

    async def recent_of_person(self, user_id: int, most: int = 25) -> tuple[Job, ...]:
        """Return someone's latest jobs that were delivered and paid for, in all places, the newest first."""
        rows = await self._database.read(RECENT_OF_PERSON, {"user_id": user_id, "most": most})
        return tuple(job_from_row(row) for row in rows)

    async def census(self) -> dict[str, int]:
        """Return how many jobs have not ended, by state; `kept` are those that wait for their owner."""
        rows = await self._database.read(CENSUS)
        return {row["standing"]: row["count"] for row in rows}

    async def replan(self, job_id: int, plan: Plan, now: datetime) -> bool:
        """Replace the plan of a running job whose calls all failed for nothing; what is held stays.

        False where a call is under way, came, was lost or was billed: then the old plan stands.
        """
        values = {"id": job_id, "plan": codec.plan_to_json(plan), "now": to_micros(now)}

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(REPLAN, values).rowcount == 0:
                return False
            calls.replace(connection, job_id, plan)
            return True

        return await self._database.write(work)

    async def mark_sent(self, job_id: int, ordinal: int, now: datetime) -> bool:
        """Note that a call is about to be sent; with the first of its calls a queued job is `sent`.

        False where that call was sent, or the job has ended: then don't send.
        """

        def work(connection: sqlite3.Connection) -> bool:
            if not calls.mark_sent(connection, job_id, ordinal, now):
                return False
            step(connection, job_id, frozenset({JobState.QUEUED}), JobState.SENT, now)
            return True

        return await self._database.write(work)

    async def mark_refused(self, job_id: int, ordinal: int) -> None:
        """Note that nothing of a call is at the provider any more: it is planned, and may be sent again."""
        await self._database.write(lambda connection: calls.mark_refused(connection, job_id, ordinal))

    async def note_generation(self, job_id: int, ordinal: int, generation_id: str) -> bool:
        """Keep the provider's id of a call under way, by which its price can be asked after a crash."""
        return await self._database.write(
            lambda connection: calls.note_generation(connection, job_id, ordinal, generation_id)
        )

    async def receive(
        self,
        job_id: int,
        ordinal: int,
        cost_microusd: int,
        results: Sequence[Picture],
        now: datetime,
        *,
        is_estimate: bool = False,
    ) -> bool:
        """Keep what a call brought: its true cost and its pictures, whose blobs are stored already.

        An estimate is the operator's, and still to be asked.
        """

        def work(connection: sqlite3.Connection) -> bool:
            if not calls.receive(connection, job_id, ordinal, cost_microusd, now, is_estimate=is_estimate):
                return False
            for picture in results:
                pictures.insert(connection, picture, now)
            return True

        return await self._database.write(work)

    async def fail_call(
        self,
        job_id: int,
        ordinal: int,
        state: Literal[CallState.FAILED, CallState.LOST],
        failure: str,
        cost_microusd: int,
        now: datetime,
        *,
        is_estimate: bool = False,
    ) -> bool:
        """Note that a call brought nothing, why, and what the provider billed all the same, or may have."""
        end = (job_id, ordinal, state, failure, cost_microusd, now)
        return await self._database.write(lambda rows: calls.fail(rows, *end, is_estimate=is_estimate))

    async def produce(self, job_id: int, now: datetime) -> tuple[Job, Came] | None:
        """Note that a running job has all the pictures that will come; return it and these, if it runs."""
        values = {"id": job_id, "now": to_micros(now)}

        def work(connection: sqlite3.Connection) -> tuple[Job, Came] | None:
            row = connection.execute(PRODUCE, values).fetchone()
            return None if row is None else (job_from_row(row), pictures.came_of(connection, job_id))

        return await self._database.write(work)

    async def place(self, job_id: int, channel_id: int, message_id: int, now: datetime) -> bool:
        """Note which message waits for the pictures of a job that is not delivered."""
        values = {"id": job_id, "channel_id": channel_id, "message_id": message_id, "now": to_micros(now)}
        return await self._database.change(PLACE, values) == 1

    async def deliver(
        self, job_id: int, channel_id: int, message_id: int, now: datetime, *, limit_bytes: int | None = None
    ) -> Job | None:
        """Note where a produced job was posted, and what a file may weigh there where that is known now.

        Return the job as it is now, or None where it was not produced.
        """
        where = {"channel_id": channel_id, "message_id": message_id, "limit_bytes": limit_bytes}
        values = {"id": job_id, **where, "now": to_micros(now)}

        def work(connection: sqlite3.Connection) -> Job | None:
            if (row := connection.execute(DELIVER, values).fetchone()) is None:
                return None
            job = job_from_row(row)
            gallery.insert(connection, job, pictures.results(connection, job_id), now)
            return job

        return await self._database.write(work)

    async def settle(self, job_id: int, charge: Charge, absorbed_microusd: int, now: datetime) -> bool:
        """Charge a delivered job at its true cost; `absorbed_microusd` was billed but charged to nobody."""
        values = {"id": job_id, "cost_microusd": charge.microusd, "now": to_micros(now)}

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(SETTLE, values).rowcount == 0:
                return False
            ledger.settle(connection, job_id, charge, absorbed_microusd, now)
            return True

        return await self._database.write(work)

    async def release(
        self,
        job_id: int,
        after: End,
        failure: str | None,
        absorbed_microusd: int,
        now: datetime,
        *,
        untold: bool = False,
    ) -> bool:
        """End a job without its being charged and give its hold back whole.

        False where it has ended, or was delivered and can only be settled. `failure` is the sentence for
        the person, who is still to be told it where `untold`; `absorbed_microusd` is what the provider
        billed all the same.
        """
        befores = frozenset(state for state, steps in STEPS.items() if after in steps)

        def work(connection: sqlite3.Connection) -> bool:
            if not step(connection, job_id, befores, after, now, failure, untold=untold):
                return False
            ledger.release(connection, job_id, absorbed_microusd, now)
            return True

        return await self._database.write(work)

    async def told(self, job_id: int) -> None:
        """Note that the person knows how their job has ended."""
        await self._database.change(TOLD, {"id": job_id})

    async def forget_pictures(self, job_id: int) -> bool:
        """Forget a job's results; tell whether bytes that nothing holds any more are to be swept."""

        def work(connection: sqlite3.Connection) -> bool:
            return bool(let_go(connection, pictures.delete_results(connection, job_id)))

        return await self._database.write(work)
