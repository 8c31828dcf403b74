"""/extract, and Extract data on any message: data out of pictures and documents."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain import extraction
from bot.domain.asks import Purpose
from bot.domain.extraction import Wanted
from bot.domain.requests import PictureRequest, Stored
from bot.errors import BadInput, Pricey
from bot.texts import mark, tr
from bot.ui import extracting, fields, parse, sources
from bot.ui.answering import AGREED, written
from bot.ui.pages import Page
from bot.ui.places import InteractionPlace
from bot.ui.press import act_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Easel
    from bot.domain.extraction import Extracted
    from bot.domain.requests import Reference, Upload
    from bot.services.drafting import Drafting
    from bot.services.extraction import Extractor
    from bot.services.owing import Owing
    from bot.services.studio import Studio

    Interaction = discord.Interaction[discord.Client]

VERB = "extract"
BOTH = mark("Say the fields or bring a schema, not both.")


class Extract(commands.Cog):
    """Data out of files."""

    def __init__(self, extractor: Extractor, studio: Studio, drafting: Drafting, owing: Owing) -> None:
        self.extractor = extractor
        self.owing = owing
        self.studio = studio
        self.drafting = drafting

    @app_commands.command()
    @app_commands.rename(wanted="fields")
    @app_commands.describe(
        file="A picture, a PDF or a text to take data out of",
        file2="Another one",
        file3="Another one",
        file4="Another one",
        wanted="Such as: invoice number, date, total as number. Or: every line item: name, price as number",
        schema="Your own JSON schema, as a file, in place of the fields",
        private="Answer to you alone",
    )
    async def extract(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        file2: discord.Attachment | None = None,
        file3: discord.Attachment | None = None,
        file4: discord.Attachment | None = None,
        wanted: app_commands.Range[str, 1, 2000] | None = None,
        schema: discord.Attachment | None = None,
        private: bool = False,
    ) -> None:
        """Take data out of pictures and documents, as a table, JSON and CSV."""
        if schema is not None and wanted is not None:
            raise BadInput(tr(BOTH))
        uploads = [parse.upload(one) for one in (file, file2, file3, file4) if one]
        its = extraction.by_fields(wanted or "") if schema is None else parse.upload(schema)
        await self._show(interaction, uploads, its, private=private)

    async def extract_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the form that asks what to take out of a message's files."""
        who = parse.requester(interaction)
        found = sources.of_message(message, parse.me(interaction.client), with_documents=True)
        references: tuple[Reference, ...] = found.uploads
        if found.job_id is not None:
            _, pictures = await self.studio.show(found.job_id, who)
            references = tuple(Stored(picture.id) for picture in pictures)
        if not references:
            raise BadInput(tr("This message has no picture and no document to take data out of."))
        await self.drafting.begin(interaction.id, who, PictureRequest("", references=references))
        await interaction.response.send_modal(extracting.ExtractForm(act_id(VERB, interaction.id)))

    async def extracted_message(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Take out what the form asks for."""
        form = fields.submitted(interaction)
        said, schema = fields.words(form, extracting.FIELDS), fields.words(form, extracting.SCHEMA)
        if said and schema:
            raise BadInput(tr(BOTH))
        if schema:
            wanted = await asyncio.to_thread(extraction.by_schema, schema)
        else:
            wanted = extraction.by_fields(said)
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)) as begun:
            private = fields.checked(form, extracting.PRIVATE)
            await self._show(interaction, begun.references, wanted, private=private)

    async def _show(
        self,
        interaction: Interaction,
        uploads: Sequence[Reference],
        wanted: Wanted | Upload,
        *,
        private: bool,
        agreed: bool = False,
    ) -> None:
        who, origin = parse.requester(interaction), parse.origin(interaction)
        place = InteractionPlace(interaction, private=private)
        async with self.owing.owed(interaction.id, who, Purpose.EXTRACT, origin, private=private):
            if agreed:
                await place.follow(Page(tr(AGREED)))
            async with written(place) as scribe:

                async def show(extracted: Extracted) -> None:
                    await scribe.finish(
                        extracting.table(extracted),
                        notes=extracting.notes(extracted),
                        files=extracting.files(extracted),
                    )

                try:
                    await self.extractor.extract(who, uploads, wanted, show, agreed=agreed)
                except Pricey as error:
                    await self.drafting.begin(interaction.id, who, _begun(uploads, wanted))
                    button = extracting.anyway(interaction.id, private=private)
                    await scribe.fail("", str(error), buttons=[button])

    async def extract_anyway(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Take out what somebody wanted whose price they were told."""
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)) as begun:
            uploads, wanted = _wanted(begun)
            await self._show(interaction, uploads, wanted, private=arguments[1:] == ("1",), agreed=True)


def _begun(uploads: Sequence[Reference], wanted: Wanted | Upload) -> PictureRequest:
    """Return what somebody wants as it is kept until they agree; a file with a schema comes last."""
    if isinstance(wanted, Wanted):
        return PictureRequest(json.dumps(wanted.schema), references=tuple(uploads))
    return PictureRequest("", references=(*uploads, wanted))


def _wanted(begun: PictureRequest) -> tuple[Sequence[Reference], Wanted | Upload]:
    """Return the files and what is wanted of them, as `_begun` keeps it."""
    if begun.prompt:
        return begun.references, Wanted(json.loads(begun.prompt))
    *uploads, schema = begun.references
    return uploads, cast("Upload", schema)


async def setup(bot: Easel) -> None:
    """Load the cog; let its menu and form be found."""
    services = bot.services
    cog = Extract(services.extractor, services.studio, services.drafting, services.owing)
    bot.presses.act_forms[VERB] = cog.extracted_message
    bot.presses.acts[extracting.ANYWAY] = cog.extract_anyway
    bot.tree.add_command(app_commands.ContextMenu(name="Extract data", callback=cog.extract_message))
    await bot.add_cog(cog)
