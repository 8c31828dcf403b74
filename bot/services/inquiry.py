"""Asking the provider what a call has cost that nobody heard the end of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.errors import ModelError

if TYPE_CHECKING:
    from bot.model.client import OpenRouter

log = structlog.get_logger(__name__)


async def known_cost(model: OpenRouter, generation_id: str | None) -> int | None:
    """Return what the provider recorded for a call in micro-dollars, or None where that cannot be known.

    It may take about fifteen seconds: a call is recorded some seconds after it ended.
    """
    if generation_id is None:
        return None
    try:
        generation = await model.generation(generation_id)
    except ModelError as error:
        log.warning("cost of a lost call not known", reason=error.kind)
        return None
    return None if generation is None else generation.cost_microusd
