"""Hears messages again whose files an earlier process had begun to read."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Protocol

import discord
import structlog

from bot.errors import DiscordAway
from bot.ui import hearing
from bot.ui.left import take_away_begun
from bot.ui.patience import patiently
from bot.ui.walls import TROUBLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.asks import Owed
    from bot.domain.requests import Requester

    IsHeard = Callable[[int, int], Awaitable[bool]]
    Hear = Callable[[discord.Message, Requester], Awaitable[None]]

log = structlog.get_logger(__name__)


class Debts(Protocol):
    """Knows what is owed."""

    async def left(self, *, of_messages: bool) -> tuple[Owed, ...]:
        """Return what earlier processes owe messages, once."""
        ...

    async def given(self, owed: Owed) -> None:
        """Note that it is owed no more."""
        ...


async def hear_left(client: discord.Client, debts: Debts, is_heard: IsHeard, hear: Hear) -> None:
    """Hear each of the messages that were not kept; one that was waits for its answer as any other."""
    left = await debts.left(of_messages=True)
    hearing_all = map(partial(_hear, client, debts, is_heard, hear), left)
    for error in await asyncio.gather(*hearing_all, return_exceptions=True):
        if isinstance(error, BaseException):
            log.error("not heard again", exc_info=error)


async def _hear(client: discord.Client, debts: Debts, is_heard: IsHeard, hear: Hear, owed: Owed) -> None:
    """Hear a message, unless it is gone; where Discord is in trouble for long, the next start does."""
    if await is_heard(owed.id, owed.channel_id):
        await debts.given(owed)
        return
    who = await hearing.recalled(client, owed.user_id, owed.guild_id, owed.channel_id)
    channel = client.get_partial_messageable(owed.channel_id, guild_id=owed.guild_id)
    try:
        message = await patiently(lambda: channel.fetch_message(owed.id))
        await take_away_begun(client, who, owed.id, None)
    except (discord.NotFound, discord.Forbidden) as error:
        log.info("nothing to hear again", reason=str(error))
        await debts.given(owed)
    except (DiscordAway, *TROUBLE) as error:
        log.warning("heard again by the next start", reason=str(error))
    else:
        await hear(message, who)
        await debts.given(owed)
