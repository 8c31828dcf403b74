"""Tells those who wait for an answer that a restart cut it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from discord.ext import commands

from bot.domain.asks import Purpose
from bot.domain.conversation import PLAIN
from bot.domain.requests import Requester
from bot.domain.ways import Way
from bot.errors import Unreachable
from bot.texts import mark, speaking, tr
from bot.ui.left import LeftPlace
from bot.ui.pages import Page
from bot.ui.walls import TROUBLE

if TYPE_CHECKING:
    from bot.app import Easel, Services
    from bot.domain.asks import Owed

log = structlog.get_logger(__name__)
CUT_OFF = {
    Purpose.DESCRIBE: mark(
        "Easel was restarted while it described this picture. You were not charged; please ask again."
    ),
    Purpose.EXTRACT: mark(
        "Easel was restarted while it took the data out. You were not charged; please ask again."
    ),
    Purpose.CHAT: mark("Easel was restarted while it answered. You were not charged; please ask again."),
}


class OwedAnswers(commands.Cog):
    """What an earlier process owes."""

    def __init__(self, bot: Easel, services: Services) -> None:
        self.bot = bot
        self.owing = services.owing

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Tell everybody whose answer was cut off, one after another."""
        for owed in await self.owing.left():
            with speaking(owed.language):
                await self._tell(owed)

    async def _tell(self, owed: Owed) -> None:
        """Say it where the answer would stand, unless it stands there."""
        way = Way(owed.id, owed.origin, PLAIN)
        place = LeftPlace(
            self.bot, way, Requester(owed.user_id, owed.guild_id, owed.channel_id), private=owed.private
        )
        try:
            if not await place.is_answered():
                await place.whisper(Page(tr(CUT_OFF[owed.purpose])), None, f"owed-{owed.id}")
        except Unreachable as error:
            log.info("nobody to tell", reason=str(error))
        except TROUBLE as error:
            log.warning("not told that an answer was cut off", reason=str(error))
            return  # the next start tries again
        await self.owing.given(owed)


async def setup(bot: Easel) -> None:
    """Load the cog."""
    await bot.add_cog(OwedAnswers(bot, bot.services))
