"""Words to the owner of a server, by a direct message: for what nobody else there would hear of."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import discord
import structlog

from bot.errors import Undeliverable, Unreachable
from bot.texts import speaking, tr
from bot.ui.patience import TROUBLE, passes
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)
NAME_SHOWN = 100


async def send_to_owner(
    client: discord.Client, guild_id: int, words: Callable[[str], str], *, nonce: str
) -> None:
    """Tell an owner what `words` say of the server's name, in its language; once for the same nonce.

    Raise Unreachable where that may work later, and Undeliverable where they take no message.
    """
    guild = client.get_guild(guild_id)
    if guild is None or guild.owner_id is None:
        raise Unreachable(tr("Discord is in trouble."))
    with speaking(guild.preferred_locale.value):
        text = words(plain(guild.name, NAME_SHOWN))
    try:
        channel = await client.create_dm(discord.Object(guild.owner_id))
        await channel.send(text, nonce=nonce, allowed_mentions=discord.AllowedMentions.none())
    except (discord.HTTPException, *TROUBLE) as error:
        if isinstance(error, discord.HTTPException) and not passes(error):
            raise Undeliverable(str(error)) from error
        raise Unreachable(str(error)) from error


async def tell_owner(client: discord.Client, guild_id: int, words: Callable[[str], str]) -> bool:
    """Tell an owner as `send_to_owner` does; False where that cannot be."""
    try:
        await send_to_owner(client, guild_id, words, nonce=secrets.token_hex(12))
    except Undeliverable as error:
        log.info("owner not told", guild=guild_id, reason=str(error))
        return False
    return True
