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
from bot.texts import tr
from bot.ui import lineage, modals, options, parse, sources
from bot.ui.preferences import remark
from bot.ui.press import act_id, custom_id
from bot.ui.reception import take

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Easel
    from bot.services.ancestry import Ancestry
    from bot.services.drafting import Drafting
    from bot.services.planning import Planner
    from bot.services.preferences import Usual
    from bot.services.studio import Studio
    from bot.services.styles import Styles
    from bot.services.tray import Tray

    Interaction = discord.Interaction[discord.Client]

VERB = "edit"
VERSION = lineage.EDIT


class Edit(commands.Cog):
    """New pictures from pictures that somebody posted."""

    def __init__(
        self,
        studio: Studio,
        ancestry: Ancestry,
        planner: Planner,
        drafting: Drafting,
        at_hand: Tray,
        usual: Usual,
        styles: Styles,
    ) -> None:
        self.studio = studio
        self.usual = usual
        self.styles = styles
        self.ancestry = ancestry
        self.at_hand = at_hand
        self.planner = planner
        self.drafting = drafting

    @app_commands.command()
    @options.of_pictures(
        prompt="What should change",
        image="The picture to change",
        image2="Another picture to take from",
        image3="Another picture to take from",
        image4="Another picture to take from",
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
            output_format=parse.file_format(file_format),
            model=model,
            references=(
                *uploads,
                *(await self.at_hand.references(parse.requester(interaction)) if at_hand else ()),
            ),
            private=private,
            kind=Kind.EDIT,
        )
        wish = await self.usual.complete(parse.requester(interaction), request, parse.given(interaction))
        await take(interaction, self.studio, wish.request)
        await remark(interaction, wish.left_out)

    async def edit_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the form that changes a picture of any message."""
        found = sources.of_message(message, parse.me(interaction.client))
        if found.job_id is not None:
            await self.edit_card(interaction, found.job_id)
            return
        if not found.uploads:
            raise BadInput(tr("This message has no picture. Choose one with a PNG, JPEG, WebP or GIF."))
        who = parse.requester(interaction)
        wish = PictureRequest("", references=found.uploads, kind=Kind.EDIT)
        begun = (await self.usual.complete(who, wish, {"count"})).request
        await self.drafting.begin(interaction.id, who, begun)
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
        who = parse.requester(interaction)
        job, pictures = await self.studio.show(job_id, who)
        bases = modals.bases_of(pictures, job.request.style, await self.styles.at_hand(who))
        await self._show_form(interaction, custom_id(VERB, job_id), job.request, bases)

    async def edited_card(self, interaction: Interaction, job_id: int) -> None:
        """Draw what the form for a card asks for."""
        who = parse.requester(interaction)
        job, _ = await self.studio.show(job_id, who)
        change = modals.read(interaction, job.request)
        request = await self.studio.edited(job, change)
        if change.style is not None:
            request = replace(request, style=await self.styles.of_ref(who, change.style))
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
        await interaction.response.send_modal(modals.offering(self.planner, form_id, begun, bases))


async def setup(bot: Easel) -> None:
    """Load the cog; let its menu, buttons and forms be found."""
    services = bot.services
    cog = Edit(
        services.studio,
        services.ancestry,
        services.planner,
        services.drafting,
        services.tray,
        services.usual,
        services.styles,
    )
    bot.presses.buttons[VERB] = cog.edit_card
    bot.presses.picks[VERSION] = cog.edit_version
    bot.presses.act_forms[VERSION] = cog.edited_version
    bot.presses.forms[VERB] = cog.edited_card
    bot.presses.act_forms[VERB] = cog.edited_message
    bot.tree.add_command(app_commands.ContextMenu(name="Edit image", callback=cog.edit_message))
    await bot.add_cog(cog)
