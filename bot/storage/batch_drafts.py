"""Lists of prompts that were read and wait for a word of whoever sent them; nobody else finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage.batch_codec import draft_from_json, draft_to_json
from bot.storage.codec import to_micros
from bot.storage.drafts import GET, KEEP, PURGE

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.runs import Draft
    from bot.storage.database import Database, Value

FORGET = "DELETE FROM draft WHERE id = :id AND user_id = :user_id AND expires_at > :now"


class BatchDrafts:
    """The drafts of batches, beside other drafts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self, draft_id: int, user_id: int, draft: Draft, now: datetime, expires_at: datetime
    ) -> None:
        """Keep what was read, under the id of the Discord event that began it."""
        values: dict[str, Value] = {"id": draft_id, "user_id": user_id, "content": draft_to_json(draft)}
        values["expires_at"] = to_micros(expires_at)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(PURGE, {"now": to_micros(now)})
            connection.execute(KEEP, values)

        await self._database.write(work)

    async def get(self, draft_id: int, user_id: int, now: datetime) -> Draft | None:
        """Return what somebody began, or None where it was started, has expired or is another person's."""
        rows = await self._database.read(GET, {"id": draft_id, "user_id": user_id, "now": to_micros(now)})
        return draft_from_json(rows[0]["content"]) if rows else None

    async def forget(self, draft_id: int, user_id: int, now: datetime) -> bool:
        """Forget what somebody began."""
        values = {"id": draft_id, "user_id": user_id, "now": to_micros(now)}
        return await self._database.change(FORGET, values) == 1
