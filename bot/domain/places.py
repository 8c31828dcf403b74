"""How many calls of one model may be under way among those of all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """What a model may take of the places that all models share."""

    most: int
    """How many it may have at once."""
    kept: int = 0
    """How many of all are left to models that have none."""
    paused_s: float = 0.0
    """For how many seconds it may take no further one."""

    def takes(self, under_way: int, free: int, in_s: float = 0.0) -> bool:
        """Tell whether a model with so many `under_way` may take one of the `free` places, in `in_s`."""
        may = under_way < self.most and free > (self.kept if under_way else 0)
        return may and self.paused_s <= in_s


ANY = Places(most=1_000_000_000)
"""Where no model is in the way."""
