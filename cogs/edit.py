"""/edit, and Edit image on any message: new pictures from pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.edits import changed
from bot.domain.requests import MAX_COUNT, MAX_PROMPT, Kind, PictureRequest
from bot.errors import BadInput
from bot.ui import lineage, modals, options, parse, sources
from bot.ui.press import act_id, custom_id
from bot.ui.reception import take

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Easel
    from bot.services.ancestry import Ancestry
    from bot.services.drafting import Drafting
    from bot.services.planning import Planner
    from bot.services.studio import Studio
    from bot.services.tray import Tray

    Interaction = discord.Interaction[discord.Client]

VERB = "edit"
VERSION = lineage.EDIT


class Edit(commands.Cog):
    """New pictures from pictures that somebody posted."""

    def __init__(
        self, studio: Studio, ancestry: Ancestry, planner: Planner, drafting: Drafting, at_hand: Tray
    ) -> None:
        self.studio = studio
        self.ancestry = ancestry
        self.at_hand = at_hand
        self.planner = planner
        self.drafting = drafting

    @app_commands.command()
    @app_commands.describe(
        prompt="What should change",
        image="The picture to change",
        image2="Another picture to take from",
        image3="Another picture to take from",
        image4="Another picture to take from",
        count="How many pictures (1 if left out)",
        aspect="The shape: width to height",
        quality="How much work the model puts in; more costs more",
        background="What stands behind the subject",
        file_format="The kind of file",
        model="Who draws; the first of the list if left out",
        private="Show the pictures to you alone",
        at_hand="Also go by the references that you have at hand (/tray)",
    )
    @app_commands.rename(file_format="format")
    @app_commands.autocomplete(
        aspect=options.aspects,
        quality=options.qualities,
        background=options.backgrounds,
        file_format=options.formats,
        model=options.models,
    )
    async def edit(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_PROMPT],
        image: discord.Attachment,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        aspect: str | None = None,
        quality: str | None = None,
        background: str | None = None,
        file_format: str | None = None,
        model: str | None = None,
        private: bool = False,
        at_hand: bool = False,
    ) -> None:
        """Change pictures by saying what should be different."""
        uploads = [parse.upload(one) for one in (image, image2, image3, image4) if one]
        request = PictureRequest(
            prompt=prompt,
            count=count,
            aspect=aspect,
            quality=quality,
            background=background,
            output_format=file_format,
            model=model,
            references=(
                *uploads,
                *(await self.at_hand.references(parse.requester(interaction)) if at_hand else ()),
            ),
            private=private,
            kind=Kind.EDIT,
        )
        await take(interaction, self.studio, request)

    async def edit_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the form that changes a picture of any message."""
        found = sources.of_message(message, interaction.application_id)
        if found.job_id is not None:
            await self.edit_card(interaction, found.job_id)
            return
        if not found.uploads:
            raise BadInput("This message has no picture. Choose one with a PNG, JPEG, WebP or GIF.")
        begun = PictureRequest("", references=found.uploads, kind=Kind.EDIT)
        await self.drafting.begin(interaction.id, parse.requester(interaction), begun)
        bases = [modals.Base(str(n), one.filename) for n, one in enumerate(found.uploads)]
        await self._show_form(interaction, act_id(VERB, interaction.id), begun, bases)

    async def edited_message(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw what the form for a message asks for."""
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)) as begun:
            change = modals.read(interaction, begun)
            chosen = begun.references[parse.number((change.base or "0",), most=len(begun.references) - 1)]
            await take(interaction, self.studio, changed(begun, change, (chosen,)))

    async def edit_card(self, interaction: Interaction, job_id: int) -> None:
        """Show the form that goes on from a card."""
        job, pictures = await self.studio.show(job_id, parse.requester(interaction))
        bases = modals.bases_of(pictures)
        await self._show_form(interaction, custom_id(VERB, job_id), job.request, bases)

    async def edited_card(self, interaction: Interaction, job_id: int) -> None:
        """Draw what the form for a card asks for."""
        job, _ = await self.studio.show(job_id, parse.requester(interaction))
        request = await self.studio.edited(job, modals.read(interaction, job.request))
        await take(interaction, self.studio, request, parent_job_id=job.id)

    async def edit_version(
        self, interaction: Interaction, _arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Show the form that goes on from exactly the picture that was picked."""
        one = await self.ancestry.picture(values[0] if values else "", parse.requester(interaction))
        form_id = act_id(VERSION, one.picture.id)
        await self._show_form(interaction, form_id, one.job.request, ())

    async def edited_version(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw what the form for one picture asks for."""
        one = await self.ancestry.picture(arguments[0] if arguments else "", parse.requester(interaction))
        change = replace(modals.read(interaction, one.job.request), base=one.picture.id)
        request = await self.studio.edited(one.job, change)
        await take(interaction, self.studio, request, parent_job_id=one.job.id)

    async def _show_form(
        self, interaction: Interaction, form_id: str, begun: PictureRequest, bases: Sequence[modals.Base]
    ) -> None:
        offered = {
            name: [value for value, owner in self.planner.choices(name, begun.model) if owner is None]
            for name in ("aspect", "quality")
        }
        form = modals.EditForm(form_id, begun, bases, aspects=offered["aspect"], qualities=offered["quality"])
        await interaction.response.send_modal(form)


async def setup(bot: Easel) -> None:
    """Load the cog; let its menu, buttons and forms be found."""
    services = bot.services
    cog = Edit(services.studio, services.ancestry, services.planner, services.drafting, services.tray)
    bot.presses.buttons[VERB] = cog.edit_card
    bot.presses.picks[VERSION] = cog.edit_version
    bot.presses.act_forms[VERSION] = cog.edited_version
    bot.presses.forms[VERB] = cog.edited_card
    bot.presses.act_forms[VERB] = cog.edited_message
    bot.tree.add_command(app_commands.ContextMenu(name="Edit image", callback=cog.edit_message))
    await bot.add_cog(cog)
