"""/blend: one picture from several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.requests import MAX_COUNT, MAX_PROMPT, Kind, PictureRequest
from bot.texts import tr
from bot.ui import options, parse
from bot.ui.preferences import remark
from bot.ui.reception import take

if TYPE_CHECKING:
    from bot.app import Easel
    from bot.services.preferences import Usual
    from bot.services.studio import Studio

    Interaction = discord.Interaction[discord.Client]

HINT = "Blend the attached pictures into one coherent picture, with subjects and style from all of them."


class Blend(commands.Cog):
    """Pictures put into one."""

    def __init__(self, studio: Studio, usual: Usual) -> None:
        self.studio = studio
        self.usual = usual

    @app_commands.command()
    @options.of_pictures(
        image1="The first picture",
        image2="The second picture",
        image3="A third picture",
        image4="A fourth picture",
        image5="A fifth picture",
        prompt="What the new picture should be like",
    )
    async def blend(
        self,
        interaction: Interaction,
        image1: discord.Attachment,
        image2: discord.Attachment,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image5: discord.Attachment | None = None,
        prompt: app_commands.Range[str, 1, MAX_PROMPT] | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        aspect: str | None = None,
        quality: str | None = None,
        model: str | None = None,
        private: bool = False,
    ) -> None:
        """Make one picture from several."""
        images = (image1, image2, image3, image4, image5)
        request = PictureRequest(
            prompt=prompt or tr("A blend of these pictures"),
            count=count,
            aspect=aspect,
            quality=quality,
            model=model,
            references=tuple(parse.upload(one) for one in images if one),
            private=private,
            kind=Kind.BLEND,
            hint=HINT,
        )
        wish = await self.usual.complete(parse.requester(interaction), request, parse.given(interaction))
        await take(interaction, self.studio, wish.request)
        await remark(interaction, wish.left_out)


async def setup(bot: Easel) -> None:
    """Load the cog."""
    await bot.add_cog(Blend(bot.services.studio, bot.services.usual))
