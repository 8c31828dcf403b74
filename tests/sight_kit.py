"""What looks for pictures and their cards, over a house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.door import OPEN, Door
from bot.services.finding import Finding
from bot.services.revival import Revival
from bot.services.whereabouts import Whereabouts
from bot.storage.cards import CardRows
from bot.storage.gallery import GalleryRows

if TYPE_CHECKING:
    from house_kit import House

    from bot.services.whereabouts import Sight


class Eyes:
    """Looks at channels in Discord's stead: what is `gone` is not there, and each look is remembered."""

    def __init__(self, *gone: int) -> None:
        self.gone = gone
        self.is_blind = False
        self.looked: list[tuple[int, int]] = []

    async def is_gone(self, channel_id: int, message_id: int) -> bool | None:
        self.looked.append((channel_id, message_id))
        return None if self.is_blind else message_id in self.gone

    async def is_closed(self, channel_id: int) -> bool | None:
        self.looked.append((channel_id, 0))
        return channel_id in self.gone


def whereabouts_room(house: House, eyes: Sight | None = None) -> Whereabouts:
    """Return what follows cards, over a house."""
    return Whereabouts(CardRows(house.database), eyes or Eyes())


def finding_room(house: House, eyes: Sight | None = None) -> Finding:
    """Return what looks through the gallery, over a house."""
    return Finding(GalleryRows(house.database), whereabouts_room(house, eyes))


def revival_room(house: House, eyes: Sight | None = None, door: Door = OPEN) -> Revival:
    """Return what brings cards back, over a house."""
    whereabouts = whereabouts_room(house, eyes)
    return Revival(house.studio, house.pictures, whereabouts, door, house.watchfulness)
