"""What is wiped of one job or turn: everything that is somebody's, and nothing that the books need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.requests import PictureRequest
from bot.storage import codec, quotations, turn_forgetting
from bot.storage.strays import let_go

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

JOB = "SELECT id, kind, request, plan FROM job WHERE id = :id"
BLOBS = "SELECT DISTINCT blob FROM picture WHERE job_id = :id"
WIPE_PICTURES = "DELETE FROM picture WHERE job_id = :id"
WIPE_JOB = """
    UPDATE job SET user_id = NULL, channel_id = 0, request = :request, plan = :plan, token = '',
        parent_job_id = NULL, failure = NULL, untold = 0, card_message_id = NULL, card_channel_id = NULL,
        language = NULL, role_ids = ''
    WHERE id = :id
"""
WIPE_CALLS = "UPDATE call SET seed = NULL, generation_id = NULL, failure = NULL WHERE job_id = :id"
WIPE_PREVIEW = "UPDATE style SET preview_job_id = NULL WHERE preview_job_id = :id"
WIPE_REVIEW = "DELETE FROM review WHERE job_id = :id"
WIPE_REPORTED = "UPDATE reported SET job_id = NULL WHERE job_id = :id"
TURN = "SELECT id, guild_id, channel_id FROM turn WHERE id = :id"
UNCARRY = "DELETE FROM turn_message WHERE turn_id = :id"
UNRETURN = "DELETE FROM turn_return WHERE turn_id = :id"
UNFIND = "DELETE FROM turn_found WHERE turn_id = :id"
SILENCE = "UPDATE turn SET language = NULL WHERE id = :id"
CLEAR_DIRECT = """
    DELETE FROM turn WHERE channel_id = :channel_id AND guild_id IS NULL
    AND (forgotten = 1 OR (user_id IS NULL AND created_at < :before))
"""
"""Where there is no server, an empty place in the tree keeps nothing together that anyone else needs."""


def wipe_job(connection: sqlite3.Connection, job_id: int) -> None:
    """Delete a job's pictures and words; of the job stays what the ledger and its charts need."""
    job = connection.execute(JOB, {"id": job_id}).fetchone()
    blobs = [row["blob"] for row in connection.execute(BLOBS, {"id": job_id})]
    connection.execute(WIPE_PICTURES, {"id": job_id})
    let_go(connection, blobs)
    values = {"id": job_id, "request": job["request"], "plan": job["plan"]}
    if job["kind"] == "pictures":
        values |= {"request": _emptied(job["request"]), "plan": _without_seeds(job["plan"])}
    for statement in (WIPE_JOB, WIPE_CALLS, WIPE_PREVIEW, WIPE_REVIEW, WIPE_REPORTED):
        connection.execute(statement, values)


def wipe_turn(connection: sqlite3.Connection, turn_id: int, before: int) -> None:
    """Forget a turn, and by which messages it was carried; where there is no server, its place as well."""
    turn = connection.execute(TURN, {"id": turn_id}).fetchone()
    if turn is None:
        return
    turn_forgetting.forget(connection, [turn_id])
    for statement in (UNCARRY, UNRETURN, UNFIND, SILENCE):
        connection.execute(statement, {"id": turn_id})
    if turn["guild_id"] is None:
        connection.execute(CLEAR_DIRECT, {"channel_id": turn["channel_id"], "before": before})


def wipe_quotations(connection: sqlite3.Connection, turn_ids: Iterable[int]) -> None:
    """Forget what turns quote; the turns stay."""
    let_go(connection, quotations.drop(connection, turn_ids))


def _emptied(request: str) -> str:
    """Return a request without its words; nobody may see what is left of it."""
    kind = codec.request_from_json(request).kind
    return codec.request_to_json(PictureRequest("", private=True, kind=kind))


def _without_seeds(plan: str) -> str:
    planned = codec.plan_from_json(plan)
    calls = tuple(replace(call, seed=None, text=0) for call in planned.calls)
    return codec.plan_to_json(replace(planned, calls=calls))
