"""Compare, Branch… and Contact sheet: pictures beside one another, and the ways between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.images import job_of
from bot.domain.spoilers import APART
from bot.errors import BadInput, KeptApart, NotFound
from bot.texts import tr
from bot.ui import lineage, parse
from bot.ui.answers import answer
from bot.ui.copies import copy
from bot.ui.posts import Post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Easel
    from bot.domain.lineage import Candidate
    from bot.services.ancestry import Ancestry
    from bot.services.revival import Revival
    from bot.ui.darkroom import Darkroom
    from bot.ui.prints import Prints

    Interaction = discord.Interaction[discord.Client]


class Versions(commands.Cog):
    """What is shown to one person alone, of pictures that they may see."""

    def __init__(self, revival: Revival, ancestry: Ancestry, prints: Prints, darkroom: Darkroom) -> None:
        self.revival = revival
        self.ancestry = ancestry
        self.prints = prints
        self.darkroom = darkroom

    async def compare(self, interaction: Interaction, job_id: int) -> None:
        """Put a card's pictures side by side, or ask which where there are more than two."""
        offer = await self.ancestry.candidates(job_id, parse.requester(interaction))
        offered = offer.candidates
        if len(offered) < lineage.LEAST and offer.apart:
            raise KeptApart(tr(APART))
        if len(offered) < lineage.LEAST:
            raise NotFound(tr("There is no second picture here that you may see, so nothing to compare."))
        if len(offered) > lineage.LEAST:
            view = lineage.choice(job_id, offered, apart=offer.apart)
            await interaction.response.send_message(view=view, ephemeral=True)
            return
        await self._side_by_side(interaction, offered, apart=offer.apart)

    async def compared(
        self, interaction: Interaction, arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Put the chosen pictures side by side."""
        offer = await self.ancestry.candidates(parse.number(arguments), parse.requester(interaction))
        chosen = [one for one in offer.candidates if one.picture.id in values][: lineage.AT_ONCE]
        if len(chosen) < lineage.LEAST:
            raise BadInput(tr("Choose at least two pictures to compare. Some may not be here any more."))
        await self._side_by_side(interaction, chosen)

    async def branch(self, interaction: Interaction, job_id: int) -> None:
        """Show the versions round a card."""
        page = await self._page(interaction, job_id, None)

        async def prepare() -> Post:
            return await self._branches(interaction, page)

        await answer(interaction, prepare(), private=True)

    async def turn(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show another page of versions in place of this one."""
        job_id, wanted = parse.number(arguments), parse.number(arguments[1:], most=99)
        page = await self._page(interaction, job_id, wanted)
        await interaction.response.defer()
        post = await self._branches(interaction, page)
        await interaction.edit_original_response(
            view=post.view, attachments=post.files, allowed_mentions=discord.AllowedMentions.none()
        )

    async def open(self, interaction: Interaction, job_id: int) -> None:
        """Show a card to the one who asks."""
        found = await self.revival.revive(job_id, parse.requester(interaction))
        await copy(interaction, self.prints, found, private=True)

    async def open_picked(
        self, interaction: Interaction, _arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Show the card of the picture that was picked."""
        await self.open(interaction, job_of(values[0] if values else "") or 0)

    async def sheet(self, interaction: Interaction, job_id: int) -> None:
        """Show all pictures of a card on one sheet."""
        found = await self.ancestry.cards(job_id, parse.requester(interaction))

        async def prepare() -> Post:
            file = await self.darkroom.contact_sheet(
                [one.picture for one in found], interaction.filesize_limit, interaction.channel
            )
            return Post(lineage.sheet(job_id, len(found), file), [file])

        await answer(interaction, prepare(), private=True)

    async def _side_by_side(
        self, interaction: Interaction, shown: Sequence[Candidate], *, apart: int = 0
    ) -> None:
        async def prepare() -> Post:
            file = await self.darkroom.side_by_side(
                [one.picture for one in shown],
                [one.name.lower() for one in shown],
                interaction.filesize_limit,
                interaction.channel,
            )
            return Post(lineage.comparison(shown, file, apart=apart), [file])

        await answer(interaction, prepare(), private=True)

    async def _page(self, interaction: Interaction, job_id: int, wanted: int | None) -> lineage.Page:
        found = await self.ancestry.versions(job_id, parse.requester(interaction))
        return lineage.page_of(found, job_id, wanted)

    async def _branches(self, interaction: Interaction, page: lineage.Page) -> Post:
        pictures = [one.on_card.picture for one in page.versions]
        names = [one.name for one in page.versions]
        file = await self.darkroom.contact_sheet(
            pictures, interaction.filesize_limit, interaction.channel, names
        )
        return Post(lineage.branches(page, file), [file])


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons and menus be found by their verbs."""
    services = bot.services
    cog = Versions(services.revival, services.ancestry, services.prints, services.darkroom)
    bot.presses.buttons |= {
        lineage.COMPARE: cog.compare,
        lineage.BRANCH: cog.branch,
        lineage.CARD: cog.open,
        lineage.SHEET: cog.sheet,
    }
    bot.presses.acts[lineage.BRANCH] = cog.turn
    bot.presses.picks |= {lineage.COMPARE: cog.compared, lineage.CARD: cog.open_picked}
    await bot.add_cog(cog)
