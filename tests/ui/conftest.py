"""A house with everything real in it but the provider, and a loopback Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from database_kit import empty_database
from discord_kit import at_once, client, remote
from house_kit import house, logged, no_flushing, world

from bot.ui.delivery import Courier
from bot.ui.prints import Prints

if TYPE_CHECKING:
    import discord
    from house_kit import House

__all__ = ["at_once", "client", "empty_database", "house", "logged", "no_flushing", "remote", "world"]


@pytest.fixture
def courier(client: discord.Client, house: House) -> Courier:
    return Courier(client, Prints(house.blobs, house.pool), clock=house.world.clock)
