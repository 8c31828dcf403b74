"""What people say to each other, and what bots say, passes by before discord.py makes a message of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.ui import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    Data = Mapping[str, Any]

WHOLE = {"author", "content", "attachments", "embeds", "edited_timestamp"}
"""What a message has that says what it holds now; Discord promises whole ones since discord-api-docs#7017."""
SPOKEN = {discord.MessageType.default.value, discord.MessageType.reply.value}


def listen(client: discord.Client) -> None:
    """Let a client hear of a new message only where it may be said to Easel, and of edits of others alone.

    A `Message` takes three times as long to make as to read from the wire, and nearly all go right after.
    The table of parsers is discord.py's own corner; a test pins it.
    """
    parsers = client._connection.parsers  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the one place before a message is made
    created, updated = parsers["MESSAGE_CREATE"], parsers["MESSAGE_UPDATE"]

    def hear(data: Data) -> None:
        if may_be_meant(data, client):
            created(data)

    def hear_edited(data: Data) -> None:
        is_whole = data.keys() >= WHOLE  # else discord.py ends the connection over what it lacks
        if is_whole and data["author"]["id"] != str(parse.me(client)):  # most are its own cards
            updated(data)

    parsers |= {"MESSAGE_CREATE": hear, "MESSAGE_UPDATE": hear_edited}


def may_be_meant(data: Data, client: discord.Client) -> bool:
    """Tell whether a message as Discord sends it may be said to Easel; `hearing.is_meant` decides."""
    if data.get("type") not in SPOKEN or data["author"].get("bot"):
        return False
    if (guild_id := data.get("guild_id")) is None:
        return True
    if (guild := client.get_guild(int(guild_id))) is None:
        return False  # whose rules it stands under nobody knows
    me = str(parse.me(client))
    if any(user["id"] == me for user in data.get("mentions", ())):
        return True
    replied = data.get("referenced_message")
    if replied is not None and replied["author"]["id"] == me:
        return True
    return guild.get_thread(int(data["channel_id"])) is not None
