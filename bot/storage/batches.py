"""Batches of prompts and their rows: every step is one transaction, and is taken at most once.

A batch is `pending` while somebody has to look after it: while it runs, while jobs of it are under way or not
shown, and until its card shows how it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import LEASE
from bot.domain.runs import AT_ONCE, Batch, BatchRow, BatchState, Draft, Tally
from bot.errors import NotFound
from bot.storage.batch_codec import (
    batch_from_row,
    batch_to_values,
    row_from_row,
)
from bot.storage.batch_drafts import FORGET
from bot.storage.batch_tallies import tally
from bot.storage.codec import clean, to_micros
from bot.storage.job_rows import origin_to_values
from bot.texts import tr

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.jobs import Origin
    from bot.storage.database import Database, Value

OPEN_OF_PERSON = """
    SELECT COUNT(*) AS count FROM batch WHERE user_id = :user_id AND state IN ('running', 'paused')
"""
INSERT = """
    INSERT INTO batch
        (id, state, user_id, guild_id, channel_id, parent_id, role_ids, title, request, application_id,
        token, token_expires_at, upload_limit_bytes, can_post_in_channel, pending, created_at, updated_at,
        lease_owner, lease_until, language)
    VALUES (:id, :state, :user_id, :guild_id, :channel_id, :parent_id, :role_ids, :title, :request,
        :application_id, :token, :token_expires_at, :upload_limit_bytes, :can_post_in_channel, 1, :created_at,
        :now, :owner, :until, :language)
"""
INSERT_ROW = """
    INSERT INTO batch_row (batch_id, ordinal, prompt, seed, state, attempts)
    VALUES (:batch_id, :ordinal, :prompt, :seed, 'waiting', 0)
"""
GET = "SELECT * FROM batch WHERE id = :id"
FAILED = """
    SELECT row.batch_id, ordinal, prompt, seed, 'failed' AS state, job_id,
        COALESCE(row.failure, job.failure) AS failure
    FROM batch_row AS row LEFT JOIN job ON job.id = row.job_id
    WHERE batch_id = :id AND (row.state = 'failed' OR (row.state = 'done' AND job.state = 'failed'))
    ORDER BY ordinal LIMIT :most
"""
"""Among them what was kept for its owner, and let go after a day."""
DONE = "SELECT * FROM batch_row WHERE batch_id = :id AND state = 'done' ORDER BY ordinal"
DRAWING = """
    SELECT row.job_id AS job_id FROM batch_row AS row JOIN job ON job.id = row.job_id
    WHERE row.batch_id = :id AND row.state = 'running'
    AND (job.state IN ('queued', 'sent') OR (job.state = 'produced' AND job.review = 'waiting'))
    ORDER BY row.ordinal
"""
IN_FLIGHT = """
    SELECT COUNT(*) AS count FROM batch_row AS row JOIN job ON job.id = row.job_id
    WHERE row.batch_id = :id AND row.state = 'running'
    AND job.state NOT IN ('produced', 'delivered', 'settled')
"""
"""One that has failed counts until that is noted, so that a few failures in a row are seen in time."""
COLLECTED = "SELECT batch_id FROM batch_row WHERE job_id = :job_id AND (state = 'running' OR :any_state = 1)"
CLAIMED = """
    SELECT * FROM batch_row AS row WHERE row.batch_id = :id AND row.state = 'running'
    AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = row.job_id) ORDER BY row.ordinal LIMIT 1
"""
CLAIM = """
    UPDATE batch_row SET state = 'running', job_id = :job_id, attempts = attempts + 1
    WHERE batch_id = :id AND ordinal = (
        SELECT MIN(ordinal) FROM batch_row WHERE batch_id = :id AND state = 'waiting'
    ) AND EXISTS (SELECT 1 FROM batch WHERE id = :id AND state = 'running')
    RETURNING *
"""
TAKEN = """
    SELECT 1 FROM job WHERE id = :job_id UNION ALL SELECT 1 FROM batch_row WHERE job_id = :job_id
"""
PUT_BACK = """
    UPDATE batch_row SET job_id = NULL, attempts = attempts - 1, state = (
        SELECT CASE batch.state WHEN 'cancelled' THEN 'cancelled' ELSE 'waiting' END FROM batch WHERE id = :id
    )
    WHERE batch_id = :id AND state = 'running' AND NOT EXISTS (SELECT 1 FROM job WHERE id = job_id)
"""
FAIL_ROW = """
    UPDATE batch_row SET state = 'failed', failure = :failure
    WHERE batch_id = :id AND ordinal = :ordinal AND state = 'running'
"""
REAP = """
    UPDATE batch_row SET failure = job.failure, state = CASE job.state
        WHEN 'settled' THEN 'done' WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END
    FROM job WHERE job.id = batch_row.job_id AND batch_row.batch_id = :id AND batch_row.state = 'running'
    AND job.state IN ('settled', 'refused', 'failed', 'cancelled')
    RETURNING (SELECT ended.state FROM job AS ended WHERE ended.id = batch_row.job_id) AS job_state
"""
STEP = """
    UPDATE batch SET state = :after, reason = :reason, pending = 1, updated_at = :now
    WHERE id = :id AND state = :before
"""
ADOPT = "UPDATE batch SET lease_owner = :owner, lease_until = :until WHERE id = :id"
CANCEL_ROWS = "UPDATE batch_row SET state = 'cancelled' WHERE batch_id = :id AND state = 'waiting'"
RETRY_ROWS = """
    UPDATE batch_row SET state = 'waiting', job_id = NULL, page = NULL, failure = NULL
    WHERE batch_id = :id AND (state = 'failed' OR (
        state = 'done' AND EXISTS (SELECT 1 FROM job WHERE job.id = job_id AND job.state = 'failed')
    ))
"""
FINISH = """
    UPDATE batch SET state = 'done', reason = NULL, pending = 1, updated_at = :now
    WHERE id = :id AND state = 'running' AND NOT EXISTS (
        SELECT 1 FROM batch_row WHERE batch_id = :id AND state IN ('waiting', 'running')
    )
"""
LOOKED_AFTER = """
    UPDATE batch SET pending = 0, lease_owner = NULL, lease_until = NULL
    WHERE id = :id AND state = :state AND state <> 'running' AND NOT EXISTS (
        SELECT 1 FROM batch_row WHERE batch_id = :id AND state = 'running'
    )
"""
PLACE = """
    UPDATE batch SET card_channel_id = :channel_id, card_message_id = :message_id WHERE id = :id
"""
ANSWER = """
    UPDATE batch SET application_id = :application_id, token = :token, token_expires_at = :token_expires_at,
        upload_limit_bytes = :upload_limit_bytes, can_post_in_channel = :can_post_in_channel
    WHERE id = :id AND channel_id = :channel_id
"""
UNDER_WAY_OF_PERSON = """
    SELECT * FROM batch WHERE user_id = :owner_id
    AND (state IN ('running', 'paused') OR pending = 1) ORDER BY id
"""
UNDER_WAY_OF_SERVER = """
    SELECT * FROM batch WHERE guild_id = :owner_id
    AND (state IN ('running', 'paused') OR pending = 1) ORDER BY id
"""


class TooMany(Exception):
    """Somebody has as many batches under way as one may have."""


class Batches:
    """The batches of the database. A method that returns bool says whether this call took the step.

    `owner` names the process that looks after what is started here.
    """

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def start(self, batch: Batch, draft: Draft, now: datetime, most: int) -> bool:
        """Turn a draft into a batch that runs, or raise TooMany; of two presses at once, one does it."""
        values = batch_to_values(batch, now) | self._lease(now)

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(FORGET, values).rowcount == 0:
                return False
            if connection.execute(OPEN_OF_PERSON, values).fetchone()["count"] >= most:
                raise TooMany
            connection.execute(INSERT, values)
            rows = (
                {"batch_id": batch.id, "ordinal": one.row, "prompt": clean(one.prompt), "seed": one.seed}
                for one in draft.entries
            )
            connection.executemany(INSERT_ROW, rows)
            return True

        return await self._database.write(work)

    async def get(self, batch_id: int) -> Batch | None:
        """Return a batch, or None where it is not known."""
        rows = await self._database.read(GET, {"id": batch_id})
        return batch_from_row(rows[0]) if rows else None

    async def known(self, batch_id: int) -> Batch:
        """Return a batch, or raise NotFound."""
        if (batch := await self.get(batch_id)) is None:
            raise NotFound(tr("This batch is no longer here."))
        return batch

    async def tally(self, batch_id: int) -> Tally:
        """Return how many rows stand where, and what they cost so far."""
        return await self._database.examine(lambda connection: tally(connection, batch_id))

    async def failed(self, batch_id: int, most: int = -1) -> tuple[BatchRow, ...]:
        """Return the rows that failed, in their order; all of them, or the first ones."""
        rows = await self._database.read(FAILED, {"id": batch_id, "most": most})
        return tuple(row_from_row(row) for row in rows)

    async def done(self, batch_id: int) -> tuple[BatchRow, ...]:
        """Return the rows whose pictures were shown, in their order."""
        return tuple(row_from_row(row) for row in await self._database.read(DONE, {"id": batch_id}))

    async def drawing(self, batch_id: int) -> tuple[int, ...]:
        """Return the jobs of a batch that wait, for their turn or for moderators, or run."""
        return tuple(row["job_id"] for row in await self._database.read(DRAWING, {"id": batch_id}))

    async def of_job(self, job_id: int, *, any_state: bool = False) -> int | None:
        """Return the batch that a job draws for, None where it has shown or given up the job's row."""
        rows = await self._database.read(COLLECTED, {"job_id": job_id, "any_state": int(any_state)})
        return rows[0]["batch_id"] if rows else None

    async def claim(self, batch_id: int, job_id: int) -> BatchRow | None:
        """Give the next row a job's id, before there is the job; one that has an id already comes first.

        It is the next id after `job_id` where that is taken: two may be made up in one millisecond.
        None where the batch does not run, has nothing left, or has as many jobs under way as it may.
        """

        def work(connection: sqlite3.Connection) -> sqlite3.Row | None:
            row = connection.execute(CLAIMED, {"id": batch_id}).fetchone()
            if row is not None:
                return row
            if connection.execute(IN_FLIGHT, {"id": batch_id}).fetchone()["count"] >= AT_ONCE:
                return None
            free = job_id
            while connection.execute(TAKEN, {"job_id": free}).fetchone() is not None:
                free += 1
            return connection.execute(CLAIM, {"id": batch_id, "job_id": free}).fetchone()

        row = await self._database.write(work)
        return None if row is None else row_from_row(row)

    async def put_back(self, batch_id: int) -> int:
        """Let rows wait again that got an id and no job, or end with a cancelled batch; return how many."""
        return await self._database.change(PUT_BACK, {"id": batch_id})

    async def fail_row(self, batch_id: int, ordinal: int, failure: str) -> None:
        """Note why a row cannot be drawn."""
        values = {"id": batch_id, "ordinal": ordinal, "failure": clean(failure)}
        await self._database.change(FAIL_ROW, values)

    async def reap(self, batch_id: int) -> tuple[str, ...]:
        """Let rows end as their jobs have; return the states of those jobs."""
        return await self._database.write(
            lambda connection: tuple(row["job_state"] for row in connection.execute(REAP, {"id": batch_id}))
        )

    async def pause(self, batch_id: int, reason: str | None, now: datetime) -> bool:
        """Draw no more rows for now; `reason` where it pauses by itself."""
        return await self._step(batch_id, BatchState.RUNNING, BatchState.PAUSED, now, reason)

    async def resume(self, batch_id: int, now: datetime) -> bool:
        """Go on; this process looks after it."""
        return await self._step(batch_id, BatchState.PAUSED, BatchState.RUNNING, now)

    async def cancel(self, batch_id: int, now: datetime) -> bool:
        """Draw no more rows for ever."""
        return await self._step(
            batch_id, BatchState.RUNNING, BatchState.CANCELLED, now, also=CANCEL_ROWS
        ) or await self._step(batch_id, BatchState.PAUSED, BatchState.CANCELLED, now, also=CANCEL_ROWS)

    async def retry(self, batch_id: int, now: datetime) -> int:
        """Let the rows that failed wait again, and go on; return how many there are."""

        def work(connection: sqlite3.Connection) -> int:
            batch = connection.execute(GET, {"id": batch_id}).fetchone()
            if batch is None or batch["state"] == "cancelled":
                return 0
            count = connection.execute(RETRY_ROWS, {"id": batch_id}).rowcount
            if count and batch["state"] != "running":
                connection.execute(STEP, _step_values(batch_id, batch["state"], BatchState.RUNNING, now))
                connection.execute(ADOPT, {"id": batch_id} | self._lease(now))
            return count

        return await self._database.write(work)

    async def finish(self, batch_id: int, now: datetime) -> bool:
        """Note that nothing is left to be drawn or shown."""
        return await self._database.change(FINISH, {"id": batch_id, "now": to_micros(now)}) == 1

    async def looked_after(self, batch_id: int, state: BatchState) -> bool:
        """Note that nothing is left to do for a batch that stands so; False where there is."""
        return await self._database.change(LOOKED_AFTER, {"id": batch_id, "state": state.value}) == 1

    async def place(self, batch_id: int, channel_id: int | None, message_id: int | None) -> None:
        """Note where the card is; without a channel it can be edited by its interaction's token alone."""
        values = {"id": batch_id, "channel_id": channel_id, "message_id": message_id}
        await self._database.change(PLACE, values)

    async def answer(self, batch_id: int, origin: Origin, channel_id: int) -> None:
        """Let what comes be the answer to another interaction, in the same channel."""
        values = {"id": batch_id, "channel_id": channel_id} | origin_to_values(origin)
        await self._database.change(ANSWER, values)

    async def under_way_of_person(self, user_id: int) -> tuple[Batch, ...]:
        """Return someone's batches that have not ended, in all places, the oldest first."""
        return await self._batches(UNDER_WAY_OF_PERSON, user_id)

    async def under_way_of_server(self, guild_id: int) -> tuple[Batch, ...]:
        """Return a server's batches that have not ended, the oldest first."""
        return await self._batches(UNDER_WAY_OF_SERVER, guild_id)

    async def _batches(self, sql: str, owner_id: int) -> tuple[Batch, ...]:
        return tuple(batch_from_row(row) for row in await self._database.read(sql, {"owner_id": owner_id}))

    async def _step(
        self,
        batch_id: int,
        before: BatchState,
        after: BatchState,
        now: datetime,
        reason: str | None = None,
        also: str | None = None,
    ) -> bool:
        """Take a step, with what belongs to it; whoever takes it looks after what comes of it."""
        values = _step_values(batch_id, before.value, after, now, reason)
        lease: dict[str, Value] = {"id": batch_id} | self._lease(now)

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(STEP, values).rowcount == 0:
                return False
            connection.execute(ADOPT, lease)
            if also is not None:
                connection.execute(also, {"id": batch_id})
            return True

        return await self._database.write(work)

    def _lease(self, now: datetime) -> dict[str, Value]:
        return {"owner": self._owner, "until": to_micros(now + LEASE)}


def _step_values(
    batch_id: int, before: str, after: BatchState, now: datetime, reason: str | None = None
) -> dict[str, Value]:
    return {
        "id": batch_id,
        "before": before,
        "after": after.value,
        "reason": None if reason is None else clean(reason),
        "now": to_micros(now),
    }
