"""How long jobs take: measured, by model and number of pictures."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.services.line import Lanes, Line, Ticket

UNKNOWN_S = 1.0
WEIGHT = 0.3
"""What the latest time counts in the mean; older ones fade."""


class Pace:
    """Exponentially weighted means of run times, in seconds."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, int], float] = {}
        self._by_model: dict[str, float] = {}

    def note(self, model_id: str, images: int, seconds: float) -> None:
        """Count how long a job took from its start to its pictures."""
        self._exact[model_id, images] = _mean(self._exact.get((model_id, images)), seconds)
        self._by_model[model_id] = _mean(self._by_model.get(model_id), seconds)

    def guess(self, model_id: str, images: int) -> float | None:
        """Return how long a job may take, or None where the model was never timed."""
        return self._exact.get((model_id, images), self._by_model.get(model_id))


def _mean(before: float | None, seconds: float) -> float:
    return seconds if before is None else before + WEIGHT * (seconds - before)


@dataclass(frozen=True, slots=True)
class Busy:
    """A place at which somebody's job runs, and how long it still takes; None is not known."""

    person: int
    left_s: float | None


def foresee(
    line: Line | Lanes,
    running: Sequence[Busy],
    takes_s: Callable[[Ticket], float | None],
    *,
    places: int,
    each: int,
) -> Iterator[tuple[Ticket, float | None]]:
    """Yield who waits in the order of their turns, and in how many seconds each one's job ends.

    The line is played forward, as if nobody came any more: `places` jobs run at once, `each` of one person.
    A time that is not known makes every end behind it unknown; the order then takes it for UNKNOWN_S.
    """
    ahead = line.copy()
    known = places > 0 and all(one.left_s is not None for one in running)
    busy = [(UNKNOWN_S if one.left_s is None else one.left_s, one.person) for one in running]
    heapq.heapify(busy)
    counts = Counter(one.person for one in running)
    now_s = 0.0
    while len(ahead):
        full = {person for person, count in counts.items() if count >= each}
        ticket = ahead.take(full) if len(busy) < max(places, 1) else None
        if ticket is None:
            now_s = busy[0][0]
            while busy and busy[0][0] == now_s:  # what ends at once makes room at once
                counts[heapq.heappop(busy)[1]] -= 1
            continue
        takes = takes_s(ticket)
        known = known and takes is not None
        ready_s = now_s + (UNKNOWN_S if takes is None else takes)
        heapq.heappush(busy, (ready_s, ticket.person))
        counts[ticket.person] += 1
        yield ticket, ready_s if known else None
