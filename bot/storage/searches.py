"""What someone looked for: kept so that the pages of an answer can be turned, until it expires."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.gallery import Search
from bot.storage.codec import dump, from_micros, to_micros
from bot.storage.drafts import GET, KEEP, PURGE

if TYPE_CHECKING:
    from datetime import datetime

    from bot.storage.database import Database

SHAPE = "search 1"
"""Tells these from requests, which are kept beside them."""


class Searches:
    """Searches of the gallery; nobody else finds them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self, search_id: int, user_id: int, search: Search, now: datetime, expires_at: datetime
    ) -> None:
        """Keep a search under the id of the Discord event that began it, and forget what has expired."""
        values = {
            "id": search_id,
            "user_id": user_id,
            "content": _to_json(search),
            "expires_at": to_micros(expires_at),
        }
        await self._database.change(PURGE, {"now": to_micros(now)})
        await self._database.change(KEEP, values)

    async def get(self, search_id: int, user_id: int, now: datetime) -> Search | None:
        """Return what somebody looked for, or None where it has expired or is another person's."""
        values = {"id": search_id, "user_id": user_id, "now": to_micros(now)}
        rows = await self._database.read(GET, values)
        return _from_json(rows[0]["content"]) if rows else None


def _to_json(search: Search) -> str:
    times = {
        name: None if moment is None else to_micros(moment)
        for name, moment in (("since", search.since), ("until", search.until))
    }
    return dump(
        {
            "v": SHAPE,
            "words": search.words,
            "of": search.of,
            "style": search.style,
            "model": search.model,
            "favourites": search.favourites,
            **times,
        }
    )


def _from_json(text: str) -> Search | None:
    """Return the search of a row, or None where the row is something else."""
    fields = json.loads(text)
    if fields.pop("v", None) != SHAPE:
        return None
    since, until = fields.pop("since"), fields.pop("until")
    return Search(
        **fields,
        since=None if since is None else from_micros(since),
        until=None if until is None else from_micros(until),
    )
