"""Forgets what was said to Easel: on request of whose it is, of moderators, and by age."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import NotAllowed
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.requests import Requester
    from bot.services.authority import Authority
    from bot.storage.blobs import Blobs
    from bot.storage.forgetting import Forgetting as Rows
    from bot.storage.manners import Manners as MannerRows
    from bot.storage.threads import Threads as ThreadRows

log = structlog.get_logger(__name__)
MOST_DAYS = 36_500
BATCH = 200
"""Turns that are forgotten in one transaction by age, so that nobody waits for all of them."""
NOT_YOURS = mark(
    "Only a moderator can let Easel forget what others said here. “everything” is for moderators."
)


async def _nothing_under_way() -> None:
    return


class Forgetting:
    """Forgets turns with their pictures and files, and what was summed up of them."""

    def __init__(
        self,
        *,
        rows: Rows,
        threads: ThreadRows,
        manners: MannerRows,
        blobs: Blobs,
        authority: Authority,
        days: int | None,
        clock: Callable[[], datetime],
        end_answers: Callable[[], Awaitable[None]] = _nothing_under_way,
    ) -> None:
        self._rows = rows
        self._threads = threads
        self._manners = manners
        self._blobs = blobs
        self._authority = authority
        self._days = days
        self._clock = clock
        self._end_answers = end_answers
        """Stops answers to what is forgotten."""

    async def owns_all(self, who: Requester, *, is_direct: bool) -> bool:
        """Tell whether all that is said where somebody is is theirs: in direct messages, in their thread."""
        if is_direct:
            return True
        thread = await self._threads.get(who.channel_id)
        return thread is not None and thread.owner_id == who.user_id

    async def count(self, who: Requester, *, everything: bool, is_direct: bool) -> int:
        """Return how much would be forgotten, or raise NotAllowed."""
        return await self._rows.count(
            who.channel_id, await self._whose(who, everything=everything, is_direct=is_direct)
        )

    async def forget(self, who: Requester, *, everything: bool, is_direct: bool) -> None:
        """Forget what somebody said here with the answers to it, or everything, or raise NotAllowed."""
        whose = await self._whose(who, everything=everything, is_direct=is_direct)
        await self._blobs.let_go(await self._rows.forget(who.channel_id, whose))
        await self._end_answers()

    async def expire(self) -> None:
        """Forget what is older than the operator, or a channel's moderators, let it be kept."""
        if self._days is not None:
            await self._expire(self._days, None)
        for channel_id, days in await self._manners.kept_for():
            await self._expire(days, channel_id)

    async def _expire(self, days: int, channel_id: int | None) -> None:
        moment = self._clock() - timedelta(days=min(days, MOST_DAYS))
        total, count = 0, BATCH
        while count == BATCH:
            count, blobs = await self._rows.expire(moment, BATCH, channel_id)
            await self._blobs.let_go(blobs)
            total += count
            await asyncio.sleep(0)
        if total:
            log.info("forgot what was old", count=total)

    async def _whose(self, who: Requester, *, everything: bool, is_direct: bool) -> int | None:
        if not everything:
            return who.user_id
        if await self.owns_all(who, is_direct=is_direct):
            return None
        if not await self._authority.moderates(who, who.guild_id, who.channel_id):
            raise NotAllowed(tr(NOT_YOURS))
        return None
