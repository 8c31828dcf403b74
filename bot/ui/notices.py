"""Words to the owner of a server, by a direct message: for what nobody else there would hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import structlog

from bot.texts import speaking
from bot.ui.patience import TROUBLE
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)
NAME_SHOWN = 100


async def tell_owner(client: discord.Client, guild_id: int, words: Callable[[str], str]) -> bool:
    """Tell an owner what `words` say of the server's name, in its language; False where that cannot be."""
    guild = client.get_guild(guild_id)
    if guild is None or guild.owner_id is None:
        return False
    with speaking(guild.preferred_locale.value):
        text = words(plain(guild.name, NAME_SHOWN))
    try:
        channel = await client.create_dm(discord.Object(guild.owner_id))
        await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    except (discord.HTTPException, *TROUBLE) as error:
        log.info("owner not told", guild=guild_id, reason=str(error))
        return False
    return True
