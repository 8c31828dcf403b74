"""/quota: what is left, when it returns, and what a picture costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import ModelError
from bot.ui import parse, quota

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.app import Easel
    from bot.services.allowances import Allowances
    from bot.services.planning import Planner

    Interaction = discord.Interaction[discord.Client]


class Quota(commands.Cog):
    """Allowances, for the one who asks."""

    def __init__(self, allowances: Allowances, planner: Planner, clock: Callable[[], datetime]) -> None:
        self.allowances = allowances
        self.planner = planner
        self.clock = clock

    @app_commands.command()
    async def quota(self, interaction: Interaction) -> None:
        """Show what you have left, when it returns, and what a picture costs."""
        entitlement = await self.allowances.entitlement(parse.requester(interaction), self.clock())
        try:
            prices = self.planner.prices()
        except ModelError:
            prices = ()
        await interaction.response.send_message(view=quota.card(entitlement, prices), ephemeral=True)


async def setup(bot: Easel) -> None:
    """Load the cog."""
    services = bot.services
    await bot.add_cog(Quota(services.allowances, services.planner, services.clock))
