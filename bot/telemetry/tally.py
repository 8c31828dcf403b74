"""How often something happened lately."""

from __future__ import annotations

from collections import deque


class Tally:
    """Counts what happened within a stretch of time, in seconds of a clock that never goes back."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._moments: deque[float] = deque()

    def note(self, now_s: float) -> int:
        """Note that it happened, and return how often it did lately, this time included."""
        self._moments.append(now_s)
        return self.count(now_s)

    def count(self, now_s: float) -> int:
        """Return how often it happened lately."""
        while self._moments and self._moments[0] <= now_s - self._within_s:
            self._moments.popleft()
        return len(self._moments)
