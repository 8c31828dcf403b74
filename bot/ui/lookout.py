"""Looks whether messages are still where they were posted."""

from __future__ import annotations

import asyncio

import discord
import structlog

from bot.ui.patience import TROUBLE

log = structlog.get_logger(__name__)
UNKNOWN_MESSAGE = 10008
PATIENCE_S = 1.0
"""Whoever asks is to be answered within three seconds of Discord's, and discord.py tries for longer."""


class Lookout:
    """Looks at channels, as far as Discord lets Easel look there."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def is_gone(self, channel_id: int, message_id: int) -> bool:
        """Tell whether a message was deleted; False where Easel may not look, or Discord is in trouble.

        Answers to a person's own app stand where Easel is no member, and Discord forbids looking there.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._client.get_partial_messageable(channel_id).fetch_message(message_id)
        except discord.HTTPException as error:
            return error.code == UNKNOWN_MESSAGE
        except TROUBLE as error:
            log.info("could not look at a card", reason=str(error))
        return False
