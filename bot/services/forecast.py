"""Where jobs stand, and when they may be ready: the line played forward with the times that others took."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.standing import NOWHERE, Standing
from bot.services.pace import Busy, Pace, foresee

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from bot.domain.places import Places
    from bot.services.line import Lanes, Ticket

LATE = 0.5
"""For how long a late job is still expected, as a part of the time that it should have taken."""


@dataclass(frozen=True, slots=True)
class Run:
    """A job that runs."""

    ticket: Ticket
    task: asyncio.Task[Any]
    since: datetime
    started_s: float


class Forecast:
    """Tells the standings of those who run and of those who wait."""

    def __init__(
        self,
        pace: Pace,
        *,
        places: int,
        each: int,
        room: Callable[[str], Places],
        clock: Callable[[], datetime],
        timer: Callable[[], float],
    ) -> None:
        self._pace = pace
        self._places = places
        self._each = each
        self._room = room
        self._clock = clock
        self._timer = timer

    def beginning(self, ticket: Ticket) -> Standing:
        """Return where a job stands that begins now."""
        now = self._clock()
        return Standing(running_since=now, ready_at=_after(now, self._takes_s(ticket)))

    def running(self, run: Run) -> Standing:
        """Return where a job stands that runs; when it is ready nobody knows once it is late."""
        ready_at = _after(run.since, self._takes_s(run.ticket))
        is_late = ready_at is not None and ready_at <= self._clock()
        return Standing(running_since=run.since, ready_at=None if is_late else ready_at)

    def waiting(self, line: Lanes, drawing: Sequence[Run]) -> Iterator[tuple[Ticket, Standing]]:
        """Yield those who wait, in the order of their turns, and where they stand."""
        now, now_s = self._clock(), self._timer()
        busy = [Busy(run.ticket.person, run.ticket.model_id, self._left_s(run, now_s)) for run in drawing]
        turns = foresee(line, busy, self._takes_s, places=self._places, each=self._each, room=self._room)
        for position, (ticket, seconds) in enumerate(turns, start=1):
            yield ticket, Standing(position=position, ready_at=_after(now, seconds))

    def joining(self, ticket: Ticket, line: Lanes, drawing: Sequence[Run]) -> Standing:
        """Return where a job will stand that joins those who wait."""
        longer = line.copy()
        longer.add(ticket)
        return next((where for one, where in self.waiting(longer, drawing) if one is ticket), NOWHERE)

    def _takes_s(self, ticket: Ticket) -> float | None:
        return self._pace.guess(ticket.model_id, ticket.images, ticket.quality)

    def _left_s(self, run: Run, now_s: float) -> float | None:
        """Return how long a run still takes: None for what was never timed, infinite once nobody knows."""
        if (takes_s := self._takes_s(run.ticket)) is None:
            return None
        left_s = takes_s - (now_s - run.started_s)
        if left_s > 0:
            return left_s
        return left_s + LATE * takes_s if left_s > -LATE * takes_s else math.inf


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None or math.isinf(seconds) else now + timedelta(seconds=seconds)
