"""What wakes those who look after batches."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.runs import Snapshot


@dataclass(eq=False)
class Run:
    """One batch that is looked after: a bell for each of its loops, and what they may forget in a crash."""

    batch_id: int
    feed: asyncio.Event = field(default_factory=asyncio.Event)
    show: asyncio.Event = field(default_factory=asyncio.Event)
    paint: asyncio.Event = field(default_factory=asyncio.Event)
    rung: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by every ring, and cleared before it is looked whether the batch is over."""
    over: bool = False
    stuck: bool = False
    """Whether no row can be opened before others are charged or room is made."""
    waits: int = 0
    failures: int = 0
    shown: Snapshot | None = None


class Bells:
    """Rings for batches; for one that nobody looks after, nothing rings."""

    def __init__(self) -> None:
        self._runs: dict[int, Run] = {}

    def hang(self, run: Run) -> None:
        """Let the bells of a batch ring from now on."""
        self._runs[run.batch_id] = run

    def take_down(self, batch_id: int) -> None:
        """Let nothing ring for a batch any more."""
        self._runs.pop(batch_id, None)

    def ring(self, batch_id: int) -> None:
        """Say that something of a batch has changed."""
        if (run := self._runs.get(batch_id)) is not None:
            for bell in (run.feed, run.show, run.paint, run.rung):
                bell.set()
