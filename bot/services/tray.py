"""References at hand: pictures that someone put aside to draw with, for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.requests import MAX_REFERENCES, Stored
from bot.errors import BadInput
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.domain.images import Picture
    from bot.domain.requests import Requester
    from bot.storage.pictures import Pictures
    from bot.storage.tray import Trays

LIFE = timedelta(days=1)
"""Long enough for an evening's work, short enough that nothing old slips into a new picture."""


class Tray:
    """The references that people have at hand, each their own."""

    def __init__(self, trays: Trays, pictures: Pictures, clock: Callable[[], datetime]) -> None:
        self._trays = trays
        self._pictures = pictures
        self._clock = clock

    async def put(self, who: Requester, pictures: Sequence[Picture]) -> tuple[Picture, ...]:
        """Put pictures that this person may see at hand, and return all that are; the oldest make room."""
        now = self._clock()
        await self._trays.put(
            who.user_id,
            who.guild_id or 0,
            [picture.id for picture in pictures],
            most=MAX_REFERENCES,
            now=now,
            expires_at=now + LIFE,
        )
        return await self.pictures(who)

    async def pictures(self, who: Requester) -> tuple[Picture, ...]:
        """Return what somebody has at hand here, the first put first."""
        ids = await self._trays.list(who.user_id, who.guild_id or 0, self._clock())
        found = [await self._pictures.get(picture_id) for picture_id in ids]
        return tuple(picture for picture in found if picture is not None)

    async def references(self, who: Requester) -> tuple[Stored, ...]:
        """Return what somebody has at hand here as references, or raise BadInput where there is nothing."""
        pictures = await self.pictures(who)
        if not pictures:
            raise BadInput(tr("You have no references at hand. Press Use as reference on a picture first."))
        return tuple(Stored(picture.id) for picture in pictures)

    async def clear(self, who: Requester) -> None:
        """Put everything away."""
        await self._trays.clear(who.user_id, who.guild_id or 0)
