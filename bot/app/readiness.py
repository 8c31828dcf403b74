"""Whether Easel can work: connected to Discord, and able to write down what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord.ext import commands

    from bot.storage.blobs import Blobs
    from bot.storage.database import Database
    from bot.storage.disk import Disk

AWAY = "not connected to Discord"
FULL = "the disk is nearly full: no new orders are taken"


class Sessions:
    """The sessions that a client's shards have with Discord.

    `is_ready` of discord.py tells that there was one once, also while no connection can be made.
    """

    def __init__(self, bot: commands.AutoShardedBot) -> None:
        self._bot = bot
        self._away: set[int] = set()
        bot.add_listener(self._lost, "on_shard_disconnect")
        bot.add_listener(self._back, "on_shard_connect")
        bot.add_listener(self._back, "on_shard_resumed")

    async def why_away(self) -> str | None:
        """Say that a shard has no session, or return None where all have one."""
        if not self._bot.is_ready() or len(self._away) == self._bot.shard_count:
            return AWAY
        if self._away:
            return f"{AWAY}: shards {', '.join(map(str, sorted(self._away)))}"
        return None

    async def _lost(self, shard_id: int) -> None:
        self._away.add(shard_id)

    async def _back(self, shard_id: int) -> None:
        self._away.discard(shard_id)


async def why_nothing_is_kept(database: Database, disk: Disk, blobs: Blobs) -> str | None:
    """Say what keeps anything from being kept, or raise where the database does not answer.

    Where a write found no room, that stands until the disk is measured in its turn.
    """
    await database.ping()
    if disk.has_room:
        await disk.measure()
    if not disk.has_room:
        return FULL
    return None if blobs.trouble is None else f"pictures cannot be kept: {blobs.trouble}"
