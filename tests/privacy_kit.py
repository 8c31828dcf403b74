"""What forgets, over a house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from batch_kit import factory
from rooms_kit import chat_rooms, discretion_room
from world_kit import ANN

from bot.app.privacy import Keeping
from bot.domain.privacy import Extent
from bot.services.erasing import Eraser
from bot.services.leftovers import Leftovers
from bot.services.privacy import Privacy
from bot.services.removals import Removals
from bot.services.takeout import Takeout
from bot.storage.choices import PrivacyChoices, RemovedServers
from bot.storage.erasures import Erasures
from bot.storage.server_settings import ServerSettings
from bot.storage.takeout import TakeoutRows

if TYPE_CHECKING:
    from batch_kit import Factory
    from house_kit import House

    from bot.domain.privacy import Holdings
    from bot.services.chat import Chat


@dataclass
class Forgetful:
    """The rooms that forget, and those that they call off."""

    eraser: Eraser
    privacy: Privacy
    removals: Removals
    takeout: Takeout
    works: Factory
    chat: Chat

    def keeping(self) -> Keeping:
        """Return what cogs get of it."""
        return Keeping(self.privacy, self.removals, self.takeout)


def forgetful(
    house: House, works: Factory | None = None, chat: Chat | None = None, *, days: int | None = None
) -> Forgetful:
    """Build the rooms that forget on a house."""
    works, chat = works or factory(house, collects=False), chat or chat_rooms(house)
    leftovers = Leftovers(
        chat=chat,
        studio=house.studio,
        shelf=house.shelf,
        gate=house.gate,
        jobs=house.jobs,
        batches=works.batches,
        batch_rows=works.rows,
    )
    rows, clock = Erasures(house.database), house.world.clock
    eraser = Eraser(rows=rows, sweeper=house.sweeper, work=leftovers, clock=clock)
    choices = PrivacyChoices(house.database)
    privacy = Privacy(
        choices=choices,
        eraser=eraser,
        discretion=discretion_room(house),
        settings=ServerSettings(house.database),
        authority=house.authority,
        operator_days=days,
        clock=clock,
    )
    takeout = Takeout(
        rows=TakeoutRows(house.database),
        choices=choices,
        blobs=house.blobs,
        folder=house.world.folder / "takeout",
        clock=clock,
    )
    removals = Removals(RemovedServers(house.database), eraser, 30, clock)
    return Forgetful(eraser, privacy, removals, takeout, works, chat)


async def erase(rooms: Forgetful, user_id: int = ANN, extent: Extent = Extent.EVERYTHING) -> bool:
    """Delete what is somebody's until now."""
    return await rooms.privacy.delete(user_id, extent, *rooms.privacy.all_time())


async def later(house: House, **delta: float) -> None:
    """Let time pass: what is made in the same microsecond as a deletion is not part of it."""
    house.world.clock.move(**(delta or {"seconds": 1}))


async def holdings(rooms: Forgetful, user_id: int = ANN, extent: Extent = Extent.EVERYTHING) -> Holdings:
    """Return what is kept of somebody."""
    return await rooms.privacy.holdings(user_id, extent, *rooms.privacy.all_time())


async def count(house: House, what: str) -> int:
    """Return how many rows there are of a table, with a condition if need be."""
    return int((await house.database.read(f"SELECT COUNT(*) AS n FROM {what}"))[0]["n"])  # noqa: S608 - a test's own words
