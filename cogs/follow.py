"""What becomes of messages after they were said: edits and deletions, which conversations follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.ui import hearing, parse

if TYPE_CHECKING:
    from bot.app import Easel, Services


class Follow(commands.Cog):
    """Lets conversations follow what people change and take away."""

    def __init__(self, bot: Easel, services: Services) -> None:
        self.bot = bot
        self.conversations = services.chat
        self.quotations = services.quotations

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Follow what people change in what they said, and in what others quoted."""
        message, me = payload.message, parse.me(self.bot)
        is_told = hearing.is_told(payload, hears_all=self.bot.intents.message_content)
        if not message.author.bot:
            await self._follow_own(message, is_told=is_told)
        edition = hearing.edition(message, me, is_told=is_told)
        if edition is not None and message.author.id != me:
            await self.quotations.edited(edition)

    async def _follow_own(self, message: discord.Message, *, is_told: bool) -> None:
        """Follow what somebody changes in what they said; what is kept back is forgotten."""
        if not is_told:
            if hearing.is_taken_back(message, discord.utils.utcnow()):
                await self.conversations.deleted([message.id])
            return
        said = hearing.said(message, parse.me(self.bot), goes_on=False)
        attached = {one.id for one in hearing.attachments(message)}
        await self.conversations.edited(message.id, message.channel.id, said.text, attached)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Forget what was deleted."""
        await self.conversations.deleted([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Forget what a moderator swept away."""
        await self.conversations.deleted(sorted(payload.message_ids))

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Forget what was said in a thread that is gone."""
        await self.conversations.forget(payload.thread_id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget what was said in a channel that is gone."""
        await self.conversations.forget(channel.id)


async def setup(bot: Easel) -> None:
    """Load the cog."""
    await bot.add_cog(Follow(bot, bot.services))
