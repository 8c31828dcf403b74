"""Asking the provider what a call has cost that nobody heard the end of: at once, and again later."""

from __future__ import annotations

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

log = structlog.get_logger(__name__)
MOST = 20
"""Calls that one round asks for; each may take about fifteen seconds."""
SOONEST = timedelta(minutes=5)
NEVER_RECORDED = timedelta(days=1)
"""After so long a call that the provider has no record of was not charged; records take seconds."""
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

    def __init__(self, *, model: OpenRouter, estimates: Estimates, clock: Callable[[], datetime]) -> None:
        self._model = model
        self._estimates = estimates
        self._clock = clock

    async def ask_again(self) -> None:
        """Ask for calls that are due, a few of them, until the provider cannot be asked."""
        for call in await self._estimates.due(self._clock(), MOST):
            known = await known_cost(self._model, call.generation_id)
            age = self._clock() - call.ended_at
            if known.microusd is not None:
                await self._correct(call, known.microusd)
            elif not known.is_away and age >= NEVER_RECORDED:
                await self._correct(call, 0)
            elif age >= LONGEST:
                log.warning("cost of a lost call never known", job=call.job_id, call=call.ordinal)
                await self._estimates.leave(call)
            else:
                await self._estimates.put_off(call, self._clock() + max(SOONEST, age))
            if known.is_away:
                return

    async def _correct(self, call: Estimated, cost_microusd: int) -> None:
        more = await self._estimates.correct(call, cost_microusd)
        if more is not None:
            log.info("estimate corrected", job=call.job_id, microusd=cost_microusd, more_microusd=more)
