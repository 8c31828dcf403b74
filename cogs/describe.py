"""/describe, and Describe image on any message: a picture in words, and prompts to draw it from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.asks import Purpose
from bot.domain.edits import changed
from bot.domain.images import job_of
from bot.domain.jobs import UNFINISHED
from bot.domain.requests import PictureRequest, Stored, Upload
from bot.domain.spoilers import SPOILER
from bot.domain.words import Detail
from bot.errors import BadInput, NotFound, TooBusy
from bot.texts import language, tr
from bot.ui import descriptions, modals, parse, sources
from bot.ui.answers import answer
from bot.ui.options import named
from bot.ui.press import act_id
from bot.ui.reception import take

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.app.services import Services
    from bot.domain.requests import Reference
    from bot.ui.posts import Post

    Interaction = discord.Interaction[discord.Client]

VERB = descriptions.VERB


class Describe(commands.Cog):
    """Words for pictures."""

    def __init__(self, services: Services) -> None:
        self.describer = services.describer
        self.owing = services.owing
        self.studio = services.studio
        self.planner = services.planner
        self.drafting = services.drafting
        self.covers = services.covers

    @app_commands.command()
    @app_commands.describe(
        image="The picture to describe",
        detail="How closely to look: high reads small print, and costs about ten times as much",
        private="Show the answer to you alone",
    )
    @app_commands.choices(detail=named(low="Low", high="High"))
    async def describe(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        detail: str = Detail.LOW.value,
        private: bool = False,
    ) -> None:
        """Put a picture into words: a caption, alt text, and four prompts to draw from."""
        await self._show(interaction, parse.upload(image), Detail(detail), private=private)

    async def describe_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Describe a picture of any message, for the one who asks alone; ask which of several."""
        found = await self._pictures_of(interaction, message)
        if not found:
            raise BadInput(tr("This message has no picture. Choose one with a PNG, JPEG, WebP or GIF."))
        if len(found) == 1:
            await self._show(interaction, found[0][1], Detail.LOW, private=True)
            return
        begun = PictureRequest("", references=tuple(reference for _, reference in found))
        await self.drafting.begin(interaction.id, parse.requester(interaction), begun)
        view = descriptions.choice(interaction.id, [name for name, _ in found])
        await interaction.response.send_message(view=view, ephemeral=True)

    async def picked(
        self, interaction: Interaction, arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Describe the chosen picture; others can be chosen after it."""
        who = parse.requester(interaction)
        begun = await self.drafting.find(parse.number(arguments), who)
        reference = begun.references[parse.number(values, most=len(begun.references) - 1)]
        await self._show(interaction, reference, Detail.LOW, private=True)

    async def draw(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Show the form that draws from a prompt of a card."""
        card = interaction.message
        prompt = descriptions.prompt_of(card, parse.number(arguments))
        begun = PictureRequest(prompt, private=card is not None and card.flags.ephemeral)
        form = modals.offering(self.planner, act_id(VERB), begun, title=tr("Draw"))
        await interaction.response.send_modal(form)

    async def drawn(self, interaction: Interaction, _arguments: tuple[str, ...]) -> None:
        """Draw what the form says."""
        begun = PictureRequest("")
        await take(interaction, self.studio, changed(begun, modals.read(interaction, begun), ()))

    async def _pictures_of(
        self, interaction: Interaction, message: discord.Message
    ) -> list[tuple[str, Reference]]:
        """Return the pictures of a message with their names; of a card of ours, what is kept."""
        found = sources.of_message(message, parse.me(interaction.client))
        if found.job_id is None:
            return [(one.filename, one) for one in found.uploads]
        job, pictures = await self.studio.show(found.job_id, parse.requester(interaction))
        if not pictures and job.state in UNFINISHED:
            raise TooBusy(tr("These pictures are not finished yet. Try again in a moment."))
        if not pictures:
            raise NotFound(tr("These pictures are no longer here. Start again with /imagine."))
        return [
            (tr("Picture {number}", number=n), Stored(picture.id))
            for n, picture in enumerate(pictures, start=1)
        ]

    async def _show(
        self, interaction: Interaction, reference: Reference, detail: Detail, *, private: bool
    ) -> None:
        """Answer with a description, which is paid for once it is there."""
        is_kept_covered = await self._is_covered(interaction, reference)

        async def covers(is_delicate: bool) -> bool:
            if isinstance(reference, Stored):
                return is_kept_covered
            over = await self.covers.over_brought(interaction.channel, is_delicate=is_delicate)
            return over or is_kept_covered

        who, origin = parse.requester(interaction), parse.origin(interaction)
        async with (
            self.owing.owed(interaction.id, who, Purpose.DESCRIBE, origin, private=private),
            self.describer.sitting(who) as sitting,
        ):

            async def prepare() -> Post:
                described = await sitting.describe(reference, detail, language(), covers)
                return descriptions.card(described, is_spoiler=described.is_covered)

            await answer(interaction, prepare(), private=private, is_owed=True)

    async def _is_covered(self, interaction: Interaction, reference: Reference) -> bool:
        """Tell whether a picture stands covered beside its description; NotFound where it may not at all.

        What somebody sent covered stays so.
        """
        if not isinstance(reference, Stored):
            return isinstance(reference, Upload) and reference.filename.startswith(SPOILER)
        picture_id = reference.picture_id
        _, pictures = await self.studio.show(job_of(picture_id) or 0, parse.requester(interaction))
        shown = [picture for picture in pictures if picture.id == picture_id]
        return any(await self.covers.over(shown, interaction.channel))


async def setup(bot: Easel) -> None:
    """Load the cog; let its menu, buttons and forms be found."""
    cog = Describe(bot.services)
    bot.presses.acts[VERB] = cog.draw
    bot.presses.picks[VERB] = cog.picked
    bot.presses.act_forms[VERB] = cog.drawn
    bot.tree.add_command(app_commands.ContextMenu(name="Describe image", callback=cog.describe_message))
    await bot.add_cog(cog)
