"""/manage safety: what is not drawn in a server, and what is looked at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import NotFound
from bot.ui import blocklist, parse

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.app.desk import Desk

    Interaction = discord.Interaction[discord.Client]


class SafetyGroup(app_commands.Group, name="safety", description="What Easel does not draw here."):
    """The commands of moderators."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    @app_commands.command()
    async def words(self, interaction: Interaction) -> None:
        """Words and patterns that are not taken here."""
        guild_id = await self.desk.authority.require(parse.requester(interaction))
        post = blocklist.card(await self.desk.words.of(guild_id))
        await interaction.response.send_message(view=post.view, files=post.files, ephemeral=True)


class Safety(commands.Cog):
    """What is behind the buttons of moderators."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def ask_words(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show the form for words to add, to remove or to try."""
        await self.desk.authority.require(parse.requester(interaction))
        action = arguments[0] if arguments else ""
        if action == blocklist.TRY:
            await interaction.response.send_modal(blocklist.Trial())
        elif action in {blocklist.ADD, blocklist.REMOVE}:
            await interaction.response.send_modal(blocklist.Lines(action))
        else:
            raise NotFound("This is not here any more. Start again.")

    async def change_words(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Add, remove or try what the form says."""
        who = parse.requester(interaction)
        guild_id = await self.desk.authority.require(who)
        words, action = self.desk.words, arguments[0] if arguments else ""
        if action == blocklist.TRY:
            texts = (blocklist.read(interaction, blocklist.TEXT),)
            refused, watched = await words.blocked(guild_id, texts), await words.watched(guild_id, texts)
            said = blocklist.tried(refused and refused.written, watched and watched.written)
            await interaction.response.send_message(said, ephemeral=True)
            return
        lines = blocklist.read(interaction, blocklist.LINES).splitlines()
        if action == blocklist.REMOVE:
            said = blocklist.removed(len(await words.remove(guild_id, who.user_id, lines)))
        else:
            said = blocklist.added(len(await words.add(guild_id, who.user_id, lines)))
        post = blocklist.card(await words.of(guild_id), said)
        await interaction.response.edit_message(view=post.view, attachments=post.files)


async def setup(bot: Easel) -> None:
    """Load the cog, add the area to /manage, and let buttons and forms be found."""
    desk = bot.services.desk
    cog = Safety(desk)
    bot.manage.add_command(SafetyGroup(desk))
    bot.presses.acts[blocklist.WORDS] = cog.ask_words
    bot.presses.act_forms[blocklist.WORDS] = cog.change_words
    await bot.add_cog(cog)
