"""What is pressed and picked below answers and replies, beyond asking again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from discord.ext import commands

from bot.domain.images import job_of
from bot.domain.requests import Stored
from bot.ui import answering, asking, parse
from bot.ui.reception import take

if TYPE_CHECKING:
    import discord

    from bot.app import Easel, Services

    Interaction = discord.Interaction[discord.Client]


class ChatPresses(commands.Cog):
    """Stop, the model's reasoning, and which picture a reply is about."""

    def __init__(self, services: Services) -> None:
        self.conversations = services.chat
        self.studio = services.studio
        self.drafting = services.drafting

    async def stop(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Stop an answer under way."""
        await self.conversations.stop(parse.number(arguments), parse.requester(interaction))
        await interaction.response.defer()

    async def show_reasoning(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show what the model thought before it answered."""
        who = parse.requester(interaction)
        text = await self.conversations.reasoning(parse.number(arguments), who)
        shown, files = answering.reasoning(text)
        await interaction.response.send_message(shown, files=files, ephemeral=True)

    async def edit_one(
        self, interaction: Interaction, arguments: tuple[str, ...], picked: tuple[str, ...]
    ) -> None:
        """Change the picture that was picked, by the words that were said."""
        who = parse.requester(interaction)
        job, _ = await self.studio.show(job_of(picked[0]) or 0, who)
        async with self.drafting.sending(parse.number(arguments), who) as begun:
            request = replace(begun, references=(Stored(picked[0]), *begun.references))
            await take(interaction, self.studio, request, parent_job_id=job.id)


async def setup(bot: Easel) -> None:
    """Load the cog; let its buttons and its menu be found."""
    cog = ChatPresses(bot.services)
    bot.presses.acts |= {answering.STOP: cog.stop, answering.REASONING: cog.show_reasoning}
    bot.presses.picks[asking.WHICH] = cog.edit_one
    await bot.add_cog(cog)
