"""The pages in which a batch's pictures and files are shown: written down before they are posted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.runs import PAGE, BatchRow, Page
from bot.storage.batch_codec import page_from_row, row_from_row
from bot.storage.codec import clean, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.database import Database

OPEN = "SELECT * FROM batch_page WHERE batch_id = :id AND kind = 'pictures' AND posted = 0 ORDER BY ordinal"
INSERT = """
    INSERT INTO batch_page (batch_id, ordinal, kind, posted)
    SELECT :id, COALESCE(MAX(ordinal), 0) + 1, :kind, 0 FROM batch_page WHERE batch_id = :id
    RETURNING *
"""
READY = """
    SELECT row.ordinal AS ordinal FROM batch_row AS row JOIN job ON job.id = row.job_id
    WHERE row.batch_id = :id AND row.state = 'running' AND row.page IS NULL AND job.state = 'produced'
    AND (job.review IS NULL OR job.review = 'approved')
    ORDER BY row.ordinal LIMIT :most
"""
ASSIGN = "UPDATE batch_row SET page = :page WHERE batch_id = :id AND ordinal = :ordinal"
ROWS = """
    SELECT row.* FROM batch_row AS row JOIN job ON job.id = row.job_id
    WHERE row.batch_id = :id AND row.page = :page AND row.state = 'running'
    AND job.state IN ('produced', 'delivered') ORDER BY row.ordinal
"""
UNSETTLED = """
    SELECT DISTINCT page.* FROM batch_page AS page JOIN batch_row AS row
    ON row.batch_id = page.batch_id AND row.page = page.ordinal
    WHERE page.batch_id = :id AND page.posted = 1 AND page.message_id IS NOT NULL AND row.state = 'running'
    ORDER BY page.ordinal
"""
PLACE = """
    UPDATE batch_page SET message_id = :message_id WHERE batch_id = :id AND ordinal = :page AND posted = 0
"""
POSTED = """
    UPDATE batch_page SET posted = 1, channel_id = :channel_id, message_id = :message_id
    WHERE batch_id = :id AND ordinal = :page
"""
KEPT_ROWS = """
    UPDATE batch_row SET state = 'done' WHERE batch_id = :id AND page = :page AND state = 'running'
"""
PAUSE = """
    UPDATE batch SET state = 'paused', reason = :reason, pending = 1, updated_at = :now
    WHERE id = :id AND state = 'running'
"""
LAST_FILES = """
    SELECT COUNT(*) AS count FROM batch_page WHERE batch_id = :id AND kind = 'files' AND posted = 1
    AND ordinal > (
        SELECT COALESCE(MAX(ordinal), 0) FROM batch_page WHERE batch_id = :id AND kind = 'pictures'
    )
"""
HANDED_OVER = """
    SELECT ordinal FROM batch_row WHERE batch_id = :id AND state = 'done' AND page < (
        SELECT MAX(ordinal) FROM batch_page WHERE batch_id = :id AND kind = 'files' AND ordinal < (
            SELECT MAX(ordinal) FROM batch_page WHERE batch_id = :id AND kind = 'pictures'
        ) HAVING MIN(posted) = 1
    )
"""
"""Rows on pages before the last files that came before the last page, where all such files are posted."""
OPEN_FILES = "SELECT * FROM batch_page WHERE batch_id = :id AND kind = 'files' AND posted = 0"


class BatchPages:
    """The pages of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ready(self, batch_id: int) -> int:
        """Return how many pictures wait to be shown, a page's worth at most."""
        return len(await self._database.read(READY, {"id": batch_id, "most": PAGE}))

    async def has_open(self, batch_id: int) -> bool:
        """Tell whether there is a page that may be posted, and of which that is not known."""
        return bool(await self._database.read(OPEN, {"id": batch_id}))

    async def next(self, batch_id: int) -> Page | None:
        """Return the page to post: one that was begun before, or a new one of all that is ready."""

        def work(connection: sqlite3.Connection) -> sqlite3.Row | None:
            if (begun := connection.execute(OPEN, {"id": batch_id}).fetchone()) is not None:
                return begun
            ready = connection.execute(READY, {"id": batch_id, "most": PAGE}).fetchall()
            if not ready:
                return None
            page = connection.execute(INSERT, {"id": batch_id, "kind": "pictures"}).fetchone()
            rows = [{"id": batch_id, "page": page["ordinal"], "ordinal": row["ordinal"]} for row in ready]
            connection.executemany(ASSIGN, rows)
            return page

        row = await self._database.write(work)
        return None if row is None else page_from_row(row)

    async def rows(self, page: Page) -> tuple[BatchRow, ...]:
        """Return the rows of a page that are not charged yet."""
        rows = await self._database.read(ROWS, {"id": page.batch_id, "page": page.ordinal})
        return tuple(row_from_row(row) for row in rows)

    async def unsettled(self, batch_id: int) -> tuple[Page, ...]:
        """Return pages that are posted, and of which some rows are not charged yet."""
        return tuple(page_from_row(row) for row in await self._database.read(UNSETTLED, {"id": batch_id}))

    async def place(self, page: Page, message_id: int) -> None:
        """Note which message a page will fill."""
        values = {"id": page.batch_id, "page": page.ordinal, "message_id": message_id}
        await self._database.change(PLACE, values)

    async def posted(self, page: Page, channel_id: int | None, message_id: int | None) -> None:
        """Note where a page is, or that it is nowhere and will not be."""
        values = {
            "id": page.batch_id,
            "page": page.ordinal,
            "channel_id": channel_id,
            "message_id": message_id,
        }
        await self._database.change(POSTED, values)

    async def kept(self, page: Page, reason: str, now: datetime) -> None:
        """Note that a page's pictures wait for their owner one by one, and pause the batch."""
        values = {"id": page.batch_id, "page": page.ordinal, "channel_id": None, "message_id": None}

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(KEPT_ROWS, values)
            connection.execute(POSTED, values)
            paused = {"id": page.batch_id, "reason": clean(reason), "now": to_micros(now)}
            connection.execute(PAUSE, paused)

        await self._database.write(work)

    async def files_posted(self, batch_id: int) -> int:
        """Return how many messages with files follow the last page of pictures."""
        return int((await self._database.read(LAST_FILES, {"id": batch_id}))[0]["count"])

    async def handed_over(self, batch_id: int) -> frozenset[int]:
        """Return the rows whose pictures are in files that were posted before some rows were drawn again."""
        return frozenset(row["ordinal"] for row in await self._database.read(HANDED_OVER, {"id": batch_id}))

    async def next_files(self, batch_id: int) -> Page:
        """Return the message with files to post: one that was begun before, or a new one."""

        def work(connection: sqlite3.Connection) -> sqlite3.Row:
            begun = connection.execute(OPEN_FILES, {"id": batch_id}).fetchone()
            return begun or connection.execute(INSERT, {"id": batch_id, "kind": "files"}).fetchone()

        return page_from_row(await self._database.write(work))
