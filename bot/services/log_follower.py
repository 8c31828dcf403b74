"""Carries the lines of the audit to the log channels: every one, in order, twice at most after a crash."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.domain.audit import EASEL
from bot.errors import Undeliverable, Unreachable
from bot.storage.audit import AuditLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.storage.log_channels import Behind, LogChannels

log = structlog.get_logger(__name__)
READ = 50
"""Lines that are read at once; of these a message takes as many as fit."""
AT_ONCE = 4
"""Servers that are posted to at the same time."""
FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 600.0


class Poster(Protocol):
    """Posts to Discord."""

    def serves(self, guild_id: int) -> bool:
        """Tell whether a server is one of this process."""
        ...

    def fits(self, lines: Sequence[AuditLine]) -> int:
        """Return how many of the first lines one message takes."""
        ...

    async def post(self, behind: Behind, lines: Sequence[AuditLine]) -> None:
        """Post lines in one message, once for the same lines.

        Raise Unreachable where that may work later, and Undeliverable where the channel takes nothing.
        """
        ...

    async def tell_lost(self, user_id: int, behind: Behind, reason: str) -> None:
        """Tell who chose a channel that it is given up, where they can be told."""
        ...


class LogFollower:
    """Looks for lines that channels lack; how far each has them is in the database."""

    def __init__(
        self,
        channels: LogChannels,
        poster: Poster,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channels = channels
        self._poster = poster
        self._clock = clock
        self._timer = timer
        self._done_to = -1
        """The newest line when nothing was left to post."""
        self._waits: dict[int, tuple[float, float]] = {}

    async def post_new(self) -> None:
        """Post what is new, one message for each server; what is left is for the next round."""
        newest = await self._channels.newest()
        if newest == self._done_to:
            return
        turns = asyncio.Semaphore(AT_ONCE)

        async def take(behind: Behind) -> bool:
            async with turns:
                return await self._serve(behind)

        behind = await self._channels.behind()
        done = await asyncio.gather(*(take(one) for one in behind))
        self._done_to = newest if all(done) else -1

    async def _serve(self, behind: Behind) -> bool:
        """Post a message to one server; tell whether it has everything now."""
        wait_s, again_at = self._waits.get(behind.guild_id, (FIRST_WAIT_S, 0.0))
        if not self._poster.serves(behind.guild_id) or self._timer() < again_at:
            return False
        lines = await self._channels.lacking(behind, READ)
        taken = [one for one in lines if one.id <= (behind.posting_id or 0)]
        if not taken:
            taken = list(lines[: self._poster.fits(lines)])
            await self._channels.intend(behind.guild_id, taken[-1].id)
        try:
            await self._poster.post(behind, taken)
        except Unreachable as error:
            log.info("log not posted yet", guild=behind.guild_id, reason=str(error))
            self._waits[behind.guild_id] = min(2 * wait_s, LONGEST_WAIT_S), self._timer() + wait_s
            return False
        except Undeliverable as error:
            await self._give_up(behind, str(error))
            return True
        self._waits.pop(behind.guild_id, None)
        await self._channels.advance(behind.guild_id, taken[-1].id)
        return len(taken) == len(lines) < READ

    async def _give_up(self, behind: Behind, reason: str) -> None:
        """Stop posting to a channel, note why in the audit, and tell who chose it."""
        log.warning("log channel lost", guild=behind.guild_id, channel=behind.channel_id, reason=reason)
        subject = f"channel:{behind.channel_id}"
        line = AuditLine(behind.guild_id, EASEL, "log.lost", subject, {"why": reason}, self._clock())
        await self._channels.lose(line)
        self._waits.pop(behind.guild_id, None)
        chosen_by = await self._channels.last_actor(behind.guild_id, "log.set")
        if chosen_by is not None:
            await self._poster.tell_lost(chosen_by, behind, reason)
