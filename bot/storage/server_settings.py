"""What the moderators of a server chose for it, by name; every change leaves a line in the audit."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.storage import audit
from bot.storage.codec import clean, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime

    from bot.storage.audit import AuditLine
    from bot.storage.database import Database

OF = "SELECT name, value FROM server_setting WHERE guild_id = :guild_id"
WITH = "SELECT guild_id, value FROM server_setting WHERE name = :name"
SET = """
    INSERT INTO server_setting (guild_id, name, value, updated_at)
    VALUES (:guild_id, :name, :value, :now)
    ON CONFLICT (guild_id, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""
UNSET = "DELETE FROM server_setting WHERE guild_id = :guild_id AND name = :name"


class ServerSettings:
    """The settings of all servers; what a value means is known to the service that sets it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, guild_id: int) -> Mapping[str, str]:
        """Return what was chosen for a server."""

        def work(connection: sqlite3.Connection) -> Mapping[str, str]:
            rows = connection.execute(OF, {"guild_id": guild_id})
            return MappingProxyType({row["name"]: row["value"] for row in rows})

        return await self._database.recall(("server settings", guild_id), ("server_setting",), work)

    async def servers_with(self, name: str) -> Mapping[int, str]:
        """Return the servers that chose something of this name, with what they chose."""
        rows = await self._database.read(WITH, {"name": name})
        return {row["guild_id"]: row["value"] for row in rows}

    async def choose(self, chosen: Mapping[str, str | None], line: AuditLine) -> None:
        """Set what has a value and unset what has none, for the server of the audit's line, all at once."""

        def work(connection: sqlite3.Connection) -> None:
            put(connection, line.guild_id, chosen, line.at)
            audit.insert(connection, line)

        await self._database.write(work)


def put(
    connection: sqlite3.Connection, guild_id: int, chosen: Mapping[str, str | None], now: datetime
) -> None:
    """Set what has a value and unset what has none, inside a transaction that writes to the audit too."""
    for name, value in chosen.items():
        key = {"guild_id": guild_id, "name": name}
        if value is None:
            connection.execute(UNSET, key)
        else:
            connection.execute(SET, {**key, "value": clean(value), "now": to_micros(now)})
