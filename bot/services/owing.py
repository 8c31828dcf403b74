"""Answers that are owed: whoever waits for one that a restart cut off is told so, or heard again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.asks import Owed
from bot.errors import HeardBefore
from bot.services.unwritten import Unwritten
from bot.texts import language

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime

    from bot.domain.asks import Purpose
    from bot.domain.jobs import Origin
    from bot.domain.requests import Requester
    from bot.storage.owed import OwedAnswers

LONGEST = timedelta(minutes=20)
"""After which no process can be giving an answer any more: an interaction lives for fifteen minutes."""
PATIENCE = timedelta(days=1)
"""How long somebody may have waited who still hears that nothing came."""


class Owing:
    """Keeps what is owed."""

    def __init__(
        self,
        rows: OwedAnswers,
        clock: Callable[[], datetime],
        *,
        is_alone: bool,
        unwritten: Unwritten | None = None,
    ) -> None:
        self._unwritten = unwritten or Unwritten()
        self._rows = rows
        self._clock = clock
        self._is_alone = is_alone

    @asynccontextmanager
    async def owed(
        self, event_id: int, who: Requester, purpose: Purpose, origin: Origin, *, private: bool
    ) -> AsyncGenerator[None]:
        """Owe an answer within a block, which gives it or tells why there is none.

        What breaks the block off, as the end of the process does, leaves it owed. Raise HeardBefore where
        the same event was heard before, be it by an earlier process: its answer is given once.
        """
        owed = Owed(
            id=event_id,
            user_id=who.user_id,
            guild_id=who.guild_id,
            channel_id=who.channel_id,
            purpose=purpose,
            private=private,
            language=language(),
            origin=origin,
            created_at=self._clock(),
        )
        if not await self._rows.owe(owed):
            raise HeardBefore(f"event {event_id} came again")
        async with self.still_owed(event_id):
            yield

    @asynccontextmanager
    async def still_owed(self, event_id: int) -> AsyncGenerator[None]:
        """Do within a block what is owed already, as `owed` does."""
        try:
            yield
        except asyncio.CancelledError:
            raise
        except BaseException:
            await self._unwritten.write(partial(self._rows.given, event_id))
            raise
        await self._unwritten.write(partial(self._rows.given, event_id))

    async def left(self, *, of_messages: bool = False) -> tuple[Owed, ...]:
        """Return what earlier processes owe interactions, or messages, once; what is too old is given up."""
        now = self._clock()
        owed = await self._rows.left(now - LONGEST, is_alone=self._is_alone, of_messages=of_messages)
        for old in (one for one in owed if now - one.created_at > PATIENCE):
            await self._rows.given(old.id)
        return tuple(one for one in owed if now - one.created_at <= PATIENCE)

    async def given(self, owed: Owed) -> None:
        """Note that somebody knows."""
        await self._rows.given(owed.id)
