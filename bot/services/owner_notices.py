"""Tells owners of servers what cannot wait and nobody else would hear: money, raids, reports."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.errors import Undeliverable, Unreachable
from bot.storage.owner_notices import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.storage.owner_notices import Notice
    from bot.storage.owner_notices import OwnerNotices as Rows

log = structlog.get_logger(__name__)
ALERTS = ("budget.alert", "safety.raid_began")
HOUR = timedelta(hours=1)
MOST_AN_HOUR = {NoticeKind.ALERT: 5, NoticeKind.REPORT: 1}
"""Messages to an owner about one server; members make reports, who could drown them."""
NEWS = timedelta(hours=2)
"""How long something is news: the hour that it may be held back for, and one of trouble on Discord's side."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=10)


class Bell(Protocol):
    """Reaches owners. Raise Unreachable where that may work later, and Undeliverable where it will not."""

    def serves(self, guild_id: int) -> bool:
        """Tell whether a server is one of this process."""
        ...

    async def ring(self, notice: Notice) -> None:
        """Tell an owner of a notice, once for the same one."""
        ...

    async def ring_more(self, notices: Sequence[Notice]) -> None:
        """Tell an owner how many notices of a kind came beyond those that were told, once for the same."""
        ...


class OwnerNotices:
    """Tells each notice once, also after a restart or trouble on Discord's side.

    Once an owner has heard enough for an hour the rest waits, and one message counts it when that is over.
    What cannot be delivered is in `/manage audit` and `/manage safety reports` all the same.
    """

    def __init__(self, rows: Rows, bell: Bell, clock: Callable[[], datetime]) -> None:
        self._rows = rows
        self._bell = bell
        self._clock = clock
        self._turn = asyncio.Lock()

    async def tell_new(self) -> int:
        """Tell what is new in the audit and what waits; return how many notices were heard."""
        now, heard = self._clock(), 0
        await self._rows.take_in(ALERTS, now - NEWS)
        await self._rows.expire(now - NEWS)
        for guild_id, kind in await self._rows.servers(now):
            if self._bell.serves(guild_id):
                heard += len(await self._serve(guild_id, kind))
        return heard

    async def report(self, guild_id: int, message_id: int) -> bool:
        """Tell an owner that somebody reported a message; False where they do not hear of it just now."""
        notice_id = await self._rows.file(guild_id, message_id, self._clock())
        return notice_id in await self._serve(guild_id, NoticeKind.REPORT)

    async def told_otherwise(self, guild_id: int) -> None:
        """Note that an owner has just heard in another way that reports wait."""
        await self._rows.file(guild_id, None, self._clock(), is_told=True)

    async def settled(self, message_id: int) -> None:
        """Tell an owner no more of a reported message: moderators see it now, or have decided."""
        await self._rows.settled(message_id)

    async def _serve(self, guild_id: int, kind: NoticeKind) -> set[int]:
        """Tell an owner as much as an hour takes; return the notices that they heard of."""
        heard: set[int] = set()
        async with self._turn:
            now = self._clock()
            waiting = await self._rows.waiting(guild_id, kind, now)
            if any(one.is_put_off for one in waiting):
                return heard
            room = MOST_AN_HOUR[kind] - await self._rows.told_since(guild_id, kind, now - HOUR)
            messages = _messages(waiting)
            for message in messages[: max(0, room)]:
                try:
                    if await self._tell(message, now):
                        heard.update(one.id for one in message)
                except Unreachable as error:
                    await self._put_off(message, now, str(error))
                    return heard
            late = [one.id for message in messages[max(0, room) :] for one in message if not one.is_late]
            if late:
                await self._rows.hold_back(late)
        return heard

    async def _tell(self, message: Sequence[Notice], now: datetime) -> bool:
        """Send one message; False where its owner takes none. It is noted once it is sent."""
        is_heard = True
        try:
            await (self._bell.ring(message[0]) if len(message) == 1 else self._bell.ring_more(message))
        except Unreachable:
            raise
        except Undeliverable as error:
            log.info("owner not told", guild=message[0].guild_id, reason=str(error))
            is_heard = False
        await self._rows.told([one.id for one in message], now)
        return is_heard

    async def _put_off(self, message: Sequence[Notice], now: datetime, reason: str) -> None:
        first = message[0]
        log.info("owner not told yet", guild=first.guild_id, reason=reason)
        wait = min(FIRST_WAIT * 2 ** min(first.tries, 10), LONGEST_WAIT)
        await self._rows.put_off([one.id for one in message], now + wait)


def _messages(waiting: Sequence[Notice]) -> list[list[Notice]]:
    """Return what is told together: all of it, and counted, where something of it came late."""
    if any(one.is_late for one in waiting):
        return [list(waiting)]
    return [[one] for one in waiting]
