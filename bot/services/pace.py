"""How long jobs take: measured, by model and number of pictures."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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


def ends(
    left_s: Sequence[float | None], takes_s: Iterable[float | None], places: int
) -> Iterator[float | None]:
    """Yield in how many seconds each job of a line ends, in its order, by playing it forward.

    `left_s` is what the running jobs still take and `takes_s` what each of the waiting ones will; None is not
    known, and makes every end behind it unknown.
    """
    known = None not in left_s
    free_in_s = [left for left in left_s if left is not None]
    free_in_s += [0.0] * (places - len(left_s))
    heapq.heapify(free_in_s)
    for takes in takes_s:
        if not known or takes is None or not free_in_s:
            known = False
            yield None
        else:
            ready_s = free_in_s[0] + takes
            heapq.heapreplace(free_in_s, ready_s)
            yield ready_s
