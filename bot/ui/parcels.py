"""Hands people their data: in answers that only they see, or by direct message where it is much."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

import discord

from bot.errors import Unreachable
from bot.texts import tr, trn
from bot.ui.prints import REQUEST_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from bot.domain.privacy import Part

    Interaction = discord.Interaction[discord.Client]

FEW = 4
"""Parts that go into the answer to a command; where Easel is not a member, five messages may."""
DIRECT_BYTES = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES


class Takeout(Protocol):
    """Whoever packs what is somebody's."""

    def granted(self, user_id: int) -> AbstractAsyncContextManager[None]:
        """Let somebody take their data along within the block, or raise TooBusy."""
        ...

    async def size_bytes(self, user_id: int, since: datetime) -> int:
        """Return how large it is at most, without its words."""
        ...

    def parts(self, user_id: int, since: datetime, most_bytes: int) -> AsyncGenerator[Part]:
        """Yield it in parts, each gone once the next is asked for."""
        ...


async def deliver(interaction: Interaction, takeout: Takeout, since: datetime) -> None:
    """Pack what is somebody's, and hand it to them alone; raise TooBusy or Unreachable.

    When the process ends, what stands there is left to the next start.
    """
    async with takeout.granted(interaction.user.id):
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            await _hand_over(interaction, takeout, since)
        except asyncio.CancelledError:
            raise  # the next start speaks in its place
        except BaseException:
            await interaction.delete_original_response()
            raise


async def _hand_over(interaction: Interaction, takeout: Takeout, since: datetime) -> None:
    most_bytes = min(interaction.filesize_limit, REQUEST_LIMIT_BYTES)
    if await takeout.size_bytes(interaction.user.id, since) > FEW * most_bytes // 2:
        await _send(interaction, takeout, since, DIRECT_BYTES, await _direct(interaction))
    else:
        await _send(interaction, takeout, since, most_bytes, await _followed(interaction))


async def _send(
    interaction: Interaction,
    takeout: Takeout,
    since: datetime,
    most_bytes: int,
    hand: Callable[[str, discord.File], Awaitable[object]],
) -> None:
    last: Part | None = None
    async for part in takeout.parts(interaction.user.id, since, most_bytes):
        with closing(await asyncio.to_thread(discord.File, part.path)) as file:
            await hand(tr("Your data, part {number}", number=part.number), file)
        last = part
    count, left_out = (last.number, last.left_out) if last else (0, 0)
    done = trn("Your data is here, in {count} file.", "Your data is here, in {count} files.", count)
    if left_out:
        done += " " + trn(
            "{count} file had no room or is gone; data/left_out.json names it.",
            "{count} files had no room or are gone; data/left_out.json names them.",
            left_out,
        )
    await interaction.edit_original_response(content=done)


async def _followed(interaction: Interaction) -> Callable[[str, discord.File], Awaitable[object]]:
    """Return what sends messages after the answer; before there is one, the first would become it."""
    await interaction.edit_original_response(content=tr("Packing your data…"))

    async def hand(said: str, file: discord.File) -> None:
        await interaction.followup.send(said, file=file, ephemeral=True)

    return hand


async def _direct(interaction: Interaction) -> Callable[[str, discord.File], Awaitable[object]]:
    """Return what sends direct messages, once it is told; the answer to a command is open for 15 minutes."""
    told = tr("Your data is much, so it comes by direct message, one file after the other.")
    await interaction.edit_original_response(content=told)

    async def hand(said: str, file: discord.File) -> None:
        try:
            await interaction.user.send(said, file=file)
        except discord.Forbidden:
            raise Unreachable(
                tr(
                    "Your data is too much for this answer, and Easel cannot send you direct messages. "
                    "Allow them for this server, or ask for less with since."
                )
            ) from None

    return hand
