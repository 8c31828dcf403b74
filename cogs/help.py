"""/help: what Easel can do, made from the commands that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import NotAllowed
from bot.ui import help as guides
from bot.ui import parse

if TYPE_CHECKING:
    from bot.app import Easel

    Interaction = discord.Interaction[discord.Client]


class Help(commands.Cog):
    """A short tour, and every command that somebody can use where they are."""

    def __init__(self, bot: Easel) -> None:
        self.bot = bot
        self.authority = bot.services.desk.authority

    @app_commands.command()
    async def help(self, interaction: Interaction) -> None:
        """Show what Easel can do, and every command."""
        view = guides.card(await self._guide(interaction), guides.HOME)
        await interaction.response.send_message(view=view, ephemeral=True)

    async def pick(
        self, interaction: Interaction, _arguments: tuple[str, ...], picked: tuple[str, ...]
    ) -> None:
        """Show another area."""
        area = picked[0] if picked else guides.HOME
        await interaction.response.edit_message(view=guides.card(await self._guide(interaction), area))

    async def turn(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show another page of an area."""
        area, page = arguments[0] if arguments else guides.HOME, parse.number(arguments[1:], most=99)
        await interaction.response.edit_message(view=guides.card(await self._guide(interaction), area, page))

    async def _guide(self, interaction: Interaction) -> guides.Guide:
        who = parse.requester(interaction)
        try:
            await self.authority.require(who)
        except NotAllowed:
            manages = False
        else:
            manages = True
        return guides.guide(
            self.bot.tree, self.bot.command_ids, in_server=who.guild_id is not None, manages=manages
        )


async def setup(bot: Easel) -> None:
    """Load the cog and let its menu and buttons be found."""
    cog = Help(bot)
    bot.presses.picks[guides.HELP] = cog.pick
    bot.presses.acts[guides.HELP] = cog.turn
    await bot.add_cog(cog)
