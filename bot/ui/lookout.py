"""Looks whether messages are still where they were posted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
import structlog

from bot.ui.patience import TROUBLE, passes

if TYPE_CHECKING:
    from collections.abc import Awaitable

log = structlog.get_logger(__name__)
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
PATIENCE_S = 1.0
"""Whoever asks is to be answered within three seconds of Discord's, and discord.py tries for longer."""


class Lookout:
    """Looks at channels, as far as Discord lets Easel look there."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def is_gone(self, channel_id: int, message_id: int) -> bool | None:
        """Tell whether a message was deleted; False where Easel may not look, None in passing trouble.

        Answers to a person's own app stand where Easel is no member, and Discord forbids looking there.
        """
        channel = self._client.get_partial_messageable(channel_id)
        return await self._fails(channel.fetch_message(message_id), UNKNOWN_MESSAGE)

    async def is_closed(self, channel_id: int) -> bool | None:
        """Tell whether a channel or thread was deleted; otherwise as `is_gone`."""
        return await self._fails(self._client.fetch_channel(channel_id), UNKNOWN_CHANNEL)

    async def _fails(self, look: Awaitable[object], code: int) -> bool | None:
        """Tell whether Discord does not know what is looked at."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await look
        except discord.InvalidData:  # of a kind that discord.py does not know
            return False
        except discord.HTTPException as error:
            return None if passes(error) else error.code == code
        except TROUBLE as error:
            log.info("could not look", reason=str(error))
            return None
        return False
