"""Draws and shows batches, each in a task of its own, from wherever an earlier process may have left them.

A batch is rows. Three loops work on one while it is under way; each reads the database anew whenever a bell
rings, so that none of them knows anything that a crash could take:

* feeding gives the next row the id of a job, opens the job as a command does (same checks, same hold), and
  lets it take its turn behind everybody else's; a few are under way at a time. A row that has an id and no
  job was cut off between the two: it opens with the same id.
* showing writes down which rows are on a page, posts the page under a nonce made of its number, writes down
  where it is, and only then charges its jobs. What was cut off is done again: Discord takes a nonce once.
* painting edits the card, seldom and with news alone.

The workshop knows nothing of this: its presenter is the Collector, which leaves a batch's results where they
are.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.errors import StorageTrouble, Undeliverable
from bot.services.bells import Run
from bot.services.endings import brought_to_an_end
from bot.texts import speaking

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from bot.domain.runs import Snapshot
    from bot.services.batch_feeding import Feeder
    from bot.services.batch_outlook import Outlook
    from bot.services.batch_showing import Board, Exhibition
    from bot.services.bells import Bells
    from bot.storage.batches import Batches as Rows

log = structlog.get_logger(__name__)
INTERVAL_S = 2.0
"""The least time between two edits of one card."""
LAST_PAINTS = 3
RETRY_S = 30.0
"""After how long a batch is taken up again whose loops broke off."""


class BatchRuns:
    """The batches under way in this process."""

    def __init__(
        self,
        *,
        rows: Rows,
        feeder: Feeder,
        exhibition: Exhibition,
        board: Board,
        bells: Bells,
        outlook: Outlook,
        may_edit: Callable[[], bool] = lambda: True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        room_s: float = 10.0,
    ) -> None:
        self._rows = rows
        self._feeder = feeder
        self._exhibition = exhibition
        self._board = board
        self._bells = bells
        self._outlook = outlook
        self._may_edit = may_edit
        self._sleep = sleep
        self._room_s = room_s
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._later: dict[int, asyncio.TimerHandle] = {}
        self._closed = False

    def look_after(self, batch_id: int) -> None:
        """Draw and show a batch, or look again at one under way; after `aclose` the next start does."""
        if (timer := self._later.pop(batch_id, None)) is not None:
            timer.cancel()
        if batch_id in self._tasks:
            self._bells.ring(batch_id)
        elif not self._closed:
            run = Run(batch_id)
            self._bells.hang(run)
            task = asyncio.create_task(self._look_after(run), name=f"batch-{batch_id}")
            self._tasks[batch_id] = task
            task.add_done_callback(partial(self._finish, batch_id))

    @property
    def under_way(self) -> int:
        """Return how many batches are looked after."""
        return len(self._tasks)

    def close(self) -> None:
        """Open no more jobs: the process is about to stop."""
        self._closed = True
        self._feeder.close()
        self._exhibition.close()
        for batch_id in self._tasks:
            self._bells.ring(batch_id)

    async def aclose(self, timeout_s: float = 5.0) -> None:
        """Finish what is being posted, if that is soon, and leave the rest to the next start."""
        self.close()
        for timer in self._later.values():
            timer.cancel()
        await brought_to_an_end(set(self._tasks.values()), timeout_s)

    async def _look_after(self, run: Run) -> None:
        with speaking((await self._rows.known(run.batch_id)).language):
            await self._run(run)

    async def _run(self, run: Run) -> None:
        while not self._closed:
            run.over = False
            async with asyncio.TaskGroup() as group:
                group.create_task(self._loop(run, run.feed, self._feeder.feed))
                group.create_task(self._loop(run, run.show, self._exhibition.show))
                group.create_task(self._loop(run, run.paint, self._paint, rest_s=INTERVAL_S))
            if self._closed:
                return
            snapshot = await self._last_paint(run)
            if await self._rows.looked_after(run.batch_id, snapshot.batch.state) and not run.rung.is_set():
                self._forget(run.batch_id)  # at once, so that whoever comes now begins anew
                return

    async def _loop(
        self,
        run: Run,
        bell: asyncio.Event,
        work: Callable[[Run], Coroutine[Any, Any, float | None]],
        rest_s: float = 0.0,
    ) -> None:
        """Work whenever the bell rings, or after as long as the work said, until the batch is over.

        Where something cannot be kept or fetched now, the work is done again after a while.
        """
        while not run.over and not self._closed:
            bell.clear()
            try:
                again_s = await work(run)
            except StorageTrouble as error:
                log.warning("batch waits for storage", batch=run.batch_id, reason=str(error))
                again_s = self._room_s
            if rest_s:
                await self._sleep(rest_s)
            if run.over or self._closed:
                return
            ringing = asyncio.create_task(bell.wait())
            try:
                await asyncio.wait({ringing}, timeout=again_s)
            finally:
                ringing.cancel()

    def _forget(self, batch_id: int) -> None:
        self._tasks.pop(batch_id, None)
        self._bells.take_down(batch_id)

    def _finish(self, batch_id: int, task: asyncio.Task[None]) -> None:
        if self._tasks.get(batch_id) is task:
            self._forget(batch_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("batch broke off", batch=batch_id, exc_info=error)
            if not self._closed:
                loop = asyncio.get_running_loop()
                self._later[batch_id] = loop.call_later(RETRY_S, self.look_after, batch_id)

    async def _paint(self, run: Run) -> float | None:
        """Show how far the batch is, where that is news."""
        snapshot = await self._outlook.snapshot(await self._rows.known(run.batch_id))
        if self._may_edit() and snapshot.is_news(run.shown):
            await self._show_card(run, snapshot)
        return None

    async def _last_paint(self, run: Run) -> Snapshot:
        """Show how the batch stands, a few times where Discord is in trouble."""
        snapshot = await self._outlook.snapshot(await self._rows.known(run.batch_id))
        for _ in range(LAST_PAINTS):
            if not snapshot.is_news(run.shown) or await self._show_card(run, snapshot):
                break
            await self._sleep(INTERVAL_S)
        return snapshot

    async def _show_card(self, run: Run, snapshot: Snapshot) -> bool:
        try:
            card = await self._board.show(snapshot)
        except Undeliverable as error:
            log.info("batch's card not shown", batch=run.batch_id, reason=str(error))
            return False
        if card is not None:
            await self._rows.place(run.batch_id, card.channel_id or None, card.message_id)
        run.shown = snapshot
        return True
