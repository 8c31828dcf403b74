"""What people have set for themselves: one row each, as versioned JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, cast

from bot.domain.preferences import OPTIONS, Preferences
from bot.storage.codec import dump, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.database import Database

GET = "SELECT chosen FROM preference WHERE user_id = :user_id"
PUT = """
    INSERT INTO preference (user_id, chosen, updated_at) VALUES (:user_id, :chosen, :now)
    ON CONFLICT (user_id) DO UPDATE SET chosen = excluded.chosen, updated_at = excluded.updated_at
"""
LATEST_LANGUAGE = """
    SELECT language FROM job
    WHERE user_id = :user_id AND language IS NOT NULL AND token_expires_at > created_at + 60000000
    ORDER BY id DESC LIMIT 1
"""
"""Commands and presses alone, whose tokens live on: a message does not tell how its author sees Discord."""
CLEAR = "DELETE FROM preference WHERE user_id = :user_id"


class PreferenceRows:
    """Everybody's preferences, each their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_person(self, user_id: int) -> Preferences:
        """Return what somebody has set; nothing where they never did."""

        def work(connection: sqlite3.Connection) -> Preferences:
            return _of(connection, user_id)

        return await self._database.recall(("preferences", user_id), ("preference",), work)

    async def change(
        self, user_id: int, option: str, value: str | int | bool | None, now: datetime
    ) -> Preferences:
        """Set one option, whatever is changed beside it at the same time, and return all."""

        def work(connection: sqlite3.Connection) -> Preferences:
            after = replace(_of(connection, user_id), **{option: value})
            chosen = dump({"v": 1, **asdict(after)})
            connection.execute(PUT, {"user_id": user_id, "chosen": chosen, "now": to_micros(now)})
            return after

        return await self._database.write(work)

    async def latest_language(self, user_id: int) -> str | None:
        """Return the language of the latest pictures that somebody commanded or pressed for, if any."""
        rows = await self._database.read(LATEST_LANGUAGE, {"user_id": user_id})
        return rows[0]["language"] if rows else None

    async def clear(self, user_id: int) -> None:
        """Forget what somebody has set."""
        await self._database.change(CLEAR, {"user_id": user_id})


def _of(connection: sqlite3.Connection, user_id: int) -> Preferences:
    row = connection.execute(GET, {"user_id": user_id}).fetchone()
    return _preferences(row["chosen"]) if row else Preferences()


def _preferences(text: str) -> Preferences:
    """Return the preferences that a column holds; an option that this version has not is left out."""
    fields = cast("dict[str, Any]", json.loads(text))
    return Preferences(**{name: fields[name] for name in OPTIONS if fields.get(name) is not None})
