"""A job as the parameters and the columns of its row, and the step that takes it to another state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import Job, JobState, Origin
from bot.domain.quotas import Charge
from bot.domain.reviews import ReviewState
from bot.storage import codec
from bot.storage.codec import clean, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

STEP = """
    UPDATE job SET state = :after, failure = COALESCE(:failure, failure), untold = :untold, updated_at = :now
    WHERE id = :id AND state = :before
"""


def job_to_values(job: Job, now: datetime) -> dict[str, str | int | None]:
    """Return a job as parameters of its row."""
    return {
        "id": job.id,
        "user_id": job.user_id,
        "guild_id": job.guild_id,
        "channel_id": job.channel_id,
        "request": codec.request_to_json(job.request),
        "plan": codec.plan_to_json(job.plan),
        "held_images": job.held.images,
        "held_microusd": job.held.microusd,
        **origin_to_values(job.origin),
        "parent_job_id": job.parent_job_id,
        "language": job.language,
        "role_ids": " ".join(map(str, sorted(job.role_ids))),
        "created_at": to_micros(job.created_at),
        "now": to_micros(now),
    }


def origin_to_values(origin: Origin) -> dict[str, str | int | None]:
    """Return where answers go as parameters."""
    return {
        "application_id": origin.application_id,
        "token": origin.token,
        "token_expires_at": to_micros(origin.token_expires_at),
        "upload_limit_bytes": origin.upload_limit_bytes,
        "can_post_in_channel": int(origin.can_post_in_channel),
    }


def origin_from_row(row: sqlite3.Row) -> Origin:
    """Return where the answer goes, as a job's row and a batch's hold it."""
    return Origin(
        application_id=row["application_id"],
        token=row["token"],
        token_expires_at=from_micros(row["token_expires_at"]),
        upload_limit_bytes=row["upload_limit_bytes"],
        can_post_in_channel=bool(row["can_post_in_channel"]),
    )


def job_from_row(row: sqlite3.Row) -> Job:
    """Return the job that a row holds; a person who was forgotten is 0."""
    return Job(
        id=row["id"],
        state=JobState(row["state"]),
        user_id=row["user_id"] or 0,
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        request=codec.request_from_json(row["request"]),
        plan=codec.plan_from_json(row["plan"]),
        held=Charge(row["held_images"], row["held_microusd"]),
        origin=origin_from_row(row),
        created_at=from_micros(row["created_at"]),
        parent_job_id=row["parent_job_id"],
        failure=row["failure"],
        untold=bool(row["untold"]),
        cost_microusd=row["cost_microusd"],
        card_message_id=row["card_message_id"],
        card_channel_id=row["card_channel_id"],
        review=None if row["review"] is None else ReviewState(row["review"]),
        language=row["language"],
        role_ids=frozenset(map(int, row["role_ids"].split())),
    )


def step(
    connection: sqlite3.Connection,
    job_id: int,
    befores: frozenset[JobState],
    after: JobState,
    now: datetime,
    failure: str | None = None,
    *,
    untold: bool = False,
) -> bool:
    """Try a compare-and-set from each state, inside a transaction; at most one of them is the job's."""
    values = {
        "id": job_id,
        "after": after.value,
        "failure": failure if failure is None else clean(failure),
        "untold": int(untold),
        "now": to_micros(now),
    }
    return any(
        connection.execute(STEP, {**values, "before": before.value}).rowcount == 1 for before in befores
    )
