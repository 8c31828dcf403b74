"""The paid calls of a job as rows; each step is taken at most once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import Call, CallState
from bot.storage.codec import clean, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.capabilities import Plan

INSERT = """
    INSERT INTO call (job_id, ordinal, count, seed, state, cost_microusd)
    VALUES (:job_id, :ordinal, :count, :seed, 'planned', 0)
"""
INSERT_RECEIVED = """
    INSERT INTO call (job_id, ordinal, count, seed, state, cost_microusd, ended_at)
    VALUES (:job_id, :ordinal, :count, :seed, 'received', 0, :now)
"""
DELETE = "DELETE FROM call WHERE job_id = :job_id"
OF_JOB = "SELECT * FROM call WHERE job_id = :job_id ORDER BY ordinal"
MARK_SENT = """
    UPDATE call SET state = 'sent', sent_at = :now
    WHERE job_id = :job_id AND ordinal = :ordinal AND state = 'planned'
    AND EXISTS (SELECT 1 FROM job WHERE id = :job_id AND state IN ('queued', 'sent'))
"""
MARK_REFUSED = """
    UPDATE call SET state = 'planned', generation_id = NULL, sent_at = NULL
    WHERE job_id = :job_id AND ordinal = :ordinal AND state = 'sent'
"""
NOTE_GENERATION = """
    UPDATE call SET generation_id = :generation_id
    WHERE job_id = :job_id AND ordinal = :ordinal AND state = 'sent'
"""
RECEIVE = """
    UPDATE call SET state = 'received', cost_microusd = :cost_microusd,
        withheld_microusd = :withheld_microusd, ended_at = :now
    WHERE job_id = :job_id AND ordinal = :ordinal AND state = 'sent'
    AND EXISTS (SELECT 1 FROM job WHERE id = :job_id AND state = 'sent')
"""
FAIL = """
    UPDATE call SET state = :state, failure = :failure, cost_microusd = :cost_microusd, ended_at = :now
    WHERE job_id = :job_id AND ordinal = :ordinal AND state IN ('planned', 'sent')
"""
ESTIMATE = """
    UPDATE call SET estimate_microusd = :cost_microusd, ask_at = :now
    WHERE job_id = :job_id AND ordinal = :ordinal AND generation_id IS NOT NULL
"""
"""Without the provider's id of it, nothing can be asked."""


def insert_planned(connection: sqlite3.Connection, job_id: int, plan: Plan) -> None:
    """Insert the calls of a plan."""
    for call in plan.calls:
        values = {"job_id": job_id, "ordinal": call.ordinal, "count": call.count, "seed": call.seed}
        connection.execute(INSERT, values)


def insert_received(connection: sqlite3.Connection, job_id: int, plan: Plan, now: datetime) -> None:
    """Insert the calls of a plan as made already, and paid for elsewhere."""
    for call in plan.calls:
        values = {"job_id": job_id, "ordinal": call.ordinal, "count": call.count, "seed": call.seed}
        connection.execute(INSERT_RECEIVED, values | {"now": to_micros(now)})


def replace(connection: sqlite3.Connection, job_id: int, plan: Plan) -> None:
    """Insert the calls of a new plan in place of those that came to nothing."""
    connection.execute(DELETE, {"job_id": job_id})
    insert_planned(connection, job_id, plan)


def mark_sent(connection: sqlite3.Connection, job_id: int, ordinal: int, now: datetime) -> bool:
    """Mark a planned call of a job that runs, or is about to, as sent."""
    values = {"job_id": job_id, "ordinal": ordinal, "now": to_micros(now)}
    return connection.execute(MARK_SENT, values).rowcount == 1


def mark_refused(connection: sqlite3.Connection, job_id: int, ordinal: int) -> None:
    """Mark a sent call as planned again, without the id of what was refused."""
    connection.execute(MARK_REFUSED, {"job_id": job_id, "ordinal": ordinal})


def note_generation(connection: sqlite3.Connection, job_id: int, ordinal: int, generation_id: str) -> bool:
    """Note the provider's id of a call under way."""
    values = {"job_id": job_id, "ordinal": ordinal, "generation_id": clean(generation_id)}
    return connection.execute(NOTE_GENERATION, values).rowcount == 1


def receive(
    connection: sqlite3.Connection,
    job_id: int,
    ordinal: int,
    cost_microusd: int,
    now: datetime,
    *,
    is_estimate: bool = False,
) -> bool:
    """Mark a sent call of a running job as received; an estimated cost is nobody's but the operator's."""
    values = {
        "job_id": job_id,
        "ordinal": ordinal,
        "cost_microusd": cost_microusd,
        "withheld_microusd": cost_microusd if is_estimate else 0,
        "now": to_micros(now),
    }
    return _ended(connection, RECEIVE, values, is_estimate=is_estimate)


def fail(
    connection: sqlite3.Connection,
    job_id: int,
    ordinal: int,
    state: CallState,
    failure: str,
    cost_microusd: int,
    now: datetime,
    *,
    is_estimate: bool = False,
) -> bool:
    """Mark a call that has not ended as failed or lost; an estimated cost is still to be asked."""
    values = {
        "job_id": job_id,
        "ordinal": ordinal,
        "state": state.value,
        "failure": clean(failure),
        "cost_microusd": cost_microusd,
        "now": to_micros(now),
    }
    return _ended(connection, FAIL, values, is_estimate=is_estimate)


def _ended(
    connection: sqlite3.Connection, sql: str, values: Mapping[str, str | int], *, is_estimate: bool
) -> bool:
    """Write the end of a call and, where its cost is an estimate, that it is still to be asked."""
    if connection.execute(sql, values).rowcount == 0:
        return False
    if is_estimate:
        connection.execute(ESTIMATE, values)
    return True


def estimate(
    connection: sqlite3.Connection, job_id: int, ordinal: int, estimate_microusd: int, now: datetime
) -> None:
    """Note what of the operator's is booked for a call until the provider says what it has cost."""
    values = {"job_id": job_id, "ordinal": ordinal, "now": to_micros(now)}
    connection.execute(ESTIMATE, {**values, "cost_microusd": estimate_microusd})


def of_job(connection: sqlite3.Connection, job_id: int) -> tuple[Call, ...]:
    """Return a job's calls, in their order."""
    return tuple(call_from_row(row) for row in connection.execute(OF_JOB, {"job_id": job_id}))


def call_from_row(row: sqlite3.Row) -> Call:
    """Return the call that a row holds."""
    return Call(
        job_id=row["job_id"],
        ordinal=row["ordinal"],
        count=row["count"],
        seed=row["seed"],
        state=CallState(row["state"]),
        generation_id=row["generation_id"],
        cost_microusd=row["cost_microusd"],
        failure=row["failure"],
        withheld_microusd=row["withheld_microusd"],
    )
