"""Requests that wait for a word of their asker: kept for the life of a form, and sent once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import NotFound
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime

    from bot.domain.requests import PictureRequest, Requester
    from bot.storage.drafts import Drafts

GONE = mark(
    "This has been sent already, has waited too long, or is about something that is gone. Start again."
)
LIFE = timedelta(hours=1)
"""A form lives a quarter of an hour; what waits for a button may wait a little longer."""


class Drafting:
    """Keeps what people have begun."""

    def __init__(self, drafts: Drafts, clock: Callable[[], datetime]) -> None:
        self._drafts = drafts
        self._clock = clock

    async def begin(self, draft_id: int, who: Requester, request: PictureRequest) -> None:
        """Keep a request until it is sent, under the id of the Discord event that began it."""
        now = self._clock()
        await self._drafts.purge(now)
        await self._drafts.keep(draft_id, who.user_id, request, now + LIFE)

    async def find(self, draft_id: int, who: Requester) -> PictureRequest:
        """Return what this person has begun, or raise NotFound."""
        request = await self._drafts.get(draft_id, who.user_id, self._clock())
        if request is None:
            raise _gone()
        return request

    @asynccontextmanager
    async def sending(self, draft_id: int, who: Requester) -> AsyncGenerator[PictureRequest]:
        """Yield what this person has begun, to one of those who ask at once; kept where the block fails.

        Raise NotFound where it was sent, has expired or is another person's.
        """
        now = self._clock()
        request = await self._drafts.take(draft_id, who.user_id, now)
        if request is None:
            raise _gone()
        try:
            yield request
        except BaseException:
            await self._drafts.keep(draft_id, who.user_id, request, now + LIFE)
            raise


def _gone() -> NotFound:
    return NotFound(tr(GONE))
