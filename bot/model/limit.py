"""How many calls a model can bear at once, by what came of those before."""

from __future__ import annotations


class Limit:
    """Concurrency that halves when told to slow down, and grows by one after as many successes as it is.

    Calls that began before it halved tell of the larger number, so they neither halve it again nor let it
    grow: many refusals of one burst are one sign.
    """

    def __init__(self, ceiling: int) -> None:
        self._ceiling = ceiling
        self._successes = 0
        self.current = ceiling
        self.era = 0

    def slow_down(self, era: int) -> None:
        """Halve, for a call that began in `era`; never below one."""
        if era == self.era:
            self.current = max(min(1, self._ceiling), self.current // 2)
            self.era += 1
            self._successes = 0

    def succeed(self, era: int) -> None:
        """Count a success of a call that began in `era`."""
        if era != self.era:
            return
        self._successes += 1
        if self._successes >= self.current:
            self.current = min(self._ceiling, self.current + 1)
            self._successes = 0
