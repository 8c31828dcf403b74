"""Answers that take a moment: given at once where they are ready in time, else after a “thinking”."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from bot.ui.posts import Post

    Interaction = discord.Interaction[discord.Client]

PATIENCE_S = 1.5
"""How long an answer is prepared before Discord is told to wait; its own limit is 3 seconds."""


async def answer(interaction: Interaction, preparing: Coroutine[Any, Any, Post], *, private: bool) -> None:
    """Answer with what is being prepared; what goes wrong is raised, and no “thinking” stays behind."""
    making = asyncio.create_task(preparing)
    try:
        await asyncio.wait({making}, timeout=PATIENCE_S)
        if making.done():
            post = making.result()
            await interaction.response.send_message(view=post.view, files=post.files, ephemeral=private)
        else:
            await _answer_late(interaction, making, private=private)
    finally:
        making.cancel()


async def tell_by(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Show a card to the one who acted alone, however far the answer has come."""
    if interaction.response.is_done():
        await interaction.followup.send(view=view, ephemeral=True)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def _answer_late(interaction: Interaction, making: asyncio.Task[Post], *, private: bool) -> None:
    await interaction.response.defer(ephemeral=private, thinking=True)
    try:
        post = await making
    except BaseException:
        with suppress(discord.HTTPException):
            await interaction.delete_original_response()
        raise
    await interaction.edit_original_response(
        view=post.view, attachments=post.files, allowed_mentions=discord.AllowedMentions.none()
    )
