"""What came of a picture, and what it came from: Vary…, Undo, and /show for any card there was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.domain.images import job_of
from bot.domain.variation import varied
from bot.errors import NotFound
from bot.texts import tr
from bot.ui import parse, vary
from bot.ui.copies import copy
from bot.ui.options import matching
from bot.ui.reception import take
from bot.ui.text import cut

if TYPE_CHECKING:
    import discord

    from bot.app import Easel
    from bot.services.revival import Revival
    from bot.services.studio import Studio
    from bot.ui.options import Options
    from bot.ui.prints import Prints

    Interaction = discord.Interaction[discord.Client]


class Lineage(commands.Cog):
    """Ways between pictures that came from one another."""

    def __init__(self, studio: Studio, revival: Revival, prints: Prints) -> None:
        self.studio = studio
        self.revival = revival
        self.prints = prints

    @app_commands.command()
    @app_commands.rename(card="id")
    @app_commands.describe(
        card="The number of a card or picture; Details tells it", here="Show it to everybody in this channel"
    )
    async def show(self, interaction: Interaction, card: str, here: bool = False) -> None:
        """Bring a card back, with working buttons."""
        job_id = job_of(card)
        if job_id is None:
            raise NotFound(
                tr("That is no number of a card. Choose one of the list, or copy it from Details.")
            )
        reveal = self.revival.bring if here else self.revival.revive
        found = await reveal(job_id, parse.requester(interaction))
        private = found.job.request.private or not here
        await copy(interaction, self.prints, found, private=private)

    @show.autocomplete("card")
    async def latest(self, interaction: Interaction, current: str) -> Options:
        """Offer one's latest cards by what was asked for."""
        recent = await self.studio.recent(parse.requester(interaction))
        return matching([(cut(job.request.prompt, 100), str(job.id)) for job in recent], current)

    async def vary(self, interaction: Interaction, job_id: int) -> None:
        """Show the form for variations of a card's pictures."""
        _, pictures = await self.studio.show(job_id, parse.requester(interaction))
        if not pictures:
            raise NotFound(tr("These pictures are no longer here. Start again with /imagine."))
        await interaction.response.send_modal(vary.VaryForm(job_id, pictures))

    async def varied(self, interaction: Interaction, job_id: int) -> None:
        """Draw the variations that the form asks for."""
        job, pictures = await self.studio.show(job_id, parse.requester(interaction))
        wish = vary.read(interaction)
        picture = next((one for one in pictures if wish.picture_id in (None, one.id)), None)
        if picture is None:
            raise NotFound(tr("That picture is no longer here. Choose another one."))
        request = varied(job.request, picture.id, wish.strength, wish.count)
        await take(interaction, self.studio, request, parent_job_id=job.id)

    async def undo(self, interaction: Interaction, job_id: int) -> None:
        """Show the card that a picture was made from, to go on from there."""
        found = await self.revival.before(job_id, parse.requester(interaction))
        await copy(interaction, self.prints, found, private=True)


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons and form be found by their verbs."""
    cog = Lineage(bot.services.studio, bot.services.revival, bot.services.prints)
    bot.presses.buttons |= {vary.VERB: cog.vary, "undo": cog.undo}
    bot.presses.forms |= {vary.VERB: cog.varied}
    await bot.add_cog(cog)
