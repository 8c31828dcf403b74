"""Answers that take a moment: given at once where they are ready in time, else after a “thinking”."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import discord

from bot.domain.asks import Purpose
from bot.ui import parse

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from contextlib import AbstractAsyncContextManager
    from typing import Any

    from bot.domain.jobs import Origin
    from bot.domain.requests import Requester
    from bot.ui.posts import Post

    Interaction = discord.Interaction[discord.Client]

PATIENCE_S = 1.5
"""How long an answer is prepared before Discord is told to wait; its own limit is 3 seconds."""


class Owing(Protocol):
    """Whoever keeps what is owed."""

    def owed(
        self, event_id: int, who: Requester, purpose: Purpose, origin: Origin, *, private: bool
    ) -> AbstractAsyncContextManager[None]:
        """Owe an answer within a block, or raise HeardBefore."""
        ...


async def answer(
    interaction: Interaction,
    preparing: Coroutine[Any, Any, Post],
    *,
    private: bool,
    is_owed: bool = False,
) -> None:
    """Answer with what is being prepared; what goes wrong is raised, and no “thinking” stays behind.

    Where the answer is owed, it stays when the process ends: the next start speaks in its place.
    """
    making = asyncio.create_task(preparing)
    try:
        await asyncio.wait({making}, timeout=PATIENCE_S)
        if making.done():
            post = making.result()
            await interaction.response.send_message(view=post.view, files=post.files, ephemeral=private)
        else:
            await _answer_late(interaction, making, private=private, is_owed=is_owed)
    finally:
        making.cancel()


def owed(owing: Owing, interaction: Interaction, *, private: bool) -> AbstractAsyncContextManager[None]:
    """Owe talk, or files that are packed, to an interaction within a block, or raise HeardBefore."""
    who, origin = parse.requester(interaction), parse.origin(interaction)
    return owing.owed(interaction.id, who, Purpose.CHAT, origin, private=private)


async def tell_by(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Show a card to the one who acted alone, however far the answer has come."""
    if interaction.response.is_done():
        await interaction.followup.send(view=view, ephemeral=True)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def _answer_late(
    interaction: Interaction, making: asyncio.Task[Post], *, private: bool, is_owed: bool
) -> None:
    await interaction.response.defer(ephemeral=private, thinking=True)
    try:
        post = await making
    except BaseException as error:
        if not (is_owed and isinstance(error, asyncio.CancelledError)):
            with suppress(discord.HTTPException):
                await interaction.delete_original_response()
        raise
    await interaction.edit_original_response(
        view=post.view, attachments=post.files, allowed_mentions=discord.AllowedMentions.none()
    )
