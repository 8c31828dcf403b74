"""The buttons of a card, and every form's way to whoever answers to it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.texts import speaking
from bot.ui import cards, details, parse
from bot.ui.press import answer_form
from bot.ui.reception import take

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.services.ancestry import Ancestry
    from bot.services.studio import Studio
    from bot.services.whereabouts import Whereabouts

    Interaction = discord.Interaction[discord.Client]

MARGIN = timedelta(minutes=1)
"""By how much Discord's clock, which ids are made by, may be ahead of ours."""


class Cards(commands.Cog):
    """What can be done with pictures that are there; whoever presses is charged."""

    def __init__(self, studio: Studio, ancestry: Ancestry, whereabouts: Whereabouts) -> None:
        self.studio = studio
        self.ancestry = ancestry
        self.whereabouts = whereabouts

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Answer forms, also those that an earlier process showed."""
        if interaction.type.name == "modal_submit":
            await answer_form(interaction)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Follow a card that somebody deletes by hand."""
        await self.whereabouts.deleted([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Follow cards that a moderator sweeps away."""
        await self.whereabouts.deleted(payload.message_ids)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Follow a channel that somebody deletes, with its cards."""
        await self.whereabouts.closed(channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Follow a thread that somebody deletes, or that goes with its channel."""
        await self.whereabouts.closed(payload.thread_id)

    @commands.Cog.listener()
    async def on_shard_ready(self, _shard_id: int) -> None:
        """Trust no look of before: what happened between two sessions nobody told of."""
        self.whereabouts.begin(discord.utils.time_snowflake(discord.utils.utcnow() + MARGIN))

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Look for channels that were deleted while Easel was not there."""
        await self.whereabouts.compare(guild.id, {one.id for one in (*guild.channels, *guild.threads)})

    async def again(self, interaction: Interaction, job_id: int) -> None:
        """Ask for the same once more."""
        job, _ = await self.studio.show(job_id, parse.requester(interaction))
        await take(interaction, self.studio, await self.studio.again(job), parent_job_id=job.id)

    async def cancel(self, interaction: Interaction, job_id: int) -> None:
        """Call off a job from its own card, which says so in the language of who asked."""
        await interaction.response.defer()
        job = await self.studio.cancel(job_id, parse.requester(interaction))
        if not job.untold:
            return
        with speaking(job.language):
            view = cards.apology(job.failure or "", job.id, prompt=job.request.prompt)
        nobody = discord.AllowedMentions.none()
        try:  # the only way to an old card that is private
            await interaction.edit_original_response(view=view, attachments=[], allowed_mentions=nobody)
        except discord.HTTPException:
            if interaction.message is not None:
                with suppress(discord.HTTPException):
                    await interaction.message.edit(view=view, attachments=[], allowed_mentions=nobody)

    async def details(self, interaction: Interaction, job_id: int) -> None:
        """Show privately how pictures were made."""
        who = parse.requester(interaction)
        job, pictures = await self.studio.show(job_id, who)
        post = details.details(job, pictures, await self.ancestry.sources(job_id, who))
        await interaction.response.send_message(view=post.view, files=post.files, ephemeral=True)

    async def delete(self, interaction: Interaction, job_id: int) -> None:
        """Remove a card and its pictures."""
        await self.studio.remove(job_id, parse.requester(interaction))
        await interaction.response.defer()
        with suppress(discord.NotFound):  # another press was faster
            await interaction.delete_original_response()


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons be found by their verbs."""
    cog = Cards(bot.services.studio, bot.services.ancestry, bot.services.whereabouts)
    bot.presses.buttons |= {
        "again": cog.again,
        "cancel": cog.cancel,
        "details": cog.details,
        "delete": cog.delete,
    }
    await bot.add_cog(cog)
