"""How many calls are under way: a bound for the process, and for each model one that follows its answers."""

from __future__ import annotations

import asyncio
import logging
import math
from bisect import insort
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Self

from bot.domain.places import Places
from bot.errors import AccountTrouble, ModelUnavailable
from bot.model.circuit import CircuitState
from bot.model.failures import DOWN_UNTIL, Failure, Signal, how_soon
from bot.model.lanes import Lane, Waiter
from bot.model.limit import Limit
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from bot.model.circuit import Pass, Refusal

log = logging.getLogger(__name__)

LONGEST_REST_S = 600.0
"""When a model is asked again at the latest, whatever it advised."""
LONG_S = 60.0
"""From when on a call takes none of its model's limit: a few that hang would stop all others for minutes."""
SHARE = 8
"""One in so many of the process's calls is never taken by one model, however long no other was asked."""

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


class Turnstile:
    """Lets calls through, at most `ceiling` at once over all models.

    A free place goes to the model with the fewest calls under way, and there to whoever came first. So a slow
    model holds up its own calls: it leaves others an eighth of the places, and the last one of all is for a
    model that has none. `clock` is monotonic seconds; the running loop's if none is given.
    """

    def __init__(
        self,
        ceiling: int,
        *,
        clock: Callable[[], float] | None = None,
        alert: Callable[[str], None] = log.error,
    ) -> None:
        self._ceiling = ceiling
        self._most = max(1, ceiling - max(1, ceiling // SHARE))
        self._kept = 1 if ceiling > 1 else 0
        self._clock = clock or _loop_time
        self._lanes: dict[str, Lane] = {}
        self._in_flight = 0
        self._numbers = count()
        self._alert = alert
        self._operator_told = False
        self._watchers: list[Callable[[], None]] = []

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

    def refuses(self, lane: Lane) -> bool:
        """Tell whether a call of a model would be refused now."""
        return lane.circuit.refusal(self._clock()) is not None

    def visit(self, model_id: str) -> Visit:
        """Begin a call, or raise as `available` does. Use it as a context manager."""
        self.available(model_id)
        lane = self._lanes.setdefault(model_id, Lane(model_id, Limit(self._ceiling)))
        return Visit(self, lane, next(self._numbers), lane.circuit.admit(self._clock()))

    def places(self, model_id: str) -> Places:
        """Return what a model may take now. One that is down takes any: its calls are refused at once."""
        lane = self._lanes.get(model_id)
        if lane is None or self.refuses(lane):
            return Places(self._most, self._kept)
        room = self._room(lane)
        if lane.pause is None:
            return room
        return replace(room, paused_s=max(0.0, lane.pause.when() - asyncio.get_running_loop().time()))

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever `places` becomes another, other than as time passes."""
        self._watchers.append(changed)

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

    async def enter(
        self, lane: Lane, number: int, waited_until: float, on_wait: Callable[[float], None]
    ) -> None:
        """Wait for a place; raise ModelUnavailable where the circuit opens meanwhile."""
        waiter = Waiter(number, waited_until, asyncio.get_running_loop().create_future(), on_wait)
        insort(lane.waiting, waiter, key=lambda one: one.number)
        self._fill()
        waiter.hear(lane.pause and lane.pause.when())
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if not waiter.turn.cancelled() and waiter.turn.exception() is None:
                self.leave(lane)  # the place was given in the same moment
            raise
        finally:
            if waiter in lane.waiting:
                lane.waiting.remove(waiter)

    def make_room(self, lane: Lane) -> None:
        """Let another call have the place in a model's limit of one that takes long."""
        lane.long += 1
        self._fill()
        self.changed()

    def leave(self, lane: Lane) -> None:
        """Give a place back. The next one takes it once the call had time to say how it ended."""
        lane.in_flight -= 1
        self._in_flight -= 1
        asyncio.get_running_loop().call_soon(self._fill)

    def hold_back(self, lane: Lane, seconds: float) -> float:
        """Let none of a model's waiting calls through for a while; the longest of several pauses counts.

        Return the end of the one asked for, in the loop's time.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if lane.pause is None or lane.pause.when() < until:
            if lane.pause is not None:
                lane.pause.cancel()
            lane.pause = loop.call_at(until, self._go_on, lane)
            for waiter in lane.waiting:
                waiter.hear(until)
        return until

    def conclude(self, lane: Lane, shown: Pass, signal: Signal) -> None:
        """Tell a model's circuit how a call ended; where that opens it, nobody waits for nothing."""
        now, circuit = self._clock(), lane.circuit
        was = circuit.state(now)
        opened = circuit.report(shown, signal, now)
        if was is not CircuitState.CLOSED and circuit.state(now) is CircuitState.CLOSED:
            log.info("circuit closed model=%s", lane.model_id)
            self._operator_told = any(other.circuit.account for other in self._lanes.values())
        if opened:
            self._turn_away(lane, signal)

    def rest(self, lane: Lane, seconds: float, signal: Signal) -> None:
        """Leave a model alone for a while that is too long to wait in line."""
        lane.circuit.rest(self._clock(), min(seconds, LONGEST_REST_S))
        self._turn_away(lane, signal)

    def _turn_away(self, lane: Lane, signal: Signal) -> None:
        """Tell the operator why a circuit has opened, and those who wait when to come again."""
        if (refusal := lane.circuit.refusal(self._clock())) is None:
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
        self.changed()

    def changed(self) -> None:
        """Tell those who watch that a model may take more or less than before."""
        for tell in self._watchers:
            tell()

    def _go_on(self, lane: Lane) -> None:
        lane.pause = None
        for waiter in lane.waiting:
            waiter.hear(None)
        self._fill()
        self.changed()

    def _fill(self) -> None:
        """Give free places away."""
        while self._in_flight < self._ceiling and (found := self._next()) is not None:
            lane, waiter = found
            lane.waiting.remove(waiter)
            lane.in_flight += 1
            self._in_flight += 1
            waiter.turn.set_result(None)

    def _next(self) -> tuple[Lane, Waiter] | None:
        """Return whose turn it is."""
        free = self._ceiling - self._in_flight
        able = [
            (lane, head)
            for lane in self._lanes.values()
            if self._room(lane).takes(lane.in_flight, free) and (head := lane.head())
        ]
        return min(able, key=lambda one: (one[0].in_flight, one[1].number), default=None)

    def _room(self, lane: Lane) -> Places:
        """Return what a model may take, were it not paused."""
        return Places(min(max(1, lane.limit.current) + lane.long, self._most), self._kept)


class Visit:
    """One call's way through: a turn for each time it is sent, and one verdict in the end."""

    def __init__(self, turnstile: Turnstile, lane: Lane, number: int, shown: Pass) -> None:
        self._turnstile = turnstile
        self._lane = lane
        self._number = number
        self._pass = shown
        self._waited_until = -math.inf

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lane.circuit.abandon(self._pass)

    @asynccontextmanager
    async def turn(self, on_wait: Callable[[float], None] = lambda _: None) -> AsyncGenerator[Turn]:
        """Hold a place while the block runs. A second turn keeps the call's number in line.

        `on_wait` is told for how many seconds a pause of the model holds the call, and 0 once it does not.
        Raise as `available` does where the circuit opened while there was no turn, or while waiting for one.
        """
        if not self._lane.circuit.is_current(self._pass):
            self._turnstile.available(self._lane.model_id)
        await self._turnstile.enter(self._lane, self._number, self._waited_until, on_wait)
        turn = Turn(self._turnstile, self._lane)
        growing = asyncio.get_running_loop().call_later(LONG_S, turn.grow_long)
        try:
            yield turn
        finally:
            growing.cancel()
            self._lane.long -= turn.is_long
            self._waited_until = turn.wait_until
            self._turnstile.leave(self._lane)

    @property
    def is_turned_away(self) -> bool:
        """Tell whether the circuit has opened since the call began."""
        circuit = self._lane.circuit
        return not circuit.is_current(self._pass) and self._turnstile.refuses(self._lane)

    def conclude(self, failed: Failure | None) -> None:
        """Say how the whole call ended."""
        self._turnstile.conclude(self._lane, self._pass, failed.signal if failed else Signal.FINE)


class Turn:
    """A place among the calls under way."""

    def __init__(self, turnstile: Turnstile, lane: Lane) -> None:
        self._turnstile = turnstile
        self._lane = lane
        self._era = lane.limit.era
        self._began_s = asyncio.get_running_loop().time()
        self.wait_until = -math.inf
        """Until when the answer asks to wait, in the loop's time."""
        self.is_long = False

    def grow_long(self) -> None:
        """Take no place of the model's limit any more."""
        self.is_long = True
        self._turnstile.make_room(self._lane)

    def note(self, failed: Failure | None) -> None:
        """Let the model's limit follow what came of sending."""
        signal, wait_s = (failed.signal, failed.retry_after_s) if failed else (Signal.FINE, None)
        before = self._lane.limit.current
        if signal in {Signal.BUSY, Signal.STRAINED} or wait_s is not None:
            self._lane.limit.slow_down(self._era)
        elif signal is Signal.FINE:
            self._lane.limit.succeed(self._era)
        if wait_s and self._lane.is_down_for_long(signal, wait_s, self._began_s):
            self._turnstile.rest(self._lane, wait_s, signal)
        elif wait_s:
            self.wait_until = self._turnstile.hold_back(self._lane, wait_s)
        self._lane.hear(signal, self.wait_until)
        if wait_s or self._lane.limit.current != before:
            self._turnstile.changed()


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _error(refusal: Refusal) -> ModelUnavailable:
    """Return what to tell those who cannot be served now."""
    when = how_soon(refusal.retry_after_s)
    if refusal.account:
        said = tr(
            "The bot's account with the model needs its operator. Please tell them, or try again {when}.",
            when=when,
        )
        return AccountTrouble(said, retry_after_s=refusal.retry_after_s)
    said = tr(DOWN_UNTIL, when=when)
    return ModelUnavailable(said, retry_after_s=refusal.retry_after_s)
