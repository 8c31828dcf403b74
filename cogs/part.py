"""Change a part…: an edit that says where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.edits import confined
from bot.errors import NotFound
from bot.texts import tr
from bot.ui import parse, parts
from bot.ui.answers import answer
from bot.ui.posts import Post
from bot.ui.reception import take

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.domain.lineage import OnCard
    from bot.services.ancestry import Ancestry
    from bot.services.studio import Studio
    from bot.ui.darkroom import Darkroom

    Interaction = discord.Interaction[discord.Client]


class Part(commands.Cog):
    """Parts of pictures, chosen on a grid."""

    def __init__(self, studio: Studio, ancestry: Ancestry, darkroom: Darkroom) -> None:
        self.studio = studio
        self.ancestry = ancestry
        self.darkroom = darkroom

    async def begin(self, interaction: Interaction, job_id: int) -> None:
        """Show a card's picture under its grid, or ask which of several."""
        one, *others = shown = await self.ancestry.cards(job_id, parse.requester(interaction))
        if others:
            await interaction.response.send_message(view=parts.choice(shown), ephemeral=True)
            return
        part = parts.Part.of(one.picture, ())
        await answer(interaction, self._card(interaction, part), private=True)

    async def picture_picked(
        self, interaction: Interaction, _arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Show the picture that was picked under its grid."""
        one = await self._one(interaction, values)
        await self._instead(interaction, parts.Part.of(one.picture, ()))

    async def cells_picked(
        self, interaction: Interaction, arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Show what is chosen now."""
        one = await self._one(interaction, arguments)
        await self._instead(interaction, parts.Part.of(one.picture, values))

    async def say(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show the form that asks what should be there."""
        one = await self._one(interaction, arguments)
        part = parts.Part.read(one.picture, "".join(arguments[1:]))
        await interaction.response.send_modal(parts.PartForm(part, private=one.job.request.private))

    async def said(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw what the form asks for."""
        one = await self._one(interaction, arguments)
        part = parts.Part.read(one.picture, "".join(arguments[1:]))
        request = await self.studio.edited(one.job, parts.read(interaction, one))
        await take(interaction, self.studio, confined(request, part.where), parent_job_id=one.job.id)

    async def _one(self, interaction: Interaction, arguments: tuple[str, ...]) -> OnCard:
        if not arguments:
            raise NotFound(tr("That picture is no longer here. Choose another one."))
        return await self.ancestry.picture(arguments[0], parse.requester(interaction))

    async def _instead(self, interaction: Interaction, part: parts.Part) -> None:
        """Show a part in place of what was there before."""
        await interaction.response.defer()
        post = await self._card(interaction, part)
        await interaction.edit_original_response(
            view=post.view, attachments=post.files, allowed_mentions=discord.AllowedMentions.none()
        )

    async def _card(self, interaction: Interaction, part: parts.Part) -> Post:
        file = await self.darkroom.gridded(
            part.picture, part.area, interaction.filesize_limit, interaction.channel
        )
        return Post(parts.card(part, file), [file])


async def setup(bot: Easel) -> None:
    """Load the cog and let its button, menus and form be found by their verbs."""
    services = bot.services
    cog = Part(services.studio, services.ancestry, services.darkroom)
    bot.presses.buttons[parts.PART] = cog.begin
    bot.presses.picks |= {parts.PART: cog.picture_picked, parts.CELLS: cog.cells_picked}
    bot.presses.acts[parts.SAY] = cog.say
    bot.presses.act_forms[parts.SAY] = cog.said
    await bot.add_cog(cog)
