"""The end of a batch: its pictures as zip files with a manifest, as many as Discord takes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.domain.images import EXTENSIONS, Role
from bot.domain.runs import Ending
from bot.errors import TooBusy, Undeliverable
from bot.services.archive import Entry

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.domain.results import Card
    from bot.domain.runs import Batch, BatchRow, Page
    from bot.services.archive import Archive
    from bot.storage.batch_pages import BatchPages
    from bot.storage.batches import Batches as Rows
    from bot.storage.jobs import Jobs
    from bot.storage.pictures import Pictures

log = structlog.get_logger(__name__)
MESSAGE_BYTES = 24 * 1024 * 1024
"""Discord takes 25 MiB a request; the rest is for the words around the files."""
MAX_PARTS = 40
"""At Discord's usual 20 MiB a file, this holds 200 pictures of 4 MB."""
MAX_FILES = 10


class Counter(Protocol):
    """Where files are handed over; Discord's side."""

    async def place(self, batch: Batch, page: Page) -> int | None:
        """Make an empty message that only an edit can fill once; None where none is needed."""
        ...

    async def files(self, batch: Batch, page: Page, paths: Sequence[Path], ending: Ending | None) -> Card:
        """Post files, at most once, or raise Undeliverable.

        The first message of several says how the batch ended, and mentions its owner alone.
        """
        ...


class Parting:
    """Hands a batch's pictures over when it is done; each message is written down before it is posted."""

    def __init__(
        self,
        *,
        rows: Rows,
        pages: BatchPages,
        jobs: Jobs,
        pictures: Pictures,
        archive: Archive,
        counter: Counter,
    ) -> None:
        self._rows = rows
        self._pages = pages
        self._jobs = jobs
        self._pictures = pictures
        self._archive = archive
        self._counter = counter

    async def hand_over(self, batch: Batch) -> None:
        """Post what was not posted since the last page of pictures; what Discord will not have is left.

        After rows were drawn again the files have their pictures alone, and a manifest of all.
        """
        rows, earlier = await self._rows.done(batch.id), await self._pages.handed_over(batch.id)
        entries = [entry for row in rows if (entry := await self._entry(row, earlier)) is not None]
        if all(entry.blob is None for entry in entries):
            return
        name = f"{_name(batch.title)}-again" if earlier else _name(batch.title)
        each = min(batch.origin.upload_limit_bytes, MESSAGE_BYTES)
        try:
            async with self._archive.packed(
                entries, name=name, most_bytes=each, most_parts=MAX_PARTS
            ) as packed:
                left = len(packed.rest) + len(packed.too_large) + len(packed.missing)
                ending = Ending(await self._rows.tally(batch.id), left, len(earlier))
                await self._post(batch, packed.parts, min(MAX_FILES, MESSAGE_BYTES // each), ending)
        except (TooBusy, Undeliverable) as error:
            log.warning("files not shown", batch=batch.id, reason=str(error))

    async def _post(self, batch: Batch, parts: Sequence[Path], at_once: int, ending: Ending) -> None:
        done = await self._pages.files_posted(batch.id)
        for n, start in enumerate(range(0, len(parts), at_once)):
            if n < done:
                continue
            page = await self._pages.next_files(batch.id)
            if page.message_id is None and (placed := await self._counter.place(batch, page)) is not None:
                await self._pages.place(page, placed)
                page = replace(page, message_id=placed)
            paths = parts[start : start + at_once]
            card = await self._counter.files(batch, page, paths, None if n else ending)
            await self._pages.posted(page, card.channel_id, card.message_id)

    async def _entry(self, row: BatchRow, earlier: Collection[int]) -> Entry | None:
        """Return a row's picture with what made it, None where it is gone or was never shown.

        Of what was handed over earlier, return the line of the manifest alone.
        """
        job = await self._jobs.get(row.job_id)
        pictures = await self._pictures.of_job(row.job_id, Role.RESULT)
        return None if job is None or not pictures else _entry(row, job, pictures[0], row.ordinal in earlier)


def _name(title: str) -> str:
    """Return what the zip files of a list are called: its own name, in letters that every system takes."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", title.rpartition(".")[0])[:40].strip("-")
    return stem or "batch"


def _entry(row: BatchRow, job: Job, picture: Picture, is_earlier: bool) -> Entry:
    filename = f"row-{row.ordinal:04}.{EXTENSIONS[picture.info.media_type]}"
    return Entry(
        filename=filename,
        blob=None if is_earlier else picture.blob,
        facts=(
            ("row", row.ordinal),
            ("prompt", row.prompt),
            ("seed", picture.seed),
            ("model", job.plan.model_id),
            ("cost_usd", job.cost_microusd / 1_000_000),
            ("id", picture.id),
            *((("earlier_file", filename),) if is_earlier else ()),
        ),
    )
