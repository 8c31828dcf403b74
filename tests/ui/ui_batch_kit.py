"""Batches as cards show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ui_kit import NOW
from world_kit import ANN, CHANNEL, GUILD

from bot.domain.jobs import Origin
from bot.domain.requests import Kind, PictureRequest
from bot.domain.runs import Batch, BatchRow, BatchState, RowState, Snapshot, Tally

ID = 1_300_000_000_000_000_007
REQUEST = PictureRequest("", kind=Kind.BATCH, aspect="1:1", seed=7)


def a_batch(**changed: Any) -> Batch:
    batch = Batch(
        id=ID,
        state=BatchState.RUNNING,
        user_id=ANN,
        guild_id=GUILD,
        channel_id=CHANNEL,
        role_ids=frozenset(),
        title="list.csv",
        request=REQUEST,
        origin=Origin(99, "token", NOW + timedelta(minutes=15), 20 * 2**20),
        created_at=NOW,
    )
    return replace(batch, **changed)


def a_snapshot(tally: Tally, *, failures: int = 0, prompt: str = "a fox", **changed: Any) -> Snapshot:
    rows = tuple(
        BatchRow(n, prompt, None, RowState.FAILED, failure=f"Refused. {prompt}")
        for n in range(2, 2 + failures)
    )
    return Snapshot(a_batch(**changed), tally, "openai/gpt-5-image-mini", None, rows)
