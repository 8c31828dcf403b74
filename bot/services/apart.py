"""Keeps delicate pictures from being drawn with where their server does not show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.access import Family
from bot.domain.requests import Stored
from bot.domain.spoilers import Brought, Venue, View
from bot.errors import KeptApart
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.domain.access import Asked
    from bot.domain.images import Picture
    from bot.domain.requests import Reference, Requester
    from bot.services.showing import Views
    from bot.storage.pictures import Pictures

USED_APART = mark(
    "A picture that you bring or use is kept to age-restricted channels. Ask there; nothing was charged."
)


class Apart:
    """Turns away who would draw with delicate pictures out of their place; one of the checks of the door.

    `look` is the moderation model's check, which returns the pictures that it finds delicate. What comes of
    a delicate picture is mostly delicate too, and would be made only to be kept back, at the operator's cost.
    """

    def __init__(
        self,
        look: Callable[[Requester, Asked], Awaitable[Collection[Reference]]],
        views: Views,
        pictures: Pictures,
    ) -> None:
        self._look = look
        self._views = views
        self._pictures = pictures

    async def __call__(self, who: Requester, asked: Asked) -> None:
        """Raise what the moderation model's check does, or KeptApart.

        What somebody has in view they may still act on, as everywhere.
        """
        delicate = await self._look(who, asked)
        if asked.family is not Family.DRAW or not asked.pictures:
            return
        brought = [Brought(is_delicate=True) for one in delicate if not isinstance(one, Stored)]
        used = [one for one in await self._kept(asked) if one.job_id not in who.shown]
        if View.APART in await self._views([*brought, *used], Venue(who.guild_id, who.is_among_adults)):
            raise KeptApart(tr(USED_APART))

    async def _kept(self, asked: Asked) -> list[Picture]:
        ids = [one.picture_id for one in asked.pictures if isinstance(one, Stored)]
        found = [await self._pictures.get(picture_id) for picture_id in ids]
        return [one for one in found if one is not None]
