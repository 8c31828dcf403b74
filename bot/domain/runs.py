"""A batch as it is drawn: its rows, how far they are, and the pages in which they are shown."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

from bot.domain.requests import Requester

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.batches import Entry
    from bot.domain.images import Picture
    from bot.domain.jobs import Origin
    from bot.domain.quotas import Reading
    from bot.domain.requests import PictureRequest

AT_ONCE = 3
"""Jobs of one batch that wait or run at the same time."""
PAGE = 10
"""Pictures of one message (Discord: 1-10 items in a gallery)."""
ETA_STEP = timedelta(seconds=10)
"""By how much an expected time has to move before it is worth an edit."""
MAX_UNDER_WAY = 3
"""Batches of one person that have not ended."""


class BatchState(StrEnum):
    """The states of a batch."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class RowState(StrEnum):
    """The states of a row; one that runs has a job, whose pictures are not shown yet."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Draft:
    """A list that was read and waits for a word of whoever sent it."""

    title: str
    request: PictureRequest
    """What all rows have in common; its prompt is empty."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands in the database. `id` is the Discord event that asked for it."""

    id: int
    state: BatchState
    user_id: int
    guild_id: int | None
    channel_id: int
    role_ids: frozenset[int]
    title: str
    request: PictureRequest
    origin: Origin
    created_at: datetime
    reason: str | None = None
    """Why it has paused by itself."""
    card_message_id: int | None = None
    card_channel_id: int | None = None
    """None where the card answers an interaction, whose token alone can edit it."""
    parent_id: int | None = None
    """The channel that the thread is in, for a batch in a thread."""
    language: str | None = None
    """The language that it is answered in, as BCP 47 names it."""

    @property
    def requester(self) -> Requester:
        """Return who asks for its jobs."""
        return Requester(
            self.user_id, self.guild_id, self.channel_id, self.role_ids, parent_id=self.parent_id
        )


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One prompt of a batch, with the job that draws it."""

    ordinal: int
    prompt: str
    seed: int | None
    state: RowState
    job_id: int = 0
    """0 where it has none yet."""
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a batch stand where, and what their pictures cost so far."""

    waiting: int = 0
    drawing: int = 0
    held: int = 0
    """Drawn, and looked at by moderators before anybody sees it."""
    drawn: int = 0
    """There, and not shown yet."""
    done: int = 0
    kept: int = 0
    """Of those done, which could not be shown and wait for their owner."""
    failed: int = 0
    cancelled: int = 0
    cost_microusd: int = 0

    @property
    def total(self) -> int:
        """Return how many rows there are."""
        return self.left + self.drawn + self.done + self.failed + self.cancelled

    @property
    def left(self) -> int:
        """Return how many rows are still to be drawn, or to be looked at."""
        return self.waiting + self.drawing + self.held


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What can be shown of a batch: how far it is, when it may be ready, and the first rows that failed."""

    batch: Batch
    tally: Tally
    model_id: str | None = None
    ready_at: datetime | None = None
    failures: tuple[BatchRow, ...] = ()

    def is_news(self, shown: Snapshot | None) -> bool:
        """Tell whether there is something to show that is not shown yet; a few seconds are none."""
        if shown is None or (self.tally, self.failures) != (shown.tally, shown.failures):
            return True
        if (self.batch.state, self.batch.reason) != (shown.batch.state, shown.batch.reason):
            return True
        if self.ready_at is None or shown.ready_at is None:
            return self.ready_at is not shown.ready_at
        return abs(self.ready_at - shown.ready_at) >= ETA_STEP


@dataclass(frozen=True, slots=True)
class Page:
    """One message of a batch. It is written down before it is posted, so that a crash posts it once.

    `message_id` is set before it is posted where an empty message was put in its place first.
    """

    batch_id: int
    ordinal: int
    posted: bool = False
    channel_id: int | None = None
    message_id: int | None = None

    @property
    def nonce(self) -> str:
        """Return what Discord knows a message by, so that it takes the same one once: at most 25 letters."""
        return f"{self.batch_id:x}-{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Shot:
    """A row's picture on a page."""

    row: BatchRow
    picture: Picture


@dataclass(frozen=True, slots=True)
class Ending:
    """How a batch stands when its files are handed over."""

    tally: Tally
    left_out: int = 0
    """Pictures that are in no file."""
    earlier: int = 0
    """Pictures in the files that were handed over before some rows were drawn again."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a draft would draw, what that may cost at most, and how much of it the allowance lets through."""

    draft: Draft
    model_id: str
    upper_microusd: int
    fits: int
    readings: tuple[Reading, ...]


DISCORD_EPOCH_MS = 1_420_070_400_000
"""The first second of 2015, from which Discord counts."""


def fresh_id(now: datetime, noise: int) -> int:
    """Return an id for a job that no Discord event asked for: it sorts by time as theirs do."""
    return (int(now.timestamp() * 1000) - DISCORD_EPOCH_MS) << 22 | noise & (1 << 22) - 1


def fits(prices_microusd: Sequence[int], readings: Sequence[Reading]) -> int:
    """Return how many jobs of one picture, in their order, an allowance lets through now."""
    sums = list(accumulate(prices_microusd))
    most = len(sums)
    for reading in readings:
        room = bisect_right(sums, reading.left) if reading.limit.meter.is_money else reading.left
        most = min(most, room)
    return most
