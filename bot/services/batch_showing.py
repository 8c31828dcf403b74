"""Shows a batch's pictures in pages: written down, posted, written down again, and only then charged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.domain.images import Role
from bot.domain.results import Card
from bot.domain.runs import PAGE, BatchState, Shot
from bot.errors import Undeliverable, Unreachable
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.domain.runs import Batch, BatchRow, Page, Snapshot, Tally
    from bot.services.batch_files import Parting
    from bot.services.bells import Bells, Run
    from bot.services.workshop import Workshop
    from bot.storage.batch_pages import BatchPages
    from bot.storage.batches import Batches as Rows
    from bot.storage.pictures import Pictures

log = structlog.get_logger(__name__)
NOWHERE = mark(
    "Discord would not take the pictures. `/queue` has them for a day; they are charged when shown."
)


class Board(Protocol):
    """Shows batches to people; Discord's side."""

    async def show(self, snapshot: Snapshot) -> Card | None:
        """Show how far a batch is: in its card, or in a new one, whose place is returned.

        Raise Undeliverable where that is worth another try; where it is not, nothing happens.
        """
        ...

    async def place(self, batch: Batch, page: Page) -> int | None:
        """Make an empty message for a page that only an edit can fill once; None where none is needed."""
        ...

    async def page(self, batch: Batch, page: Page, shots: Sequence[Shot]) -> Card:
        """Post a page of pictures, at most once, or raise Undeliverable or Unreachable."""
        ...


class Exhibition:
    """Posts pages, and charges their jobs through the workshop."""

    def __init__(
        self,
        *,
        rows: Rows,
        pages: BatchPages,
        pictures: Pictures,
        workshop: Workshop,
        board: Board,
        parting: Parting,
        bells: Bells,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._pages = pages
        self._pictures = pictures
        self._workshop = workshop
        self._board = board
        self._parting = parting
        self._bells = bells
        self._clock = clock
        self._closed = False

    def close(self) -> None:
        """Begin no more pages: the process is about to stop."""
        self._closed = True

    async def show(self, run: Run) -> float | None:
        """Post the pages that are due; end the batch where nothing is left."""
        run.rung.clear()
        for page in await self._pages.unsettled(run.batch_id):
            await self._charge(page)
        while True:
            batch, tally = await self._rows.known(run.batch_id), await self._rows.tally(run.batch_id)
            if self._closed or not await self._is_due(run, batch, tally):
                break
            page = await self._pages.next(run.batch_id)
            if page is None:
                break
            await self._post(batch, page)
        if tally.drawing or tally.held or tally.drawn:
            return None
        if batch.state is BatchState.RUNNING and not tally.waiting:
            await self._end(batch)
        elif batch.state is not BatchState.RUNNING:
            run.over = True
            run.feed.set()
            run.paint.set()
        return None

    async def _end(self, batch: Batch) -> None:
        """Hand over the files, and end the batch; it goes on where somebody retries rows meanwhile."""
        await self._parting.hand_over(batch)
        if await self._rows.finish(batch.id, self._clock()):
            log.info("batch done", batch=batch.id)
            self._bells.ring(batch.id)

    async def _is_due(self, run: Run, batch: Batch, tally: Tally) -> bool:
        """Tell whether a page is full, or all there is that will come soon."""
        ready = await self._pages.ready(run.batch_id)
        if ready >= PAGE or await self._pages.has_open(run.batch_id):
            return True
        more = batch.state is BatchState.RUNNING and tally.waiting and not run.stuck
        return bool(ready) and not tally.drawing and not more

    async def _post(self, batch: Batch, page: Page) -> None:
        """Post a page and charge its jobs, keep its pictures for their owner, or give their money back."""
        rows = await self._pages.rows(page)
        try:
            if page.message_id is None and (message_id := await self._board.place(batch, page)) is not None:
                await self._pages.place(page, message_id)
                page = replace(page, message_id=message_id)
            card = await self._board.page(batch, page, await self._shots(rows))
        except Undeliverable as error:
            log.warning("page not shown", batch=batch.id, page=page.ordinal, reason=str(error))
            for row in rows:
                await self._workshop.not_shown(row.job_id, error)
            if isinstance(error, Unreachable):
                await self._pages.kept(page, tr(NOWHERE), self._clock())
            else:
                await self._pages.posted(page, None, None)
            self._bells.ring(batch.id)
            return
        await self._pages.posted(page, card.channel_id, card.message_id)
        await self._charge(replace(page, channel_id=card.channel_id, message_id=card.message_id))

    async def _charge(self, page: Page) -> None:
        """Charge the jobs of a page that is posted."""
        card = Card(page.channel_id or 0, page.message_id or 0)
        for row in await self._pages.rows(page):
            await self._workshop.shown(row.job_id, card)
        self._bells.ring(page.batch_id)

    async def _shots(self, rows: Sequence[BatchRow]) -> tuple[Shot, ...]:
        shots: list[Shot] = []
        for row in rows:
            pictures = await self._pictures.of_job(row.job_id, Role.RESULT)
            shots += [Shot(row, picture) for picture in pictures[:1]]
        if not shots:
            raise Undeliverable(tr("The pictures could not be made ready. Nothing was charged."))
        return tuple(shots)
