"""What moderators chose for their channels; every change leaves a line in the audit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.manners import UNSET, ChannelManner
from bot.storage import audit
from bot.storage.codec import clean, dump, to_micros

if TYPE_CHECKING:
    import sqlite3

    from bot.storage.audit import AuditLine
    from bot.storage.database import Database

VERSION = 1
GET = "SELECT chosen FROM channel_setting WHERE channel_id = :channel_id"
PARENT = "SELECT parent_id FROM chat_thread WHERE channel_id = :channel_id"
SET = """
    INSERT INTO channel_setting (channel_id, guild_id, chosen, updated_at)
    VALUES (:channel_id, :guild_id, :chosen, :now)
    ON CONFLICT (channel_id) DO UPDATE SET chosen = excluded.chosen, updated_at = excluded.updated_at
"""
RESET = "DELETE FROM channel_setting WHERE channel_id = :channel_id"
ALL = "SELECT channel_id, chosen FROM channel_setting"


class Manners:
    """The settings of all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, channel_id: int) -> ChannelManner:
        """Return what was chosen for a channel; for a thread that Easel opened, for the channel it is in."""

        def work(connection: sqlite3.Connection) -> ChannelManner:
            parent = connection.execute(PARENT, {"channel_id": channel_id}).fetchone()
            place = channel_id if parent is None else parent["parent_id"]
            row = connection.execute(GET, {"channel_id": place}).fetchone()
            return UNSET if row is None else _read(row["chosen"])

        return await self._database.recall(("manners", channel_id), ("channel_setting", "chat_thread"), work)

    async def set(self, channel_id: int, chosen: ChannelManner, line: AuditLine) -> None:
        """Choose for a channel, and note who did."""
        values = {
            "channel_id": channel_id,
            "guild_id": line.guild_id,
            "chosen": _written(chosen),
            "now": to_micros(line.at),
        }

        def work(connection: sqlite3.Connection) -> None:
            if chosen == UNSET:
                connection.execute(RESET, {"channel_id": channel_id})
            else:
                connection.execute(SET, values)
            audit.insert(connection, line)

        await self._database.write(work)

    async def kept_for(self) -> tuple[tuple[int, int], ...]:
        """Return the channels whose messages are forgotten after some days, with the days."""
        rows = await self._database.read(ALL, {})
        chosen = [(row["channel_id"], _read(row["chosen"]).days) for row in rows]
        return tuple((channel_id, days) for channel_id, days in chosen if days is not None)


def _written(chosen: ChannelManner) -> str:
    return dump(
        {
            "v": VERSION,
            "persona": None if chosen.persona is None else clean(chosen.persona),
            "model": chosen.model,
            "temperature": chosen.temperature,
            "history": chosen.history,
            "days": chosen.days,
        }
    )


def _read(text: str) -> ChannelManner:
    fields = json.loads(text)
    return ChannelManner(
        fields["persona"], fields["model"], fields["temperature"], fields["history"], fields["days"]
    )
