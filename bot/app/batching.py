"""Builds what draws and shows batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.resources import Resources, now
from bot.services.batch_feeding import Feeder
from bot.services.batch_files import Parting
from bot.services.batch_outlook import Outlook
from bot.services.batch_runs import BatchRuns
from bot.services.batch_showing import Exhibition
from bot.services.batches import Batches
from bot.storage.batch_drafts import BatchDrafts
from bot.storage.batch_leases import BatchLeases
from bot.storage.batch_pages import BatchPages
from bot.storage.jobs import Jobs
from bot.storage.pictures import Pictures
from bot.transport.download import download
from bot.ui.batch_delivery import BatchCourier

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.app.client import Easel
    from bot.app.desk import Desk
    from bot.app.reviewing import Reviewing
    from bot.domain.requests import Upload
    from bot.services.allowances import Allowances
    from bot.services.archive import Archive
    from bot.services.collector import Collector
    from bot.services.finding import Finding
    from bot.services.planning import Planner
    from bot.services.queue import JobQueue
    from bot.services.shelf import Shelf
    from bot.services.studio import Studio
    from bot.services.workshop import Workshop
    from bot.ui.covers import Covers
    from bot.ui.prints import Prints


@dataclass(frozen=True, slots=True)
class Batching:
    """What answers to people, what works on, and what other rooms have to know of batches."""

    batches: Batches
    runs: BatchRuns
    leases: BatchLeases

    async def take_up(self, *, is_alone: bool) -> None:
        """Go on with what an earlier process, or one that has died, left."""
        for batch_id in await self.leases.take(now(), is_alone=is_alone):
            self.runs.look_after(batch_id)

    async def tend(self) -> None:
        """Keep our own batches, and take up those of a process that has died."""
        await self.leases.renew(now())
        await self.take_up(is_alone=False)


@dataclass(frozen=True, slots=True)
class Below:
    """What batches stand on: what draws single pictures, and what knows of batches there."""

    reviewing: Reviewing
    client: Easel
    prints: Prints
    studio: Studio
    shelf: Shelf
    workshop: Workshop
    queue: JobQueue
    planner: Planner
    allowances: Allowances
    archive: Archive
    finding: Finding
    covers: Covers

    @property
    def collector(self) -> Collector:
        """Return what keeps the results of batches for their pages."""
        return self.reviewing.collector


def build_batching(
    resources: Resources, below: Below, desk: Desk, owner: str, may_edit: Callable[[], bool]
) -> Batching:
    """Build it on what draws single pictures."""

    async def fetch(upload: Upload, max_bytes: int) -> bytes:
        return await download(resources.http, upload.url, max_bytes=max_bytes)

    outlook = Outlook(below.collector.batches, below.planner, below.queue, now)
    runs = _runs(resources, below, outlook, below.archive, may_edit)
    batches = Batches(
        rows=below.collector.batches,
        drafts=BatchDrafts(resources.database),
        studio=below.studio,
        allowances=below.allowances,
        runs=runs,
        outlook=outlook,
        authority=desk.authority,
        fetch=fetch,
        clock=now,
        door=desk.door,
    )
    return Batching(batches, runs, BatchLeases(resources.database, owner))


def _runs(
    resources: Resources,
    below: Below,
    outlook: Outlook,
    archive: Archive,
    may_edit: Callable[[], bool],
) -> BatchRuns:
    board = BatchCourier(below.client, below.prints, clock=now)
    pages, pictures = BatchPages(resources.database), Pictures(resources.database)
    parting = Parting(
        rows=below.collector.batches,
        pages=pages,
        jobs=Jobs(resources.database),
        pictures=pictures,
        archive=archive,
        counter=board,
    )
    exhibition = Exhibition(
        rows=below.collector.batches,
        pages=pages,
        pictures=pictures,
        parting=parting,
        workshop=below.workshop,
        board=board,
        bells=below.collector.bells,
        clock=now,
    )
    return BatchRuns(
        rows=below.collector.batches,
        feeder=Feeder(
            rows=below.collector.batches, studio=below.studio, bells=below.collector.bells, clock=now
        ),
        exhibition=exhibition,
        board=board,
        bells=below.collector.bells,
        outlook=outlook,
        may_edit=may_edit,
    )
