"""The threads that were opened for a conversation: whose they are, their names, and whether they ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.storage.codec import clean, from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.database import Database

INSERT = """
    INSERT INTO chat_thread (channel_id, guild_id, parent_id, owner_id, title, ended, created_at)
    VALUES (:channel_id, :guild_id, :parent_id, :owner_id, :title, 0, :created_at)
    ON CONFLICT (channel_id) DO NOTHING
"""
GET = "SELECT * FROM chat_thread WHERE channel_id = :channel_id"
NAME = (
    "UPDATE chat_thread SET title = :title WHERE channel_id = :channel_id AND title = :before AND ended = 0"
)
END = "UPDATE chat_thread SET ended = 1 WHERE channel_id = :channel_id AND ended = 0"
DELETE = "DELETE FROM chat_thread WHERE channel_id = :channel_id"


@dataclass(frozen=True, slots=True)
class ChatThread:
    """A thread with Easel in it. Its title is empty until it is named."""

    channel_id: int
    guild_id: int
    parent_id: int
    owner_id: int
    created_at: datetime
    title: str = ""
    ended: bool = False


class Threads:
    """The threads of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, thread: ChatThread) -> None:
        """Keep a thread that was opened."""
        values = {
            "channel_id": thread.channel_id,
            "guild_id": thread.guild_id,
            "parent_id": thread.parent_id,
            "owner_id": thread.owner_id,
            "title": clean(thread.title),
            "created_at": to_micros(thread.created_at),
        }
        await self._database.change(INSERT, values)

    async def get(self, channel_id: int) -> ChatThread | None:
        """Return the thread of that id, or None where Easel opened none."""
        rows = await self._database.read(GET, {"channel_id": channel_id})
        return None if not rows else _thread(rows[0])

    async def name(self, channel_id: int, title: str, *, before: str) -> bool:
        """Change the title from what it was before; of two at once, one does it."""
        values = {"channel_id": channel_id, "title": clean(title), "before": before}
        return await self._database.change(NAME, values) == 1

    async def end(self, channel_id: int) -> bool:
        """Note that the conversation has ended; False where it had, or where there is none."""
        return await self._database.change(END, {"channel_id": channel_id}) == 1

    async def delete(self, channel_id: int) -> None:
        """Forget a thread that is gone."""
        await self._database.change(DELETE, {"channel_id": channel_id})


def _thread(row: sqlite3.Row) -> ChatThread:
    return ChatThread(
        channel_id=row["channel_id"],
        guild_id=row["guild_id"],
        parent_id=row["parent_id"],
        owner_id=row["owner_id"],
        created_at=from_micros(row["created_at"]),
        title=row["title"],
        ended=bool(row["ended"]),
    )
