"""What people chose for what is kept of them, and the servers that Easel was taken out of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.privacy import Choices
from bot.storage import wiping
from bot.storage.codec import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from bot.storage.database import Database

GET = "SELECT * FROM privacy_choice WHERE user_id = :user_id"
KEEP = """
    INSERT INTO privacy_choice (user_id, keeps_talk, updated_at) VALUES (:user_id, :keeps, :now)
    ON CONFLICT (user_id) DO UPDATE SET keeps_talk = excluded.keeps_talk, updated_at = excluded.updated_at
"""
DAYS = """
    INSERT INTO privacy_choice (user_id, keeps_talk, days, updated_at) VALUES (:user_id, 1, :days, :now)
    ON CONFLICT (user_id) DO UPDATE SET days = excluded.days, updated_at = excluded.updated_at
"""
EXPORT = """
    INSERT INTO privacy_choice (user_id, keeps_talk, exported_at, updated_at) VALUES (:user_id, 1, :now, :now)
    ON CONFLICT (user_id) DO UPDATE SET exported_at = excluded.exported_at
    WHERE exported_at IS NULL OR exported_at <= :before
"""
EXPORT_AGAIN = "UPDATE privacy_choice SET exported_at = NULL WHERE user_id = :user_id"
WITH_DAYS = "SELECT user_id, days FROM privacy_choice WHERE days IS NOT NULL"
DISCREET = "SELECT user_id FROM privacy_choice WHERE keeps_talk = 0"
SAID = """
    SELECT id FROM turn WHERE user_id = :user_id AND forgotten = 0 AND awaiting = 0 AND created_at < :before
    LIMIT :most
"""
EXCHANGE = """
    WITH RECURSIVE exchange (id) AS (
        SELECT :id UNION
        SELECT turn.id FROM turn JOIN exchange ON turn.parent_id = exchange.id
        WHERE turn.speaker = 'easel' AND turn.user_id = :user_id
    )
    SELECT turn.id AS id FROM exchange JOIN turn ON turn.id = exchange.id WHERE forgotten = 0
"""
REMOVE = """
    INSERT INTO removed_server (guild_id, removed_at) VALUES (:guild_id, :now)
    ON CONFLICT (guild_id) DO NOTHING
"""
RETURN = "DELETE FROM removed_server WHERE guild_id = :guild_id"
REMOVED_BEFORE = "SELECT guild_id FROM removed_server WHERE removed_at < :before ORDER BY removed_at"
REMOVED = "SELECT guild_id FROM removed_server"
KNOWN = """
    SELECT DISTINCT guild_id FROM spent WHERE owner = 'server' AND user_id = 0 AND guild_id <> 0
    UNION SELECT DISTINCT guild_id FROM server_setting
"""


class PrivacyChoices:
    """What people chose."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user_id: int) -> Choices:
        """Return what somebody chose; what holds for all where they never did."""
        rows = await self._database.read(GET, {"user_id": user_id})
        if not rows:
            return Choices()
        exported = rows[0]["exported_at"]
        return Choices(
            bool(rows[0]["keeps_talk"]), rows[0]["days"], None if exported is None else from_micros(exported)
        )

    async def keep_talk(self, user_id: int, now: datetime, *, keeps: bool) -> None:
        """Let somebody's conversations be kept, or not."""
        await self._database.change(KEEP, {"user_id": user_id, "keeps": int(keeps), "now": to_micros(now)})

    async def keep_for(self, user_id: int, days: int | None, now: datetime) -> None:
        """Let what is somebody's be kept for some days, or for ever."""
        await self._database.change(DAYS, {"user_id": user_id, "days": days, "now": to_micros(now)})

    async def claim_export(self, user_id: int, now: datetime, every: timedelta) -> bool:
        """Note that somebody takes their data along; False where that is too soon after the last time."""
        values = {"user_id": user_id, "now": to_micros(now), "before": to_micros(now - every)}
        return await self._database.change(EXPORT, values) == 1

    async def give_export_back(self, user_id: int) -> None:
        """Let somebody try again whose export came to nothing."""
        await self._database.change(EXPORT_AGAIN, {"user_id": user_id})

    async def with_days(self) -> tuple[tuple[int, int], ...]:
        """Return whoever chose for how long things are kept, with the days."""
        return tuple((row["user_id"], row["days"]) for row in await self._database.read(WITH_DAYS))

    async def discreet(self) -> tuple[int, ...]:
        """Return those whose conversations are not kept."""
        return tuple(row["user_id"] for row in await self._database.read(DISCREET))

    async def forget_exchange(self, turn_id: int, user_id: int) -> None:
        """Forget a question and what Easel answered to it; its files are deleted later."""
        values = {"id": turn_id, "user_id": user_id}

        def work(connection: sqlite3.Connection) -> None:
            for row in connection.execute(EXCHANGE, values).fetchall():
                wiping.wipe_turn(connection, row["id"], 0)

        await self._database.write(work)

    async def forget_said(self, user_id: int, before: datetime, most: int) -> int:
        """Forget what somebody said before a moment and what was answered; return how much that was."""
        values = {"user_id": user_id, "before": to_micros(before), "most": most}

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(SAID, values).fetchall()
            for row in rows:
                wiping.wipe_turn(connection, row["id"], 0)
            return len(rows)

        return await self._database.write(work)


class RemovedServers:
    """The servers that Easel was taken out of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def removed(self, guild_id: int, now: datetime) -> None:
        """Note that Easel was taken out of a server."""
        await self._database.change(REMOVE, {"guild_id": guild_id, "now": to_micros(now)})

    async def returned(self, guild_id: int) -> bool:
        """Note that Easel is in a server; True where it was taken out before."""
        return await self._database.change(RETURN, {"guild_id": guild_id}) == 1

    async def compare(self, present: Collection[int], now: datetime) -> tuple[int, int]:
        """Note which servers Easel was taken out of, and which it is back in, while nobody looked."""
        known = {row["guild_id"] for row in await self._database.read(KNOWN)}
        removed = {row["guild_id"] for row in await self._database.read(REMOVED)}
        gone, back = known - set(present) - removed, removed & set(present)
        for guild_id in sorted(gone):
            await self.removed(guild_id, now)
        for guild_id in sorted(back):
            await self.returned(guild_id)
        return len(gone), len(back)

    async def before(self, moment: datetime) -> tuple[int, ...]:
        """Return the servers that Easel was taken out of before a moment."""
        rows = await self._database.read(REMOVED_BEFORE, {"before": to_micros(moment)})
        return tuple(row["guild_id"] for row in rows)
