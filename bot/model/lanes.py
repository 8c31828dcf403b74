"""The line of calls that wait for one model."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.model.circuit import Circuit
from bot.model.failures import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.model.limit import Limit


LONGEST_PAUSE_S = 60.0
"""For how long calls wait in line; where the advice is longer, nobody is kept waiting for it."""
LONGEST_WAIT_S = 20.0
"""The same for a second try of words, and where the model is down: it may be as long again, nobody knows."""
TROUBLE = frozenset({Signal.DOWN, Signal.STRAINED})


@dataclass(slots=True, eq=False)
class Waiter:
    """A call in line; it has sat out already every pause that ends by `waited_until`, in the loop's time."""

    number: int
    waited_until: float
    turn: asyncio.Future[None]
    on_wait: Callable[[float], None]
    is_held: bool = False

    def hear(self, paused_until: float | None) -> None:
        """Tell for how long a pause holds it, given its end in the loop's time, or that none does."""
        was_held = self.is_held
        self.is_held = paused_until is not None and paused_until > self.waited_until and not self.turn.done()
        if paused_until is not None and self.is_held:
            self.on_wait(paused_until - asyncio.get_running_loop().time())
        elif was_held:
            self.on_wait(0.0)


@dataclass(slots=True, eq=False)
class Lane:
    """A model's own line, first come, first served."""

    model_id: str
    limit: Limit
    circuit: Circuit = field(default_factory=Circuit)
    in_flight: int = 0
    long: int = 0
    """How many of these take longer than LONG_S."""
    waiting: list[Waiter] = field(default_factory=list[Waiter])
    pause: asyncio.TimerHandle | None = None
    down_until: float = math.inf
    """When the model was to be asked again that was down, in the loop's time."""

    def is_down_for_long(self, signal: Signal, wait_s: float, sent_s: float) -> bool:
        """Tell whether nobody is to wait as long as an answer advises to what was sent at a moment.

        Of a model that is down nobody waits a second time: it was asked when it said, and is down again.
        """
        if signal not in TROUBLE:
            return wait_s > LONGEST_PAUSE_S
        return wait_s > LONGEST_WAIT_S or sent_s >= self.down_until

    def hear(self, signal: Signal, until: float) -> None:
        """Note until when the model asks to wait that is down; any other answer says that it is not."""
        if signal not in TROUBLE:
            self.down_until = math.inf
        elif math.isfinite(until):
            self.down_until = until if math.isinf(self.down_until) else max(self.down_until, until)

    def head(self) -> Waiter | None:
        """Return who is first in line, if a pause does not hold them."""
        while self.waiting and self.waiting[0].turn.done():
            self.waiting.pop(0)
        if not self.waiting or (self.pause and self.pause.when() > self.waiting[0].waited_until):
            return None
        return self.waiting[0]
