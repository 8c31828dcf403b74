"""/manage usage: what the server spent, as figures and as a table."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import NotFound
from bot.services.usage import Stretch
from bot.texts import tr
from bot.ui import parse, usage
from bot.ui.explain import thinking

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.app.desk import Desk

    Interaction = discord.Interaction[discord.Client]


class Usage(commands.Cog):
    """What those who answer for a server see of its money."""

    def __init__(self, desk: Desk) -> None:
        self.authority = desk.authority
        self.desk = desk.usage
        self.charts = desk.charts

    async def usage(self, interaction: Interaction) -> None:
        """Show what the last 30 days cost."""
        who = parse.requester(interaction)
        await self.authority.require(who)
        async with thinking(interaction):
            card, files = await usage.card(await self.desk.of_server(who, Stretch.DAYS_30), self.charts)
            await interaction.edit_original_response(
                view=card, attachments=files, allowed_mentions=discord.AllowedMentions.none()
            )

    async def stretch_chosen(
        self, interaction: Interaction, _arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Show another stretch of time in the same place."""
        who = parse.requester(interaction)
        await self.authority.require(who)
        stretch = _stretch(values)
        await interaction.response.defer()
        card, files = await usage.card(await self.desk.of_server(who, stretch), self.charts)
        await interaction.edit_original_response(
            view=card, attachments=files, allowed_mentions=discord.AllowedMentions.none()
        )

    async def table(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Give the table of a stretch of time."""
        who = parse.requester(interaction)
        await self.authority.require(who)
        stretch = _stretch(arguments)
        await interaction.response.defer(ephemeral=True, thinking=True)
        file = discord.File(io.BytesIO(await self.desk.table(who, stretch)), f"usage-{stretch.value}.csv")
        await interaction.edit_original_response(attachments=[file])


def _stretch(words: tuple[str, ...]) -> Stretch:
    try:
        return Stretch(words[0])
    except (IndexError, ValueError):
        raise NotFound(tr("This is not here any more. Use /manage usage again.")) from None


async def setup(bot: Easel) -> None:
    """Load the cog, and let its menu and its button be found."""
    cog = Usage(bot.services.desk)
    bot.manage.add_command(
        app_commands.Command(
            name="usage",
            description="Show what this server spent: by day, person, command and model.",
            callback=cog.usage,
        )
    )
    bot.presses.picks[usage.STRETCH] = cog.stretch_chosen
    bot.presses.acts[usage.TABLE] = cog.table
    await bot.add_cog(cog)
