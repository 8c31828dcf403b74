"""/manage setup and /manage budget: five questions, and the server's purse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.errors import UserFacingError
from bot.texts import tr
from bot.ui import parse, purse, purse_forms
from bot.ui.answers import tell_by
from bot.ui.explain import sentence

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.services.purse import Purse

    Interaction = discord.Interaction[discord.Client]


class Setup:
    """The walk through what a server decides first."""

    def __init__(self, purse_: Purse) -> None:
        self.purse = purse_

    async def ask(self, interaction: Interaction, arguments: tuple[str, ...] = ()) -> None:
        """Open the form with the five questions, and with what was answered to them before."""
        overview = await self.purse.overview(parse.requester(interaction))
        form = purse_forms.SetupForm(overview, purse_forms.unpacked(arguments))
        await interaction.response.send_modal(form)

    async def answered(self, interaction: Interaction, _arguments: tuple[str, ...]) -> None:
        """Decide what was answered, and show it as one card."""
        answers = purse_forms.answers(interaction)
        try:
            overview = await self.purse.set_up(parse.requester(interaction), answers)
        except UserFacingError as error:
            await tell_by(interaction, purse_forms.rejected(sentence(error), answers))
            return
        view = purse.set_up(overview, sorted(overview.free_roles()))
        await interaction.response.send_message(view=view, ephemeral=True)


def _commands(walk: Setup) -> list[app_commands.Command[Any, ..., None]]:
    @app_commands.command(name="setup")
    async def begin(interaction: Interaction) -> None:
        """Answer five questions, and Easel is set up here."""
        await walk.ask(interaction)

    @app_commands.command(name="budget")
    @app_commands.describe(
        amount="Dollars a month for the whole server, or unlimited",
        alert="At how many percent moderators hear of it",
    )
    async def budget(
        interaction: Interaction,
        amount: app_commands.Range[str, 1, 20] | None = None,
        alert: app_commands.Range[int, 1, 99] | None = None,
    ) -> None:
        """Show or set what this server may spend a month."""
        overview = await walk.purse.set_budget(parse.requester(interaction), amount, alert)
        done = "" if amount is None and alert is None else tr("The budget is changed.")
        await interaction.response.send_message(view=purse.budget(overview, done), ephemeral=True)

    commands: list[app_commands.Command[Any, ..., None]] = [begin, budget]
    return commands


async def setup(bot: Easel) -> None:
    """Add both to /manage, and let the walk's button and form be found by their verb."""
    walk = Setup(bot.services.desk.purse)
    for command in _commands(walk):
        bot.manage.add_command(command)
    bot.presses.acts[purse.SETUP] = walk.ask
    bot.presses.act_forms[purse.SETUP_FORM] = walk.answered
