"""Report image, on any message with pictures of Easel's, and what moderators do about it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import BadInput, TooLate
from bot.texts import tr
from bot.ui import parse, reports, sources
from bot.ui.explain import thinking

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.app import Easel
    from bot.services.authority import Authority
    from bot.services.reports import Reports

    Interaction = discord.Interaction[discord.Client]


class Report(commands.Cog):
    """What members do not want to see."""

    def __init__(self, authority: Authority, desk: Reports) -> None:
        self.authority = authority
        self.desk = desk

    async def report(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask what is wrong with a picture."""
        if parse.requester(interaction).guild_id is None:
            raise BadInput(tr("Only pictures in a server that Easel is a member of can be reported."))
        if message.author.id != parse.me(interaction.client):
            raise BadInput(tr("Easel did not post this. Report it to Discord, or tell a moderator."))
        found = sources.of_message(message, parse.me(interaction.client))
        if found.job_id is None and not found.uploads:
            raise BadInput(tr("This message has no picture."))
        await interaction.response.send_modal(reports.ReportForm(message.id, found.job_id))

    async def reported(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Bring a report before the moderators."""
        who = parse.requester(interaction)
        message_id, job_id = parse.number(arguments), parse.number(arguments[1:])
        reason = reports.reason(interaction)
        if not reason:
            raise BadInput(tr("Say in a few words what is wrong with it."))
        async with thinking(interaction):
            reach = await self.desk.file(who, message_id, job_id or None, reason)
            await interaction.edit_original_response(content=reports.thanks(reach))

    async def delete(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Take away what was reported."""
        who = parse.requester(interaction)
        guild_id, message_id = await self.authority.require(who), parse.number(arguments)
        async with self._shut_if_late(interaction, message_id, guild_id):
            decided = await self.desk.delete(message_id, guild_id, who.user_id)
        await interaction.response.edit_message(view=reports.closed(decided), attachments=[])

    async def dismiss(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Leave what was reported as it is."""
        who = parse.requester(interaction)
        guild_id, message_id = await self.authority.require(who), parse.number(arguments)
        case = await self.desk.case(message_id, guild_id)
        await self.authority.require_apart(who, 0 if case.job is None else case.job.user_id)
        async with self._shut_if_late(interaction, message_id, guild_id):
            decided = await self.desk.dismiss(message_id, guild_id, who.user_id)
        await interaction.response.edit_message(view=reports.closed(decided), attachments=[])

    @asynccontextmanager
    async def _shut_if_late(
        self, interaction: Interaction, message_id: int, guild_id: int
    ) -> AsyncGenerator[None]:
        """Let a card that was pressed say what was decided, where somebody was faster, and raise TooLate."""
        try:
            yield
        except TooLate:
            ended = (await self.desk.case(message_id, guild_id)).reported
            await interaction.response.edit_message(view=reports.closed(ended), attachments=[])
            raise


async def setup(bot: Easel) -> None:
    """Load the cog; let its menu, buttons and form be found."""
    cog = Report(bot.services.desk.authority, bot.services.reviewing.reports)
    bot.presses.acts |= {reports.DELETE: cog.delete, reports.DISMISS: cog.dismiss}
    bot.presses.act_forms[reports.REPORT] = cog.reported
    bot.tree.add_command(app_commands.ContextMenu(name="Report image", callback=cog.report))
    await bot.add_cog(cog)
