"""/queue: what is under way, and how to call it off; a batch is one entry."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import NotFound
from bot.texts import tr
from bot.ui import batch, parse, queue

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from bot.app import Easel
    from bot.services.batches import Batches
    from bot.services.shelf import Shelf
    from bot.services.studio import Studio

    Interaction = discord.Interaction[discord.Client]

MAX_PAGE = 10_000


class Queue(commands.Cog):
    """Jobs under way, for those whose they are, and for moderators."""

    def __init__(self, studio: Studio, shelf: Shelf, batches: Batches) -> None:
        self.studio = studio
        self.shelf = shelf
        self.batches = batches

    @app_commands.command()
    @app_commands.describe(server="For moderators: what everybody in this server has under way")
    async def queue(self, interaction: Interaction, server: bool = False) -> None:
        """Show what you have under way and where it stands, cancel it, and see what could not be posted."""
        await interaction.response.send_message(
            view=await self._card(interaction, server=server), ephemeral=True
        )

    async def fetch(self, interaction: Interaction, job_id: int) -> None:
        """Show pictures that Discord would not take before, in place of the list."""
        await interaction.response.defer()
        await self.shelf.fetch(job_id, parse.requester(interaction), parse.origin(interaction))

    async def cancel(self, interaction: Interaction, job_id: int, page: int = 0, *, server: bool) -> None:
        """Cancel a job from the list of one's own or of a server; older lists do not name the page."""
        acting = self.studio.cancel(job_id, parse.requester(interaction))
        await self._shown_anew(interaction, acting, server=server, page=page)

    async def cancel_on(self, interaction: Interaction, arguments: tuple[str, ...], *, server: bool) -> None:
        """Cancel a job from a page of such a list."""
        job_id, page = parse.number(arguments), parse.number(arguments[1:], most=MAX_PAGE)
        await self.cancel(interaction, job_id, page, server=server)

    async def act_on_batch(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Do what a button of a batch in the list says."""
        batch_id = parse.number(arguments)
        who, origin = parse.requester(interaction), parse.origin(interaction)
        _, action, whose = (*arguments, "", "")[:3]
        if action == batch.PAUSE:
            acting = self.batches.pause(batch_id, who)
        elif action == batch.RESUME:
            acting = self.batches.resume(batch_id, who, origin)
        elif action == batch.CANCEL:
            acting = self.batches.cancel(batch_id, who)
        elif action == batch.RETRY:
            acting = self.batches.retry(batch_id, who, origin)
        else:
            raise NotFound(tr("This button is from another version of Easel. Use /queue again."))
        await self._shown_anew(interaction, acting, server=whose == "server")

    async def turn(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show another page of the list, as it is now."""
        page, is_server = parse.number(arguments, most=MAX_PAGE), arguments[1:2] == ("server",)
        await interaction.response.edit_message(
            view=await self._card(interaction, server=is_server, page=page),
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _shown_anew(
        self, interaction: Interaction, acting: Awaitable[object], *, server: bool, page: int = 0
    ) -> None:
        """Do something, and show the list anew whatever came of it."""
        await interaction.response.defer()
        try:
            await acting
        finally:
            await interaction.edit_original_response(
                view=await self._card(interaction, server=server, page=page),
                allowed_mentions=discord.AllowedMentions.none(),
            )

    async def _card(self, interaction: Interaction, *, server: bool, page: int = 0) -> discord.ui.LayoutView:
        who = parse.requester(interaction)
        jobs = await self.studio.under_way(who, server=server)
        batches = await self.batches.under_way(who, server=server)
        return queue.card(jobs, batches, server=server, page=page)


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons be found by their verbs."""
    cog = Queue(bot.services.studio, bot.services.shelf, bot.services.batches)
    bot.presses.buttons |= {
        queue.MINE: partial(cog.cancel, server=False),
        queue.SERVER: partial(cog.cancel, server=True),
        queue.FETCH: cog.fetch,
    }
    bot.presses.acts |= {
        queue.MINE: partial(cog.cancel_on, server=False),
        queue.SERVER: partial(cog.cancel_on, server=True),
        queue.BATCH: cog.act_on_batch,
        queue.PAGE: cog.turn,
    }
    await bot.add_cog(cog)
