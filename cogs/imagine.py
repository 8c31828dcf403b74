"""/imagine: pictures from words, guided by references."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.permutations import permutations
from bot.domain.permutations import seeds as seeds_of
from bot.domain.requests import MAX_COUNT, MAX_PROMPT, MAX_SEED, PictureRequest
from bot.errors import BadInput
from bot.ui import confirm, options, parse
from bot.ui.reception import take

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.services.allowances import Allowances
    from bot.services.drafting import Drafting
    from bot.services.studio import Studio
    from bot.services.tray import Tray

    Interaction = discord.Interaction[discord.Client]


class Imagine(commands.Cog):
    """Pictures from words."""

    def __init__(self, studio: Studio, at_hand: Tray, drafting: Drafting, allowances: Allowances) -> None:
        self.studio = studio
        self.at_hand = at_hand
        self.drafting = drafting
        self.allowances = allowances

    @app_commands.command()
    @app_commands.describe(
        prompt="What to draw; {red, blue} draws one of each",
        count="How many pictures (1 if left out)",
        aspect="The shape: width to height",
        quality="How much work the model puts in; more costs more",
        seed="A number to start from: the same one asks for the same picture again",
        seeds="Several seeds to compare: 1-4, or 3, 7, 9",
        background="What stands behind the subject",
        file_format="The kind of file",
        model="Who draws; the first of the list if left out",
        private="Show the pictures to you alone",
        at_hand="Also go by the references that you have at hand (/tray)",
        reference="A picture to go by",
        reference2="Another picture to go by",
        reference3="Another picture to go by",
        reference4="Another picture to go by",
    )
    @app_commands.rename(file_format="format")
    @app_commands.autocomplete(
        aspect=options.aspects,
        quality=options.qualities,
        background=options.backgrounds,
        file_format=options.formats,
        model=options.models,
    )
    async def imagine(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_PROMPT],
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        aspect: str | None = None,
        quality: str | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        seeds: app_commands.Range[str, 1, 100] | None = None,
        background: str | None = None,
        file_format: str | None = None,
        model: str | None = None,
        private: bool = False,
        at_hand: bool = False,
        reference: discord.Attachment | None = None,
        reference2: discord.Attachment | None = None,
        reference3: discord.Attachment | None = None,
        reference4: discord.Attachment | None = None,
    ) -> None:
        """Draw pictures from a description."""
        attached = (reference, reference2, reference3, reference4)
        request = PictureRequest(
            prompt=prompt,
            count=count,
            aspect=aspect,
            quality=quality,
            seed=seed,
            seeds=_seeds(seeds, seed, count),
            background=background,
            output_format=file_format,
            model=model,
            references=tuple(parse.upload(one) for one in attached if one),
            private=private,
        )
        await self._order(interaction, request, at_hand=at_hand)

    async def _order(self, interaction: Interaction, request: PictureRequest, *, at_hand: bool) -> None:
        if at_hand:
            references = await self.at_hand.references(parse.requester(interaction))
            request = replace(request, references=(*request.references, *references))
        variants = permutations(request.prompt)
        if len(variants) == 1:
            await take(interaction, self.studio, request)
        else:
            await self._ask(interaction, replace(request, variants=variants))

    async def _ask(self, interaction: Interaction, request: PictureRequest) -> None:
        """Say what several prompts would draw and cost; nothing is held before the answer."""
        who = parse.requester(interaction)
        plan = self.studio.price(request)
        readings = await self.allowances.readings(who, interaction.created_at)
        await self.drafting.begin(interaction.id, who, request)
        await interaction.response.send_message(
            view=confirm.card(interaction.id, request, plan, readings), ephemeral=True
        )

    async def draw(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw what was asked about."""
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)) as request:
            await take(interaction, self.studio, request)

    async def draw_as_written(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Draw the prompt with its braces."""
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)) as request:
            await take(interaction, self.studio, replace(request, variants=()))

    async def leave(self, interaction: Interaction, arguments: tuple[str, ...]) -> None:
        """Forget what was asked about."""
        async with self.drafting.sending(parse.number(arguments), parse.requester(interaction)):
            await interaction.response.edit_message(view=confirm.left_alone())


def _seeds(written: str | None, seed: int | None, count: int) -> tuple[int, ...]:
    if written is None:
        return ()
    if seed is not None or count > 1:
        raise BadInput("Give either seeds, or one seed and a count: seeds draw one picture each.")
    return seeds_of(written)


async def setup(bot: Easel) -> None:
    """Load the cog."""
    services = bot.services
    cog = Imagine(services.studio, services.tray, services.drafting, services.allowances)
    bot.presses.acts |= {
        confirm.DRAW: cog.draw,
        confirm.AS_WRITTEN: cog.draw_as_written,
        confirm.LEAVE: cog.leave,
    }
    await bot.add_cog(cog)
