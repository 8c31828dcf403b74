"""Cards that are there already, once more: with their pictures, and buttons that work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ui import cards
from bot.ui.answers import answer
from bot.ui.posts import Post

if TYPE_CHECKING:
    import discord

    from bot.domain.results import Result
    from bot.ui.prints import Prints

    Interaction = discord.Interaction[discord.Client]


async def copy(interaction: Interaction, prints: Prints, found: Result, *, private: bool) -> None:
    """Answer with a card that its asker may see."""

    async def prepare() -> Post:
        files = await prints.files(
            found.pictures,
            interaction.filesize_limit,
            wanted=found.job.request.output_format,
            channel=interaction.channel,
        )
        return Post(cards.result(found, files), files)

    await answer(interaction, prepare(), private=private)
