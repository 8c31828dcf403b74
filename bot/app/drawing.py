"""The rooms in which pictures are drawn, built over what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.app.resources import now
from bot.domain.jobs import Bounds
from bot.services.caller import Caller
from bot.services.queue import JobQueue
from bot.services.references import MAX_UPLOAD_BYTES, References
from bot.services.shelf import Shelf
from bot.services.studio import Studio
from bot.services.workshop import Workshop
from bot.storage.pictures import Pictures
from bot.storage.shelf import Shelf as ShelfRows
from bot.transport.download import download

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.app.desk import Desk
    from bot.app.resources import Resources
    from bot.app.reviewing import Reviewing
    from bot.domain.requests import Upload
    from bot.services.inquiry import Inquiry
    from bot.services.planning import Planner
    from bot.services.progress import Progress
    from bot.services.pseudonyms import Pseudonyms
    from bot.services.queue import CarryOut
    from bot.settings import Settings
    from bot.storage.jobs import Jobs


def build_workshop(
    resources: Resources,
    jobs: Jobs,
    references: References,
    reviewing: Reviewing,
    progress: Progress,
    desk: Desk,
    planner: Planner,
    pseudonyms: Pseudonyms,
    inquiry: Inquiry,
) -> Workshop:
    """Build what carries jobs out."""
    return Workshop(
        jobs=jobs,
        pictures=Pictures(resources.database),
        shelf=ShelfRows(resources.database),
        references=references,
        caller=Caller(
            model=resources.model,
            catalogue=resources.catalogue,
            jobs=jobs,
            blobs=resources.blobs,
            pool=resources.pool,
            clock=now,
            pseudonyms=pseudonyms,
            metrics=resources.metrics,
            progress=progress,
            inquiry=inquiry,
        ),
        allowances=desk.allowances,
        planner=planner,
        presenter=reviewing.collector,
        gate=reviewing.gate,
        clock=now,
        metrics=resources.metrics,
        progress=progress,
    )


def build_queue(
    settings: Settings, resources: Resources, carry_out: CarryOut, workshop: Workshop, progress: Progress
) -> JobQueue:
    """Build what lets jobs take their turns."""
    return JobQueue(
        carry_out,
        workshop.give_up,
        max_running=settings.max_running_calls,
        max_each=settings.max_running_jobs_per_person,
        models=resources.model,
        metrics=resources.metrics,
        progress=progress,
        clock=now,
    )


def build_studio(
    settings: Settings,
    resources: Resources,
    jobs: Jobs,
    planner: Planner,
    desk: Desk,
    queue: JobQueue,
    workshop: Workshop,
) -> Studio:
    """Build what opens jobs."""
    return Studio(
        planner=planner,
        jobs=jobs,
        pictures=Pictures(resources.database),
        sweeper=resources.sweeper,
        allowances=desk.allowances,
        queue=queue,
        workshop=workshop,
        clock=now,
        bounds=_bounds(settings),
        has_room=lambda: resources.has_room,
        door=desk.door,
        authority=desk.authority,
        showings=desk.showings,
        unwritten=resources.unwritten,
    )


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        of_all=settings.max_waiting_jobs + settings.max_running_calls,
        per_server=settings.max_jobs_per_server,
        per_person=settings.max_jobs_per_person,
    )


def build_shelf(resources: Resources, jobs: Jobs, queue: JobQueue, workshop: Workshop) -> Shelf:
    """Build what keeps results that wait for their owners."""
    return Shelf(
        jobs=jobs,
        rows=ShelfRows(resources.database),
        sweeper=resources.sweeper,
        queue=queue,
        workshop=workshop,
        clock=now,
    )


def build_references(resources: Resources) -> References:
    """Build what prepares the pictures that guide others."""
    return References(
        pictures=Pictures(resources.database),
        blobs=resources.blobs,
        pool=resources.pool,
        fetch=reads(resources, MAX_UPLOAD_BYTES),
        clock=now,
    )


def reads(resources: Resources, max_bytes: int) -> Callable[[Upload], Awaitable[bytes]]:
    """Return what reads an attachment, up to a size."""

    async def fetch(upload: Upload) -> bytes:
        return await download(resources.http, upload.url, max_bytes=max_bytes)

    return fetch
