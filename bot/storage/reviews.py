"""Reviews: whether a job's pictures may be shown is in the job's own row, all else beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import STEPS, JobState
from bot.domain.reviews import Review, ReviewState
from bot.storage import audit, ledger, pictures
from bot.storage.codec import clean, from_micros, to_micros
from bot.storage.job_rows import job_from_row, step
from bot.storage.strays import let_go

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection
    from datetime import datetime

    from bot.domain.jobs import Job
    from bot.storage.audit import AuditLine
    from bot.storage.database import Database
    from bot.storage.jobs import End

HOLD = "UPDATE job SET review = 'waiting' WHERE id = :job_id AND state = 'sent' AND review IS NULL"
INSERT = """
    INSERT INTO review (job_id, guild_id, why, created_at) VALUES (:job_id, :guild_id, :why, :now)
    ON CONFLICT (job_id) DO NOTHING
"""
BY_JOB = """
    SELECT review.*, job.user_id AS user_id, job.review AS state
    FROM review JOIN job ON job.id = review.job_id WHERE review.job_id = :job_id
"""
WAITING = """
    SELECT review.*, job.user_id AS user_id, job.review AS state
    FROM review JOIN job ON job.id = review.job_id
    WHERE review.guild_id = :guild_id AND job.review = 'waiting' AND job.state = 'produced'
    ORDER BY review.created_at, review.job_id LIMIT :most
"""
OPEN = """
    SELECT job.*, review.created_at AS review_at
    FROM review JOIN job ON job.id = review.job_id
    WHERE job.state IN ('queued', 'sent', 'produced', 'delivered') AND job.state = 'produced'
    AND job.lease_owner = :owner AND job.failure IS NULL
    ORDER BY review.created_at, job.id
"""
POSTED = "UPDATE review SET channel_id = :channel_id, message_id = :message_id WHERE job_id = :job_id"
DECIDE = "UPDATE job SET review = :after WHERE id = :job_id AND review = 'waiting'"
CALL_OFF = """
    UPDATE job SET review = 'called_off'
    WHERE id = :job_id AND review = 'waiting' AND state IN ('sent', 'produced')
"""
LEFT_OPEN = """
    SELECT review.job_id FROM review INDEXED BY review_card CROSS JOIN job ON job.id = review.job_id
    WHERE review.message_id IS NOT NULL AND job.review <> 'waiting'
"""
CLOSED = "UPDATE review SET message_id = NULL WHERE job_id = :job_id"
RUNNING = "SELECT 1 FROM job WHERE id = :job_id AND state = 'sent'"
WITHHOLD = """
    UPDATE call SET failure = COALESCE(failure || ' ', '') || :why, withheld_microusd = withheld_microusd
        + ((cost_microusd - withheld_microusd) * :count + :of - 1) / :of
    WHERE job_id = :job_id AND ordinal = :ordinal
"""
"""A share that does not come out even is rounded for the person's good."""
KEPT_BACK = frozenset({JobState.SENT, JobState.PRODUCED})
"""The states of a job whose pictures wait."""
NOTE = "UPDATE review SET decided_by = :by, reason = :reason, decided_at = :now WHERE job_id = :job_id"


class Reviews:
    """The reviews of the database. A method that returns bool says whether this call took the step."""

    def __init__(self, database: Database, owner: str | None = None) -> None:
        self._database = database
        self._owner = owner

    async def hold(self, job: Job, why: str, line: AuditLine) -> bool:
        """Keep a running job's pictures back from the moment they come, and add the line that says so."""
        values = {
            "job_id": job.id,
            "guild_id": job.guild_id,
            "why": clean(why),
            "now": to_micros(line.at),
        }

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(HOLD, {"job_id": job.id}).rowcount == 0:
                return False
            connection.execute(INSERT, values)
            audit.insert(connection, line)
            return True

        return await self._database.write(work)

    async def withhold(
        self, job_id: int, after: End, failure: str, absorbed_microusd: int, line: AuditLine
    ) -> bool:
        """Release a job that has its pictures, forget those, and add the line that says why, all at once.

        False where it has ended. The person is still to be told.
        """
        befores = frozenset(state for state, steps in STEPS.items() if after in steps)

        def work(connection: sqlite3.Connection) -> bool:
            if not step(connection, job_id, befores, after, line.at, failure, untold=True):
                return False
            ledger.release(connection, job_id, absorbed_microusd, line.at)
            audit.insert(connection, line)
            let_go(connection, pictures.delete_results(connection, job_id))
            return True

        return await self._database.write(work)

    async def take_away(self, job_id: int, picture_ids: Collection[str], why: str, line: AuditLine) -> None:
        """Forget some pictures of a running job, and add the line that says so, all at once.

        What their calls cost for them is charged to nobody.
        """

        def work(connection: sqlite3.Connection) -> None:
            if connection.execute(RUNNING, {"job_id": job_id}).fetchone() is None:
                return
            came = pictures.results(connection, job_id)
            for ordinal in sorted({one.call_ordinal for one in came if one.call_ordinal is not None}):
                of_call = [one.id for one in came if one.call_ordinal == ordinal]
                count = len(set(of_call) & set(picture_ids))
                if count:
                    share = {"count": count, "of": len(of_call), "why": clean(why)}
                    connection.execute(WITHHOLD, {"job_id": job_id, "ordinal": ordinal, **share})
            audit.insert(connection, line)
            let_go(connection, pictures.delete(connection, [one for one in came if one.id in picture_ids]))

        await self._database.write(work)

    async def get(self, job_id: int) -> Review | None:
        """Return the review of a job, or None where there is none."""
        rows = await self._database.read(BY_JOB, {"job_id": job_id})
        return _review(rows[0]) if rows else None

    async def waiting(self, guild_id: int, most: int) -> tuple[Review, ...]:
        """Return what waits for a server's moderators, the oldest first."""
        rows = await self._database.read(WAITING, {"guild_id": guild_id, "most": most})
        return tuple(_review(row) for row in rows)

    async def open(self) -> tuple[tuple[Job, datetime], ...]:
        """Return this process's jobs under review, and since when."""
        rows = await self._database.read(OPEN, {"owner": self._owner})
        return tuple((job_from_row(row), from_micros(row["review_at"])) for row in rows)

    async def posted(self, job_id: int, channel_id: int, message_id: int) -> None:
        """Note where the card stands that moderators press."""
        where = {"channel_id": channel_id, "message_id": message_id}
        await self._database.change(POSTED, {"job_id": job_id, **where})

    async def decide(self, job_id: int, after: ReviewState, reason: str | None, line: AuditLine) -> bool:
        """Let a review end, once, as the actor of the line decides; False where it has ended before."""
        note = {
            "job_id": job_id,
            "by": line.actor_id,
            "reason": None if reason is None else clean(reason),
            "now": to_micros(line.at),
        }

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(DECIDE, {"job_id": job_id, "after": after.value}).rowcount == 0:
                return False
            connection.execute(NOTE, note)
            audit.insert(connection, line)
            return True

        return await self._database.write(work)

    async def call_off(self, job_id: int, failure: str, absorbed_microusd: int, line: AuditLine) -> bool:
        """End a job whose pictures wait, before anybody decides: what it holds goes back, its pictures go.

        False where somebody has decided, so that one of the two counts. Its person is still to be told.
        """
        note = {"job_id": job_id, "by": None, "reason": None, "now": to_micros(line.at)}

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(CALL_OFF, {"job_id": job_id}).rowcount == 0:
                return False
            step(connection, job_id, KEPT_BACK, JobState.CANCELLED, line.at, failure, untold=True)
            ledger.release(connection, job_id, absorbed_microusd, line.at)
            let_go(connection, pictures.delete_results(connection, job_id))
            connection.execute(NOTE, note)
            audit.insert(connection, line)
            return True

        return await self._database.write(work)

    async def left_open(self) -> tuple[int, ...]:
        """Return the jobs whose reviews have ended, and whose cards do not say so yet."""
        return tuple(row["job_id"] for row in await self._database.read(LEFT_OPEN))

    async def closed(self, job_id: int) -> None:
        """Note that the card of a review that has ended says so, as far as it can."""
        await self._database.change(CLOSED, {"job_id": job_id})


def _review(row: sqlite3.Row) -> Review:
    return Review(
        job_id=row["job_id"],
        guild_id=row["guild_id"],
        user_id=row["user_id"] or 0,
        state=ReviewState(row["state"]),
        why=row["why"],
        created_at=from_micros(row["created_at"]),
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        decided_by=row["decided_by"],
        reason=row["reason"],
    )
