"""How many calls are under way: a bound for the process, and for each model one that follows its answers."""

from __future__ import annotations

import asyncio
import logging
import math
from bisect import insort
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Self

from bot.errors import AccountTrouble, ModelUnavailable
from bot.model.circuit import Circuit, CircuitState, Pass, Refusal
from bot.model.failures import Failure, Signal
from bot.texts import tr, trn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 60.0
REMEMBERED_S = 600.0
"""For how long after its last call a model keeps a share free for itself."""
SHARE = 8
"""One in so many of the process's calls is never taken by a model alone while others are in use."""

NO_CREDIT = (
    "The model provider refuses the key, or its credit is used up: no picture can be paid for. "
    "Look at its account; easel doctor says more."
)


@dataclass(frozen=True, slots=True)
class ModelLoad:
    """How one model stands: its present limit, its calls under way and waiting, and its circuit."""

    model_id: str
    limit: int
    in_flight: int
    waiting: int
    circuit: CircuitState


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


@dataclass(slots=True, eq=False)
class _Waiter:
    """A call in line; one that is sent again has waited for its model already and heeds no pause."""

    number: int
    is_again: bool
    turn: asyncio.Future[None]


@dataclass(slots=True, eq=False)
class _Lane:
    """A model's own line, first come, first served."""

    model_id: str
    limit: Limit
    circuit: Circuit = field(default_factory=Circuit)
    in_flight: int = 0
    waiting: list[_Waiter] = field(default_factory=list[_Waiter])
    pause: asyncio.TimerHandle | None = None
    asked_at: float = 0.0

    def head(self) -> _Waiter | None:
        """Return who is first in line, if a pause does not hold them."""
        while self.waiting and self.waiting[0].turn.done():
            self.waiting.pop(0)
        if not self.waiting or (self.pause is not None and not self.waiting[0].is_again):
            return None
        return self.waiting[0]


class Turnstile:
    """Lets calls through, at most `ceiling` at once over all models.

    A free place goes to the model with the fewest calls under way, and there to whoever came first. So a slow
    model holds up its own calls; while others are in use it leaves them an eighth of the places. `clock` is
    monotonic seconds; the running loop's if none is given.
    """

    def __init__(
        self,
        ceiling: int,
        *,
        clock: Callable[[], float] | None = None,
        alert: Callable[[str], None] = log.error,
    ) -> None:
        self._ceiling = ceiling
        self._share = min(max(1, ceiling // SHARE), max(0, ceiling - 1))
        self._clock = clock or _loop_time
        self._lanes: dict[str, _Lane] = {}
        self._in_flight = 0
        self._numbers = count()
        self._alert = alert
        self._operator_told = False

    def available(self, model_id: str) -> None:
        """Raise ModelUnavailable or AccountTrouble where a call would be refused now; claim nothing."""
        lane = self._lanes.get(model_id)
        refusal = lane.circuit.refusal(self._clock()) if lane else None
        if refusal is not None:
            raise _error(refusal)

    def solvent(self) -> None:
        """Raise AccountTrouble where a model is left alone for the sake of the key, which all share."""
        now = self._clock()
        for lane in self._lanes.values():
            refusal = lane.circuit.refusal(now)
            if refusal is not None and refusal.account:
                raise _error(refusal)

    def visit(self, model_id: str) -> Visit:
        """Begin a call, or raise as `available` does. Use it as a context manager."""
        self.available(model_id)
        lane = self._lanes.setdefault(model_id, _Lane(model_id, Limit(self._ceiling)))
        lane.asked_at = now = self._clock()
        return Visit(self, lane, next(self._numbers), lane.circuit.admit(now))

    def loads(self) -> tuple[ModelLoad, ...]:
        """Return how every model stands that was asked for so far."""
        now = self._clock()
        return tuple(
            ModelLoad(
                lane.model_id,
                lane.limit.current,
                lane.in_flight,
                sum(not waiter.turn.done() for waiter in lane.waiting),
                lane.circuit.state(now),
            )
            for lane in self._lanes.values()
        )

    async def enter(self, lane: _Lane, number: int, *, is_again: bool) -> None:
        """Wait for a place; raise ModelUnavailable where the circuit opens meanwhile."""
        waiter = _Waiter(number, is_again, asyncio.get_running_loop().create_future())
        insort(lane.waiting, waiter, key=lambda one: one.number)
        self._fill()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if not waiter.turn.cancelled() and waiter.turn.exception() is None:
                self.leave(lane)  # the place was given in the same moment
            raise
        finally:
            if waiter in lane.waiting:
                lane.waiting.remove(waiter)

    def leave(self, lane: _Lane) -> None:
        """Give a place back. The next one takes it once the call had time to say how it ended."""
        lane.in_flight -= 1
        self._in_flight -= 1
        asyncio.get_running_loop().call_soon(self._fill)

    def hold_back(self, lane: _Lane, seconds: float) -> None:
        """Let none of a model's waiting calls through for a while; the longest of several pauses counts."""
        loop = asyncio.get_running_loop()
        wait_s = min(seconds, LONGEST_PAUSE_S)
        if lane.pause is not None:
            if lane.pause.when() >= loop.time() + wait_s:
                return
            lane.pause.cancel()
        lane.pause = loop.call_later(wait_s, self._go_on, lane)

    def conclude(self, lane: _Lane, shown: Pass, signal: Signal) -> None:
        """Tell a model's circuit how a call ended; where that opens it, nobody waits for nothing."""
        now, circuit = self._clock(), lane.circuit
        was = circuit.state(now)
        opened = circuit.report(shown, signal, now)
        if was is not CircuitState.CLOSED and circuit.state(now) is CircuitState.CLOSED:
            log.info("circuit closed model=%s", lane.model_id)
            self._operator_told = any(other.circuit.account for other in self._lanes.values())
        refusal = circuit.refusal(now)
        if not opened or refusal is None:
            return
        log.warning(
            "circuit opened model=%s signal=%s for_s=%.0f", lane.model_id, signal.value, refusal.retry_after_s
        )
        if refusal.account and not self._operator_told:
            self._operator_told = True
            self._alert(NO_CREDIT)
        for waiter in lane.waiting:
            if not waiter.turn.done():
                waiter.turn.set_exception(_error(refusal))

    def _go_on(self, lane: _Lane) -> None:
        lane.pause = None
        self._fill()

    def _fill(self) -> None:
        """Give free places away."""
        while self._in_flight < self._ceiling and (found := self._next()) is not None:
            lane, waiter = found
            lane.waiting.remove(waiter)
            lane.in_flight += 1
            self._in_flight += 1
            waiter.turn.set_result(None)

    def _next(self) -> tuple[_Lane, _Waiter] | None:
        """Return whose turn it is."""
        able = [
            (lane, head)
            for lane in self._lanes.values()
            if lane.in_flight < min(lane.limit.current, self._room(lane)) and (head := lane.head())
        ]
        return min(able, key=lambda one: (one[0].in_flight, one[1].number), default=None)

    def _room(self, lane: _Lane) -> int:
        """Return how many places a model may take, whatever its own limit."""
        since = self._clock() - REMEMBERED_S
        others = any(other is not lane and other.asked_at > since for other in self._lanes.values())
        return self._ceiling - self._share if others else self._ceiling


class Visit:
    """One call's way through: a turn for each time it is sent, and one verdict in the end."""

    def __init__(self, turnstile: Turnstile, lane: _Lane, number: int, shown: Pass) -> None:
        self._turnstile = turnstile
        self._lane = lane
        self._number = number
        self._pass = shown
        self._turns = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lane.circuit.abandon(self._pass)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[Turn]:
        """Hold a place while the block runs. A second turn keeps the call's number in line.

        Raise as `available` does where the circuit opened while there was no turn, or while waiting for one.
        """
        if not self._lane.circuit.is_current(self._pass):
            self._turnstile.available(self._lane.model_id)
        await self._turnstile.enter(self._lane, self._number, is_again=self._turns > 0)
        self._turns += 1
        turn = Turn(self._turnstile, self._lane)
        try:
            yield turn
        finally:
            self._turnstile.leave(self._lane)

    def conclude(self, failed: Failure | None) -> None:
        """Say how the whole call ended."""
        self._turnstile.conclude(self._lane, self._pass, failed.signal if failed else Signal.FINE)


class Turn:
    """A place among the calls under way."""

    def __init__(self, turnstile: Turnstile, lane: _Lane) -> None:
        self._turnstile = turnstile
        self._lane = lane
        self._era = lane.limit.era

    def note(self, failed: Failure | None) -> None:
        """Let the model's limit follow what came of sending."""
        signal, wait_s = (failed.signal, failed.retry_after_s) if failed else (Signal.FINE, None)
        if signal in {Signal.BUSY, Signal.STRAINED} or wait_s is not None:
            self._lane.limit.slow_down(self._era)
        elif signal is Signal.FINE:
            self._lane.limit.succeed(self._era)
        if wait_s:
            self._turnstile.hold_back(self._lane, wait_s)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _error(refusal: Refusal) -> ModelUnavailable:
    """Return what to tell those who cannot be served now."""
    when = _in(refusal.retry_after_s)
    if refusal.account:
        said = tr(
            "The bot's account with the model needs its operator. Please tell them, or try again {when}.",
            when=when,
        )
        return AccountTrouble(said, retry_after_s=refusal.retry_after_s)
    said = tr("The model is not available right now. Please try again {when}.", when=when)
    return ModelUnavailable(said, retry_after_s=refusal.retry_after_s)


def _in(seconds: float) -> str:
    """Return when that is in words, rounded up so that it is not too early."""
    if seconds <= 90:
        return trn("in {count} second", "in {count} seconds", max(5, math.ceil(seconds / 5) * 5))
    return trn("in {count} minute", "in {count} minutes", math.ceil(seconds / 60))
