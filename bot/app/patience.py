"""How long to wait before Discord's gateway is tried again: longer each time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_S = 5.0
"""Discord takes one identification every five seconds."""
LONGEST_S = 300.0
"""With a session refused again and again, 288 a day, where 1,000 cost the token."""
CALM_S = 900.0
"""How long a session lasts that is no sign of trouble."""
HELD_S = 30.0
"""For how long a connection may be kept open without identifying; discord.py ends it after a minute."""


class TooSoon(OSError):
    """Identifying has to wait for longer than a connection stays open; discord.py tries again later."""


class Patience:
    """Waits that double from FIRST_S to LONGEST_S."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    def wait_s(self) -> float:
        """Return how long to wait before the next try."""
        wait_s, self._next_s = self._next_s, min(LONGEST_S, 2 * self._next_s)
        return wait_s


@dataclass(frozen=True, slots=True)
class _Identified:
    at_s: float
    next_after_s: float


class Spacing:
    """Keeps the identifications of each shard apart: further where its sessions do not last."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._last: dict[int, _Identified] = {}

    def wait_s(self, shard_id: int, *, initial: bool) -> float:
        """Return how long a shard still has to wait; raise TooSoon where a connection cannot be held so long.

        Who was told a time identifies after it: the next one's wait begins there.
        """
        now_s = self._timer()
        last = self._last.get(shard_id)
        least_s = 0.0 if initial else FIRST_S
        after_s = FIRST_S
        if last is not None and now_s - last.at_s < CALM_S:
            least_s = max(least_s, last.at_s + last.next_after_s - now_s)
            after_s = min(LONGEST_S, 2 * last.next_after_s)
        if least_s > HELD_S:
            raise TooSoon(f"sessions of shard {shard_id} do not last; the next begins in {least_s:.0f} s")
        self._last[shard_id] = _Identified(now_s + least_s, after_s)
        return least_s
