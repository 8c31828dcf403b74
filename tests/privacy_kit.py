"""What forgets, over a house; and people with something of everything that the database can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from batch_kit import factory
from rooms_kit import chat_rooms, discretion_room

from bot.services.authority import Authority
from bot.services.erasing import Eraser
from bot.services.leftovers import Leftovers
from bot.services.privacy import Privacy
from bot.services.removals import Removals
from bot.services.sweeper import Sweeper
from bot.services.takeout import Takeout
from bot.storage.choices import PrivacyChoices, RemovedServers
from bot.storage.erasures import Erasures
from bot.storage.server_settings import ServerSettings
from bot.storage.takeout import TakeoutRows

if TYPE_CHECKING:
    from batch_kit import Factory
    from house_kit import House

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

    def rooms(self) -> dict[str, Any]:
        """Return what cogs get of it."""
        return {"privacy": self.privacy, "removals": self.removals, "takeout": self.takeout}


def forgetful(
    house: House, works: Factory | None = None, chat: Chat | None = None, *, days: int | None = None
) -> Forgetful:
    """Build the rooms that forget on a house."""
    works, chat = works or factory(house, collects=False), chat or chat_rooms(house)
    leftovers = Leftovers(
        chat=chat,
        studio=house.studio,
        shelf=house.shelf,
        jobs=house.jobs,
        batches=works.batches,
        batch_rows=works.rows,
    )
    rows, clock = Erasures(house.database), house.world.clock
    eraser = Eraser(rows=rows, sweeper=Sweeper(rows, house.blobs), work=leftovers, clock=clock)
    choices = PrivacyChoices(house.database)
    privacy = Privacy(
        choices=choices,
        eraser=eraser,
        discretion=discretion_room(house),
        settings=ServerSettings(house.database),
        authority=Authority(),
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
