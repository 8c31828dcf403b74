"""How long jobs take: measured, by model and number of pictures."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bot.domain.places import ANY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.domain.places import Places
    from bot.services.line import Lanes, Line, Ticket

UNKNOWN_S = 1.0
WEIGHT = 0.3
"""What the latest time counts in the mean; older ones fade."""


class Pace:
    """Exponentially weighted means of run times, in seconds."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, str | None, int], float] = {}
        self._of_any: dict[tuple[str, str | None], float] = {}

    def note(self, model_id: str, images: int, seconds: float, quality: str | None = None) -> None:
        """Count how long a job took from its start to its pictures."""
        kind = model_id, quality
        self._exact[*kind, images] = _mean(self._exact.get((*kind, images)), seconds)
        self._of_any[kind] = _mean(self._of_any.get(kind), seconds)

    def guess(self, model_id: str, images: int, quality: str | None = None) -> float | None:
        """Return how long a job may take, or None where the model was never timed with that quality.

        Qualities are fifteen times as much work as each other (OpenRouter's image tokens).
        """
        kind = model_id, quality
        return self._exact.get((*kind, images), self._of_any.get(kind))


def _mean(before: float | None, seconds: float) -> float:
    return seconds if before is None else before + WEIGHT * (seconds - before)


@dataclass(frozen=True, slots=True)
class Busy:
    """A place at which somebody's job runs, and how long it still takes; None is not known."""

    person: int
    model_id: str
    left_s: float | None


class _Bench:
    """The places at which jobs run, on a clock of its own that begins with 0."""

    def __init__(
        self, running: Sequence[Busy], places: int, each: int, room: Callable[[str], Places]
    ) -> None:
        self.now_s = 0.0
        self._places = max(places, 1)
        self._each = each
        self._room = cache(room)
        self._ends = [
            (UNKNOWN_S if one.left_s is None else one.left_s, one.person, one.model_id) for one in running
        ]
        heapq.heapify(self._ends)
        self._people = Counter(one.person for one in running)
        self._models = Counter(one.model_id for one in running)
        self._pauses: set[float] = set()

    def full(self) -> set[int]:
        """Return the people of whom as many jobs run as may."""
        return {person for person, count in self._people.items() if count >= self._each}

    def has_room(self, model_id: str) -> bool:
        """Tell whether a model may take one more now."""
        room = self._room(model_id)
        if room.paused_s > self.now_s:
            self._pauses.add(room.paused_s)
        return room.takes(self._models[model_id], self._places - len(self._ends), self.now_s)

    def start(self, ticket: Ticket, takes_s: float) -> float:
        """Let a job run, and return when it ends."""
        end_s = self.now_s + takes_s
        heapq.heappush(self._ends, (end_s, ticket.person, ticket.model_id))
        self._people[ticket.person] += 1
        self._models[ticket.model_id] += 1
        return end_s

    def go_on(self) -> bool:
        """Go on to when something ends: jobs, or the pause of a model. False where nothing will."""
        coming = [pause_s for pause_s in self._pauses if pause_s > self.now_s]
        if not self._ends and not coming:
            return False
        self.now_s = min([*coming, *(end[0] for end in self._ends[:1])])
        while self._ends and self._ends[0][0] <= self.now_s:  # what ends at once makes room at once
            _, person, model_id = heapq.heappop(self._ends)
            self._people[person] -= 1
            self._models[model_id] -= 1
        return True


def _any(_model_id: str) -> Places:
    return ANY


def foresee(
    line: Line | Lanes,
    running: Sequence[Busy],
    takes_s: Callable[[Ticket], float | None],
    *,
    places: int,
    each: int,
    room: Callable[[str], Places] = _any,
) -> Iterator[tuple[Ticket, float | None]]:
    """Yield who waits in the order of their turns, and in how many seconds each one's job ends.

    The line is played forward, as if nobody came any more: `places` jobs run at once, `each` of one person,
    and of a model as many as it has `room` for. A time that is not known makes every end behind it unknown;
    the order then takes it for UNKNOWN_S.
    """
    ahead = line.copy()
    known = places > 0 and all(one.left_s is not None for one in running)
    bench = _Bench(running, places, each, room)
    while len(ahead):
        ticket = ahead.take(bench.full(), cache(bench.has_room))
        if ticket is None:
            if not bench.go_on():
                return
            continue
        takes = takes_s(ticket)
        known = known and takes is not None
        ready_s = bench.start(ticket, UNKNOWN_S if takes is None else takes)
        yield ticket, ready_s if known else None
