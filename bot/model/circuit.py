"""When to stop asking a model that is down, and when to ask again: a pure state machine over seconds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from bot.model.failures import Signal

FAILURES = 5
WITHIN_S = 60.0
OPEN_S = 30.0
LONGEST_OPEN_S = 300.0
ACCOUNT_S = 600.0
"""How long a key or a credit that does not work is left alone: only the operator can mend it."""
PROBE_S = 15.0
"""When to ask again while somebody else's call finds out; a guess, as a picture takes that long."""


class CircuitState(StrEnum):
    """`closed` lets calls through, `open` none, `half_open` the one that finds out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no call may be made, and for how many seconds; `account` where the operator has to act."""

    retry_after_s: float
    account: bool


@dataclass(frozen=True, slots=True)
class Pass:
    """What a call that was let through shows when it reports its end."""

    era: int
    is_probe: bool


class Circuit:
    """Opens after five failures in a row within a minute, or at once where the account is at fault.

    A success in between proves that the model works, so the count starts anew. What was under way when the
    circuit opened or closed has no say in what comes after. Each probe that fails doubles the wait.
    """

    def __init__(self) -> None:
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._open_until: float | None = None
        self._open_s = OPEN_S
        self.account = False
        """Whether it is open because the operator has to act."""
        self._probing = False
        self._era = 0

    def state(self, now: float) -> CircuitState:
        """Return how the circuit stands."""
        if self._open_until is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if now < self._open_until else CircuitState.HALF_OPEN

    def refusal(self, now: float) -> Refusal | None:
        """Return why no call may be made, or None where one may."""
        if self._open_until is None:
            return None
        if now < self._open_until:
            return Refusal(self._open_until - now, self.account)
        return Refusal(PROBE_S, self.account) if self._probing else None

    def admit(self, now: float) -> Pass:
        """Let a call through; ask for a refusal first. On a half-open circuit it is the probe."""
        self._probing = self.state(now) is CircuitState.HALF_OPEN
        return Pass(self._era, self._probing)

    def report(self, shown: Pass, signal: Signal, now: float) -> bool:
        """Learn from the end of a call; tell whether the circuit opened because of it."""
        era, is_current = self._era, self.is_current(shown)
        if signal is Signal.ACCOUNT and (is_current or not self.account):
            self._open(now, ACCOUNT_S, account=True)
        elif not is_current:
            return False
        elif signal in {Signal.DOWN, Signal.STRAINED}:
            self._failed(shown, now)
        elif signal is Signal.UNKNOWN:
            self.abandon(shown)
        elif shown.is_probe:
            self._close()
        elif signal is Signal.FINE:
            self._failures.clear()
        return self._era != era and self._open_until is not None

    def rest(self, now: float, seconds: float) -> None:
        """Open for as long as the provider advises, but never for less than is decided already."""
        if self._open_until is None or self._open_until < now + seconds:
            self._open(now, seconds, account=self.account and self.state(now) is CircuitState.OPEN)

    def is_current(self, shown: Pass) -> bool:
        """Tell whether the circuit has neither opened nor closed since a call was let through."""
        return shown.era == self._era

    def abandon(self, shown: Pass) -> None:
        """Learn that a call ended without saying anything; a probe may then be made by another."""
        if shown.is_probe and self.is_current(shown):
            self._probing = False

    def _failed(self, shown: Pass, now: float) -> None:
        if shown.is_probe:
            self._open_s = min(2 * self._open_s, LONGEST_OPEN_S)
            self._open(now, self._open_s, account=False)
            return
        self._failures.append(now)
        if len(self._failures) == FAILURES and now - self._failures[0] <= WITHIN_S:
            self._open(now, self._open_s, account=False)

    def _open(self, now: float, seconds: float, *, account: bool) -> None:
        self._open_until = now + seconds
        self.account = account
        self._begin_era()

    def _close(self) -> None:
        self._open_until, self._open_s, self.account = None, OPEN_S, False
        self._begin_era()

    def _begin_era(self) -> None:
        self._era += 1
        self._probing = False
        self._failures.clear()
