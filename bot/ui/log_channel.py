"""Posts lines of the audit to a server's log channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import discord
import structlog

from bot.errors import Undeliverable, Unreachable
from bot.texts import speaking, tr
from bot.ui import audit
from bot.ui.patience import CLOSED, GONE, TROUBLE
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.storage.audit import AuditLine
    from bot.storage.log_channels import Behind

log = structlog.get_logger(__name__)
NOT_FOUND, NO_CHANNEL = 404, 10003


class LogPoster:
    """Posts as the bot; its messages ping nobody."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def serves(self, guild_id: int) -> bool:
        """Tell whether a server is one that this process is connected for."""
        guild = self._client.get_guild(guild_id)
        return guild is not None and not guild.unavailable

    def fits(self, lines: Sequence[AuditLine]) -> int:
        """Return how many of the first lines one message takes."""
        with speaking(spoken_in(self._client, lines[0].guild_id)):
            return audit.fits(lines)

    async def post(self, behind: Behind, lines: Sequence[AuditLine]) -> None:
        """Post lines in one message, without what is not for everybody where everybody reads.

        They are in the server's language, whoever did what they tell.
        Raise Unreachable or Undeliverable. The nonce names the lines, so that Discord takes them once where
        the answer to a first try was lost.
        """
        in_public = audit.everybody_sees(self._client.get_channel(behind.channel_id))
        if not (said := audit.sayable(lines, in_public=in_public)):
            return
        with speaking(spoken_in(self._client, behind.guild_id)):
            await self._send(behind, audit.post(said), f"log-{lines[0].id}-{lines[-1].id}")

    async def _send(self, behind: Behind, view: discord.ui.LayoutView, nonce: str) -> None:
        channel = self._client.get_partial_messageable(behind.channel_id, guild_id=behind.guild_id)
        try:
            await channel.send(view=view, nonce=nonce, allowed_mentions=discord.AllowedMentions.none())
        except discord.HTTPException as error:
            if error.code in GONE or error.status in CLOSED:
                raise Undeliverable(why(error)) from error
            raise Unreachable(tr("Discord is in trouble.")) from error
        except (*TROUBLE, aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(tr("Discord is in trouble.")) from error

    async def tell_lost(self, user_id: int, behind: Behind, reason: str) -> None:
        """Tell who chose the channel, by a direct message, if they take one."""
        guild = self._client.get_guild(behind.guild_id)
        with speaking(spoken_in(self._client, behind.guild_id)):
            text = tr(
                "Easel can no longer post the log of {server} in {channel}: {reason} Choose another channel "
                "with /manage log; nothing is missing from /manage audit.",
                server=plain(guild.name, 100) if guild else behind.guild_id,
                channel=f"<#{behind.channel_id}>",
                reason=reason,
            )
        try:
            channel = await self._client.create_dm(discord.Object(user_id))
            await channel.send(text)
        except (discord.HTTPException, *TROUBLE, aiohttp.ClientError) as error:
            log.info("nobody to tell of the log", guild=behind.guild_id, reason=str(error))


def spoken_in(client: discord.Client, guild_id: int) -> str | None:
    """Return the language in which a server's moderators are told together; None where it is not known."""
    guild = client.get_guild(guild_id)
    return None if guild is None else guild.preferred_locale.value


def why(error: discord.HTTPException) -> str:
    """Say why a channel takes nothing."""
    if error.code == NO_CHANNEL or error.status == NOT_FOUND:
        return tr("the channel is gone.")
    return tr("it may not send messages there.")
