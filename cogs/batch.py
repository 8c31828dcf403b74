"""/batch: many prompts from a file, drawn one after another, shown in pages."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.requests import MAX_SEED, Kind, PictureRequest
from bot.errors import NotFound
from bot.texts import tr
from bot.ui import batch as ui
from bot.ui import options, parse
from bot.ui.answers import answer
from bot.ui.copies import copy
from bot.ui.posts import Post

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.app import Easel
    from bot.domain.runs import Snapshot
    from bot.services.batches import Batches
    from bot.services.revival import Revival
    from bot.ui.prints import Prints

    Interaction = discord.Interaction[discord.Client]

MAX_TEMPLATE = 2000


class Batch(commands.Cog):
    """Lists of prompts."""

    def __init__(self, batches: Batches, revival: Revival, prints: Prints) -> None:
        self.batches = batches
        self.revival = revival
        self.prints = prints
        self._acts: dict[str, Callable[[Interaction, int], Awaitable[None]]] = {
            ui.START: self._start,
            ui.DROP: self._drop,
            ui.PAUSE: self._pause,
            ui.RESUME: self._resume,
            ui.CANCEL: self._cancel,
            ui.RETRY: self._retry,
            ui.FAILED: self._failed,
        }

    @app_commands.command()
    @app_commands.describe(
        file="A .txt with one prompt on each line, or a .csv with the column prompt; up to 200",
        template="Words around each row: a {colour} {animal} takes the columns colour and animal",
        aspect="The shape: width to height",
        quality="How much work the model puts in; more costs more",
        model="Who draws; the first of the list if left out",
        background="What stands behind the subject",
        file_format="The kind of file",
        private="Show the pictures to you alone",
        seed="The seed of every row that has none of its own in the column seed",
    )
    @app_commands.rename(file_format="format")
    @app_commands.autocomplete(
        aspect=options.aspects,
        quality=options.qualities,
        background=options.backgrounds,
        file_format=options.formats,
        model=options.models,
    )
    async def batch(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        template: app_commands.Range[str, 1, MAX_TEMPLATE] | None = None,
        aspect: str | None = None,
        quality: str | None = None,
        model: str | None = None,
        background: str | None = None,
        file_format: str | None = None,
        private: bool = False,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
    ) -> None:
        """Draw a list of prompts; the price is said first."""
        request = PictureRequest(
            prompt="",
            aspect=aspect,
            quality=quality,
            seed=seed,
            background=background,
            output_format=parse.file_format(file_format),
            model=model,
            private=private,
            kind=Kind.BATCH,
        )
        who = parse.requester(interaction)

        async def prepare() -> Post:
            offer = await self.batches.read(interaction.id, who, parse.upload(file), request, template)
            return Post(ui.offer(interaction.id, offer))

        await answer(interaction, prepare(), private=True)

    async def act(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Do what a button of a batch says."""
        act = self._acts.get(arguments[1] if len(arguments) > 1 else "")
        if act is None:
            raise NotFound(tr("This button is from another version of Easel. /queue shows your batches."))
        await act(interaction, parse.number(arguments))

    async def open(
        self, interaction: Interaction, _arguments: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Show one of a page's pictures as a card, for whoever picked it."""
        found = await self.revival.revive(parse.number(values), parse.requester(interaction))
        await copy(interaction, self.prints, found, private=True)

    async def _start(self, interaction: Interaction, batch_id: int) -> None:
        await interaction.response.defer()  # Discord knows no token before: the first page would find no way
        snapshot = await self.batches.start(batch_id, parse.requester(interaction), parse.origin(interaction))
        await interaction.edit_original_response(view=ui.started(snapshot.batch))

    async def _drop(self, interaction: Interaction, batch_id: int) -> None:
        await self.batches.drop(batch_id, parse.requester(interaction))
        await interaction.response.edit_message(view=ui.dropped())

    async def _pause(self, interaction: Interaction, batch_id: int) -> None:
        await self._show(interaction, await self.batches.pause(batch_id, parse.requester(interaction)))

    async def _resume(self, interaction: Interaction, batch_id: int) -> None:
        await interaction.response.defer()  # as above
        who, origin = parse.requester(interaction), parse.origin(interaction)
        await self._show(interaction, await self.batches.resume(batch_id, who, origin))

    async def _cancel(self, interaction: Interaction, batch_id: int) -> None:
        await self._show(interaction, await self.batches.cancel(batch_id, parse.requester(interaction)))

    async def _retry(self, interaction: Interaction, batch_id: int) -> None:
        await interaction.response.defer()  # as above
        who, origin = parse.requester(interaction), parse.origin(interaction)
        await self._show(interaction, await self.batches.retry(batch_id, who, origin))

    async def _failed(self, interaction: Interaction, batch_id: int) -> None:
        post = ui.failed(await self.batches.failed(batch_id, parse.requester(interaction)))
        await interaction.response.send_message(view=post.view, files=post.files, ephemeral=True)

    async def _show(self, interaction: Interaction, snapshot: Snapshot) -> None:
        """Show the card anew where the button is; what runs edits it from then on."""
        with suppress(discord.NotFound):  # deleted meanwhile
            if interaction.response.is_done():
                await interaction.edit_original_response(view=ui.card(snapshot))
            else:
                await interaction.response.edit_message(view=ui.card(snapshot))


async def setup(bot: Easel) -> None:
    """Load the cog and let its buttons and menu be found by their verbs."""
    services = bot.services
    cog = Batch(services.batches, services.revival, services.prints)
    bot.presses.acts[ui.VERB] = cog.act
    bot.presses.picks[ui.OPEN] = cog.open
    await bot.add_cog(cog)
