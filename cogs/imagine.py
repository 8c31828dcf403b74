"""/imagine: pictures from words, guided by references."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.requests import MAX_COUNT, MAX_PROMPT, MAX_SEED, PictureRequest
from bot.ui import options, parse
from bot.ui.reception import take

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.services.studio import Studio
    from bot.services.tray import Tray

    Interaction = discord.Interaction[discord.Client]


class Imagine(commands.Cog):
    """Pictures from words."""

    def __init__(self, studio: Studio, at_hand: Tray) -> None:
        self.studio = studio
        self.at_hand = at_hand

    @app_commands.command()
    @app_commands.describe(
        prompt="What to draw",
        count="How many pictures (1 if left out)",
        aspect="The shape: width to height",
        quality="How much work the model puts in; more costs more",
        seed="A number to start from: the same one asks for the same picture again",
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
        uploads = [parse.upload(one) for one in (reference, reference2, reference3, reference4) if one]
        request = PictureRequest(
            prompt=prompt,
            count=count,
            aspect=aspect,
            quality=quality,
            seed=seed,
            background=background,
            output_format=file_format,
            model=model,
            references=(
                *uploads,
                *(await self.at_hand.references(parse.requester(interaction)) if at_hand else ()),
            ),
            private=private,
        )
        await take(interaction, self.studio, request)


async def setup(bot: Easel) -> None:
    """Load the cog."""
    await bot.add_cog(Imagine(bot.services.studio, bot.services.tray))
