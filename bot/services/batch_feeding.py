"""Opens the jobs of a batch's rows, a few at a time, each as a command does."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.domain.requests import Kind
from bot.domain.runs import BatchState, fresh_id
from bot.errors import (
    AccountTrouble,
    BadInput,
    ModelError,
    ModelUnavailable,
    NotFound,
    QuotaExceeded,
    TooBusy,
    TooLate,
    UserFacingError,
)
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.runs import Batch, BatchRow
    from bot.services.bells import Bells, Run
    from bot.services.studio import Studio
    from bot.storage.batches import Batches as Rows

log = structlog.get_logger(__name__)
BUSY_S = 15.0
"""After how long a job is opened again that found no room, or whose model was down."""
MAX_WAITS = 20
"""How often in a row that is done before a batch pauses by itself: five minutes."""
MAX_FAILURES = 5
"""How many rows may fail one after another before a batch pauses by itself."""
FAILING = mark("{rows} rows in a row could not be drawn, so Easel stopped.")


class Feeder:
    """Gives each row the id of a job before there is the job, so that a crash opens it once."""

    def __init__(
        self,
        *,
        rows: Rows,
        studio: Studio,
        bells: Bells,
        clock: Callable[[], datetime],
        busy_s: float = BUSY_S,
    ) -> None:
        self._rows = rows
        self._studio = studio
        self._bells = bells
        self._clock = clock
        self._busy_s = busy_s
        self._closed = False

    def close(self) -> None:
        """Open no more jobs: the process is about to stop."""
        self._closed = True

    async def feed(self, run: Run) -> float | None:
        """Open jobs for rows whose turn it is; return in how many seconds to try again, if at all."""
        ended = await self._rows.reap(run.batch_id)
        for state in ended:
            run.failures = {"settled": 0, "failed": run.failures + 1}.get(state, run.failures)
        if ended:
            self._bells.ring(run.batch_id)
        batch = await self._rows.known(run.batch_id)
        if batch.state is not BatchState.RUNNING:
            await self._leave_off(batch)
            return None
        if run.failures >= MAX_FAILURES:
            run.failures = 0
            await self._pause(run, tr(FAILING, rows=MAX_FAILURES))
            return None
        run.stuck = False
        while not self._closed and (row := await self._claim(run)) is not None:
            try:
                await self._open(batch, row)
            except UserFacingError as error:
                if not await self._is_row_s_own(run, row, error):
                    return await self._held_up(run, error)
            run.waits = 0
        return None

    async def _claim(self, run: Run) -> BatchRow | None:
        return await self._rows.claim(run.batch_id, fresh_id(self._clock(), secrets.randbits(22)))

    async def _open(self, batch: Batch, row: BatchRow) -> None:
        """Open a row's job and let it take its turn: both, or neither, also where this is cut off."""
        opening = asyncio.create_task(self._open_and_start(batch, row))
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            await asyncio.gather(opening, return_exceptions=True)
            raise

    async def _open_and_start(self, batch: Batch, row: BatchRow) -> None:
        seed = batch.request.seed if row.seed is None else row.seed
        request = replace(batch.request, prompt=row.prompt, seed=seed, kind=Kind.BATCH)
        job = await self._studio.open(row.job_id, batch.requester, request, batch.origin)
        if job is not None:
            self._studio.start(job)
        self._bells.ring(batch.id)

    async def _is_row_s_own(self, run: Run, row: BatchRow, error: UserFacingError) -> bool:
        """Let a row fail that is itself to blame; False where the next would fare no better."""
        of_model = isinstance(error, ModelError) and not isinstance(error, ModelUnavailable)
        if not isinstance(error, BadInput) and not of_model:
            return False
        await self._rows.fail_row(run.batch_id, row.ordinal, str(error))
        self._bells.ring(run.batch_id)
        return True

    async def _held_up(self, run: Run, error: UserFacingError) -> float | None:
        """Wait for room, or for what is under way to be charged for less than is held; else pause."""
        await self._rows.put_back(run.batch_id)
        passes = isinstance(error, TooBusy | ModelUnavailable) and not isinstance(error, AccountTrouble)
        run.waits += passes
        if passes and run.waits <= MAX_WAITS:
            self._be_stuck(run)
            return self._busy_s
        tally = await self._rows.tally(run.batch_id)
        if isinstance(error, QuotaExceeded) and tally.drawing + tally.drawn:
            self._be_stuck(run)
            return None
        run.waits = 0
        await self._pause(run, str(error))
        return None

    def _be_stuck(self, run: Run) -> None:
        """Let what is drawn be shown now: no more comes for a while."""
        run.stuck = True
        run.show.set()

    async def _pause(self, run: Run, reason: str) -> None:
        if await self._rows.pause(run.batch_id, reason, self._clock()):
            log.info("batch paused", batch=run.batch_id)
        self._bells.ring(run.batch_id)

    async def _leave_off(self, batch: Batch) -> None:
        """Put back what has no job yet; of a batch that was cancelled, call off what is drawn."""
        if await self._rows.put_back(batch.id):
            self._bells.ring(batch.id)
        if batch.state is not BatchState.CANCELLED:
            return
        for job_id in await self._rows.drawing(batch.id):
            try:
                await self._studio.cancel(job_id, batch.requester)
            except (TooLate, NotFound) as error:
                log.info("not called off", job=job_id, reason=str(error))
            else:
                self._bells.ring(batch.id)
