"""Servers that Easel was taken out of: their data is deleted after a while, unless Easel is back by then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.services.erasing import Eraser
    from bot.storage.choices import RemovedServers

log = structlog.get_logger(__name__)
MOST_DAYS = 36_500


class Removals:
    """Follows where Easel is. `days` is the grace; None keeps everything."""

    def __init__(
        self, rows: RemovedServers, eraser: Eraser, days: int | None, clock: Callable[[], datetime]
    ) -> None:
        self._rows = rows
        self._eraser = eraser
        self._days = days
        self._clock = clock
        self._is_compared = False
        self.is_in: Callable[[int], bool] = _nowhere
        """Tells whether Easel is in a server right now, asked once more before its data is deleted."""

    async def removed(self, guild_id: int) -> None:
        """Note that Easel was taken out of a server."""
        log.info("taken out of a server", guild=guild_id)
        await self._rows.removed(guild_id, self._clock())

    async def joined(self, guild_id: int) -> None:
        """Note that Easel is in a server; its data is not deleted."""
        if await self._rows.returned(guild_id):
            log.info("back in a server", guild=guild_id)

    async def compare(self, present: Collection[int]) -> None:
        """Note what has changed while Easel was away: it is in these servers, and in no other."""
        self._is_compared = True
        gone, back = await self._rows.compare(present, self._clock())
        if gone or back:
            log.info("servers compared", gone=gone, back=back)

    async def clear(self) -> None:
        """Delete what is left of servers whose grace is over.

        Nothing before Discord has said where Easel is: it may be back.
        """
        if self._days is None or not self._is_compared:
            return
        for guild_id in await self._rows.before(self._clock() - timedelta(days=min(self._days, MOST_DAYS))):
            if self.is_in(guild_id):
                log.warning("noted as removed from a server that it is in", guild=guild_id)
                await self.joined(guild_id)
                continue
            await self._eraser.erase_server(guild_id)
            log.info("data of a server deleted", guild=guild_id)


def _nowhere(_guild_id: int) -> bool:
    return False
