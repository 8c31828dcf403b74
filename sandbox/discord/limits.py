"""Discord's rate limits: one bucket a route and channel or token, and fifty requests a second in all."""

from collections import deque
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2s

from sandbox.discord.clock import Clock

GLOBAL_PER_SECOND = 50
WIDE = 1_000_000


def typical() -> dict[str, tuple[int, float]]:
    """Return requests and seconds per kind of route, as people observed them (Discord publishes none)."""
    return {
        "message.create": (5, 5.0),
        "message.edit": (5, 5.0),
        "message.delete": (5, 1.0),
        "webhook": (5, 2.0),
        "callback": (30, 10.0),
        "commands": (5, 20.0),
        "reaction": (1, 0.25),
        "other": (50, 10.0),
    }


@dataclass(slots=True, frozen=True)
class Allowance:
    """What is left of a bucket after a request, or, when `is_exceeded`, how long to wait."""

    bucket: str
    limit: int
    remaining: int
    reset_after_s: float
    is_exceeded: bool = False
    is_global: bool = False


@dataclass(slots=True)
class RateLimits:
    """The limits of one bot. `enabled = False` for load tests; `rules` may be changed at any time.

    Even then limits are told, so wide that nobody meets them: a client that hears of none, which Discord's
    never do, sends one request of a kind after the other.
    """

    clock: Clock
    enabled: bool = True
    rules: dict[str, tuple[int, float]] = field(default_factory=typical)
    exceeded: int = 0
    _used: dict[str, deque[float]] = field(default_factory=dict[str, deque[float]])
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])

    def spend(self, kind: str, major: str, *, counts_globally: bool = True) -> Allowance:
        """Count one request and say what is left."""
        if not self.enabled:
            return Allowance(_named(kind), WIDE, WIDE - 1, 1.0)
        now = self.clock.now().timestamp()
        if counts_globally and (wait := self._global_wait(now)):
            self.exceeded += 1
            return Allowance("global", GLOBAL_PER_SECOND, 0, wait, is_exceeded=True, is_global=True)
        return self._bucket(kind, major, now)

    def _global_wait(self, now: float) -> float:
        recent = self._used.setdefault("global", deque())
        while recent and now - recent[0] >= 1:
            recent.popleft()
        if len(recent) >= GLOBAL_PER_SECOND:
            return 1 - (now - recent[0])
        recent.append(now)
        return 0

    def _bucket(self, kind: str, major: str, now: float) -> Allowance:
        limit, window_s = self.rules.get(kind, self.rules["other"])
        key = f"{kind}:{major}"
        resets_at, used = self._windows.get(key, (0.0, 0))
        if now >= resets_at:
            resets_at, used = now + window_s, 0
        name = _named(kind)
        if used >= limit:
            self.exceeded += 1
            return Allowance(name, limit, 0, resets_at - now, is_exceeded=True)
        self._windows[key] = (resets_at, used + 1)
        return Allowance(name, limit, limit - used - 1, resets_at - now)


@cache
def _named(kind: str) -> str:
    return blake2s(kind.encode(), digest_size=16).hexdigest()
