"""How far batches are, and when they may be ready by the times that such jobs took."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.runs import AT_ONCE, BatchState, Snapshot
from bot.errors import UserFacingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.runs import Batch
    from bot.services.planning import Planner
    from bot.services.queue import JobQueue
    from bot.storage.batches import Batches as Rows

FAILURES_SHOWN = 5


class Outlook:
    """Looks at batches as a person would."""

    def __init__(self, rows: Rows, planner: Planner, queue: JobQueue, clock: Callable[[], datetime]) -> None:
        self._rows = rows
        self._planner = planner
        self._queue = queue
        self._clock = clock

    async def snapshot(self, batch: Batch) -> Snapshot:
        """Return what can be shown of a batch now."""
        tally = await self._rows.tally(batch.id)
        failures = await self._rows.failed(batch.id, FAILURES_SHOWN) if tally.failed else ()
        model_id = self._model_id(batch)
        ready_at = None
        if batch.state is BatchState.RUNNING:
            ready_at = self._ready_at(model_id, batch.request.quality, tally.left)
        return Snapshot(batch, tally, model_id, ready_at, failures)

    def _model_id(self, batch: Batch) -> str | None:
        try:
            return self._planner.models(batch.request.model)[0].id
        except UserFacingError:
            return batch.request.model

    def _ready_at(self, model_id: str | None, quality: str | None, left: int) -> datetime | None:
        takes_s = None if model_id is None else self._queue.takes_s(model_id, quality)
        if takes_s is None or not left:
            return None
        return self._clock() + timedelta(seconds=takes_s * math.ceil(left / AT_ONCE))
