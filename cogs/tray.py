"""Use as reference, and /tray: pictures that someone has at hand to draw with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.domain.spoilers import View
from bot.errors import NotFound
from bot.texts import tr
from bot.ui import parse, tray
from bot.ui.answers import answer
from bot.ui.posts import Post

if TYPE_CHECKING:
    from collections.abc import Sequence

    import discord

    from bot.app import Easel
    from bot.domain.images import Picture
    from bot.services.studio import Studio
    from bot.services.tray import Tray
    from bot.ui.covers import Covers
    from bot.ui.prints import Prints

    Interaction = discord.Interaction[discord.Client]


class Trays(commands.Cog):
    """References at hand."""

    def __init__(self, studio: Studio, at_hand: Tray, covers: Covers, prints: Prints) -> None:
        self.studio = studio
        self.at_hand = at_hand
        self.covers = covers
        self.prints = prints

    @app_commands.command()
    async def tray(self, interaction: Interaction) -> None:
        """Show the references that you have at hand."""
        await self._show(interaction, await self.at_hand.pictures(parse.requester(interaction)))

    async def use(self, interaction: Interaction, job_id: int) -> None:
        """Put a card's picture at hand, or ask which of several."""
        who = parse.requester(interaction)
        _, pictures = await self.studio.show(job_id, who)
        if not pictures:
            raise NotFound(tr("These pictures are no longer here. Start again with /imagine."))
        if len(pictures) > 1:
            await interaction.response.send_message(view=tray.choice(job_id, pictures), ephemeral=True)
            return
        await self._show(interaction, await self.at_hand.put(who, pictures))

    async def picked(
        self, interaction: Interaction, arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Put the chosen pictures at hand."""
        who = parse.requester(interaction)
        _, pictures = await self.studio.show(parse.number(arguments), who)
        chosen = [picture for picture in pictures if picture.id in values]
        if not chosen:
            raise NotFound(tr("That picture is no longer here. Choose another one."))
        await self._show(interaction, await self.at_hand.put(who, chosen))

    async def clear(self, interaction: Interaction, _arguments: tuple[str, ...]) -> None:
        """Put everything away."""
        await self.at_hand.clear(parse.requester(interaction))
        await self._show(interaction, ())

    async def _show(self, interaction: Interaction, pictures: Sequence[Picture]) -> None:
        async def prepare() -> Post:
            channel = interaction.channel
            views = await self.covers.views(pictures, channel)
            shown = [one for one, view in zip(pictures, views, strict=True) if view is not View.APART]
            files = await self.prints.files(shown, interaction.filesize_limit, channel=channel)
            return Post(tray.card(shown, files, apart=len(pictures) - len(shown)), files)

        await answer(interaction, prepare(), private=True)


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons and menu be found by their verbs."""
    services = bot.services
    cog = Trays(services.studio, services.tray, services.covers, services.prints)
    bot.presses.buttons[tray.VERB] = cog.use
    bot.presses.picks[tray.VERB] = cog.picked
    bot.presses.acts[tray.CLEAR] = cog.clear
    await bot.add_cog(cog)
