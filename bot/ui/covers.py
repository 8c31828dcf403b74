"""What every picture passes on its way to people: whether it goes where they are, and covered or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.spoilers import APART, Brought, Venue, View
from bot.errors import KeptApart
from bot.texts import tr, trn
from bot.ui.parse import is_for_adults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.domain.images import Picture


if TYPE_CHECKING:
    Views = Callable[[Sequence[Picture | Brought | None], Venue], Awaitable[Sequence[View]]]


async def _open(pictures: Sequence[Picture | Brought | None], _venue: Venue) -> Sequence[View]:
    return [View.OPEN] * len(pictures)


class Covers:
    """Knows by the rule of `views` how pictures are seen in a channel; one that is not known is none."""

    def __init__(self, views: Views = _open) -> None:
        self._views = views

    async def views(
        self, pictures: Sequence[Picture | Brought | None], channel: object | None
    ) -> tuple[View, ...]:
        """Say of each picture whether it may be seen in a channel, and covered or not."""
        return tuple(await self._views(pictures, venue(channel)))

    async def over(self, pictures: Sequence[Picture | Brought], channel: object | None) -> tuple[bool, ...]:
        """Say which pictures are covered; raise KeptApart where one of them may not be seen there."""
        views = await self.views(pictures, channel)
        if View.APART in views:
            raise KeptApart(tr(APART))
        return tuple(view is View.COVERED for view in views)

    async def over_brought(self, channel: object | None, *, is_delicate: bool) -> bool:
        """Tell whether a picture that somebody brings is covered; KeptApart where it may not be seen."""
        (is_covered,) = await self.over([Brought(is_delicate)], channel)
        return is_covered

    async def over_admitted(
        self, pictures: Sequence[Picture | None], channel: object | None
    ) -> tuple[bool, ...]:
        """Say which pictures are covered of those that the gate or moderators let into a channel."""
        return tuple(view is not View.OPEN for view in await self.views(pictures, channel))


def venue(channel: object | None) -> Venue:
    """Return where a channel of Discord's is, and for whom; a direct message is for anybody."""
    guild = getattr(channel, "guild", None)
    return Venue(None if guild is None else guild.id, is_for_adults(channel))


def left_out(count: int) -> str:
    """Say that pictures are kept from where somebody looks at others."""
    return trn(
        "-# {count} picture is shown only in age-restricted channels of its server.",
        "-# {count} pictures are shown only in age-restricted channels of their server.",
        count,
    )
