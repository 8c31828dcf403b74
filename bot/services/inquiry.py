"""Asking the provider what a call has cost that nobody heard the end of: soon, and again later."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.model.client import OpenRouter
    from bot.storage.estimates import Estimated, Estimates
    from bot.telemetry.metrics import Metrics

log = structlog.get_logger(__name__)
MOST = 20
"""Calls that one round asks for; each may take about fifteen seconds."""
SOONEST = timedelta(minutes=5)
NEVER_RECORDED = timedelta(days=1)
"""After so long a call that the provider has no record of was not charged; records take seconds."""
GOES_ON = timedelta(minutes=10)
"""For how long the rest of a job may be drawn whose lost call is asked for as soon as it has ended."""
LONGEST = timedelta(days=30)
"""For how long a call is asked for; our own bound, the provider names none."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the provider says that a call has cost, or None, and whether it could not be asked at all."""

    microusd: int | None = None
    is_away: bool = False


async def known_cost(model: OpenRouter, generation_id: str | None) -> Known:
    """Return what the provider recorded for a call; without its id there is nothing to ask.

    It may take about fifteen seconds: a call is recorded some seconds after it ended.
    """
    if generation_id is None:
        return Known()
    try:
        generation = await model.generation(generation_id)
    except ModelError as error:
        log.warning("cost of a lost call not known", reason=error.kind)
        return Known(is_away=True)
    return Known(None if generation is None else generation.cost_microusd)


class Inquiry:
    """Puts right what was booked at an estimate, once the provider says what it charged."""

    def __init__(
        self, *, model: OpenRouter, estimates: Estimates, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        self._model = model
        self._metrics = metrics
        self._estimates = estimates
        self._clock = clock
        self._lost: dict[tuple[int, int], datetime] = {}
        self._asking = asyncio.Lock()

    def lost(self, job_id: int, ordinal: int) -> None:
        """Note that a call was lost just now, whose cost `ask_soon` asks for."""
        self._lost[job_id, ordinal] = self._clock()

    async def ask_soon(self) -> None:
        """Ask for calls that were lost just now, if any were: nobody had to wait for their costs."""
        since = self._clock() - GOES_ON
        self._lost = {call: lost_at for call, lost_at in self._lost.items() if lost_at > since}
        if self._lost:
            await self.ask_again()

    async def ask_again(self) -> None:
        """Ask for calls that are due, a few of them, until the provider cannot be asked."""
        async with self._asking:
            for call in await self._estimates.due(self._clock(), MOST):
                self._lost.pop((call.job_id, call.ordinal), None)
                known = await known_cost(self._model, call.generation_id)
                await self._follow(call, known)
                if known.is_away:
                    self._lost.clear()
                    return

    async def _follow(self, call: Estimated, known: Known) -> None:
        """Book what the provider says of a call, or ask again when it is older."""
        age = self._clock() - call.ended_at
        later = self._clock() + max(SOONEST, age)
        if known.microusd is not None:
            await self._correct(call, known.microusd)
        elif not known.is_away and age >= NEVER_RECORDED:
            await self._correct(call, 0)
        elif age >= LONGEST:
            log.warning("cost of a lost call never known", job=call.job_id, call=call.ordinal)
            await self._estimates.leave(call)
        elif call.is_all_or_nothing and not known.is_away:
            await self._correct(call, 0, ask_at=later)  # a dropped connection is not billed
        else:
            await self._estimates.put_off(call, later)

    async def _correct(self, call: Estimated, cost_microusd: int, *, ask_at: datetime | None = None) -> None:
        more = await self._estimates.correct(call, cost_microusd, ask_at=ask_at)
        if more is not None and ask_at is None:
            self._metrics.charged(call.model_id, cost_microusd)
        if more:
            log.info("estimate corrected", job=call.job_id, microusd=cost_microusd, more_microusd=more)
