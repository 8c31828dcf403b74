"""The real bot, with a house and a loopback Discord."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
import pytest
from cogs_kit import Stage
from database_kit import empty_database
from desk_kit import services_of
from discord_kit import an_easel, at_once, remote
from german_kit import german
from house_kit import house, logged, no_flushing, world

from bot.ui.covers import Covers
from bot.ui.delivery import Courier
from bot.ui.prints import Prints

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from discord_kit import Discord
from house_kit import House

__all__ = ["at_once", "empty_database", "german", "house", "logged", "no_flushing", "remote", "world"]


@pytest.fixture
async def stage(remote: Discord, house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(discord.VoiceClient, "warn_nacl", discord.VoiceClient.warn_nacl)
    house.world.clock.now = datetime.now(UTC)  # tokens are counted on the real clock
    bot = an_easel(house)
    courier = Courier(
        bot, Prints(house.blobs, house.pool, Covers(house.showings.views)), clock=house.world.clock
    )
    await bot.load(services_of(house, bot))
    await bot.log_in("token")
    house.workshop._presenter = courier
    remote.calls.clear()
    yield Stage(bot, house, remote)
    await bot.close()
