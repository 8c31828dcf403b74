"""The buttons of moderators on pictures that wait for them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from discord.ext import commands

from bot.errors import TooLate
from bot.ui import parse, reviews

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import discord

    from bot.app import Easel
    from bot.services.authority import Authority
    from bot.services.reviews import Reviews

    Interaction = discord.Interaction[discord.Client]


class Review(commands.Cog):
    """Yes or no to pictures."""

    def __init__(self, authority: Authority, desk: Reviews) -> None:
        self.authority = authority
        self.desk = desk

    async def approve(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Let pictures be shown."""
        who, job_id = parse.requester(interaction), parse.number(arguments)
        guild_id = await self.authority.require(who)
        async with self._shut_if_late(interaction, job_id, guild_id):
            await self.authority.require_apart(who, (await self.desk.find(job_id, guild_id)).user_id)
            review = await self.desk.approve(job_id, guild_id, who.user_id)
        await interaction.response.edit_message(view=reviews.closed(review), attachments=[])

    async def ask(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Ask why pictures are not to be shown."""
        guild_id, job_id = await self.authority.require(parse.requester(interaction)), parse.number(arguments)
        async with self._shut_if_late(interaction, job_id, guild_id):
            review = await self.desk.find(job_id, guild_id)
        await interaction.response.send_modal(reviews.Denial(review.job_id))

    async def deny(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Let pictures stay back."""
        who, job_id = parse.requester(interaction), parse.number(arguments)
        guild_id = await self.authority.require(who)
        async with self._shut_if_late(interaction, job_id, guild_id):
            review = await self.desk.deny(job_id, guild_id, who.user_id, reviews.reason(interaction))
        await interaction.response.edit_message(view=reviews.closed(review), attachments=[])

    @asynccontextmanager
    async def _shut_if_late(
        self, interaction: Interaction, job_id: int, guild_id: int
    ) -> AsyncGenerator[None]:
        """Let a card that was pressed say what was decided, where somebody was faster, and raise TooLate."""
        try:
            yield
        except TooLate:
            ended = await self.desk.ended(job_id, guild_id)
            await interaction.response.edit_message(view=reviews.closed(ended), attachments=[])
            raise


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons and form be found."""
    cog = Review(bot.services.desk.authority, bot.services.reviewing.reviews)
    bot.presses.acts |= {reviews.APPROVE: cog.approve, reviews.DENY: cog.ask}
    bot.presses.act_forms[reviews.DENY] = cog.deny
    await bot.add_cog(cog)
