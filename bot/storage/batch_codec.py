"""Batches, their rows and pages as the columns of tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from bot.domain.batches import Entry
from bot.domain.runs import Batch, BatchRow, BatchState, Draft, Page, RowState
from bot.storage import codec
from bot.storage.codec import from_micros, to_micros
from bot.storage.job_rows import origin_from_row, origin_to_values

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.database import Value


def draft_to_json(draft: Draft) -> str:
    """Return a draft as text for its column."""
    return codec.dump(
        {
            "v": codec.VERSION,
            "title": draft.title,
            "request": codec.request_to_json(draft.request),
            "rows": [[entry.row, entry.prompt, entry.seed] for entry in draft.entries],
        }
    )


def draft_from_json(text: str) -> Draft:
    """Return the draft that a column holds; ValueError where it is not one of this version's."""
    fields = cast("dict[str, Any]", json.loads(text))
    if fields.get("v") != codec.VERSION or "rows" not in fields:
        raise ValueError("not a draft of a batch")
    entries = tuple(Entry(*row) for row in fields["rows"])
    return Draft(fields["title"], codec.request_from_json(fields["request"]), entries)


def batch_to_values(batch: Batch, now: datetime) -> dict[str, Value]:
    """Return a batch as parameters of its row."""
    return {
        "id": batch.id,
        "state": batch.state.value,
        "user_id": batch.user_id,
        "guild_id": batch.guild_id,
        "channel_id": batch.channel_id,
        "parent_id": batch.parent_id,
        "role_ids": " ".join(map(str, sorted(batch.role_ids))),
        "title": codec.clean(batch.title),
        "language": batch.language,
        "request": codec.request_to_json(batch.request),
        "created_at": to_micros(batch.created_at),
        "now": to_micros(now),
        **origin_to_values(batch.origin),
    }


def batch_from_row(row: sqlite3.Row) -> Batch:
    """Return the batch that a row holds."""
    return Batch(
        id=row["id"],
        state=BatchState(row["state"]),
        user_id=row["user_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        role_ids=frozenset(map(int, row["role_ids"].split())),
        title=row["title"],
        request=codec.request_from_json(row["request"]),
        origin=origin_from_row(row),
        created_at=from_micros(row["created_at"]),
        reason=row["reason"],
        card_message_id=row["card_message_id"],
        card_channel_id=row["card_channel_id"],
        parent_id=row["parent_id"],
        language=row["language"],
    )


def row_from_row(row: sqlite3.Row) -> BatchRow:
    """Return the prompt that a row holds."""
    return BatchRow(
        ordinal=row["ordinal"],
        prompt=row["prompt"],
        seed=row["seed"],
        state=RowState(row["state"]),
        job_id=row["job_id"] or 0,
        failure=row["failure"],
    )


def page_from_row(row: sqlite3.Row) -> Page:
    """Return the page that a row holds."""
    return Page(
        batch_id=row["batch_id"],
        ordinal=row["ordinal"],
        posted=bool(row["posted"]),
        channel_id=row["channel_id"],
        message_id=row["message_id"],
    )
