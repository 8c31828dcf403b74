"""What passes by before discord.py makes anything of it: talk of others, and what Discord tells twice."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import discord
import structlog

from bot.ui import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Data = Mapping[str, Any]

log = structlog.get_logger(__name__)
WHOLE = {"author", "content", "attachments", "embeds", "edited_timestamp"}
"""What a message has that says what it holds now; Discord promises whole ones since discord-api-docs#7017."""
SPOKEN = {discord.MessageType.default.value, discord.MessageType.reply.value}
COMPLETING = discord.InteractionType.autocomplete.value
REMEMBERED = 20_000
"""Interactions that are known when they come again, which they do within minutes after a broken line."""


def listen(client: discord.Client) -> None:
    """Let a client hear of a new message only where it may be said to Easel, and of edits of others alone.

    A `Message` takes three times as long to make as to read from the wire, and nearly all go right after.
    Of an interaction it hears once: Discord takes one answer to it, and one is paid for.
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

    parsers |= {
        "MESSAGE_CREATE": hear,
        "MESSAGE_UPDATE": hear_edited,
        "INTERACTION_CREATE": once(parsers["INTERACTION_CREATE"]),
    }


def once(happened: Callable[[Data], None], most: int = REMEMBERED) -> Callable[[Data], None]:
    """Return what lets an interaction happen unless it did, as far as `most` of them are remembered."""
    known: OrderedDict[str, None] = OrderedDict()

    def hear(data: Data) -> None:
        if data["type"] != COMPLETING:  # most are; they change nothing and cost nothing
            if data["id"] in known:
                log.info("interaction repeated", interaction=int(data["id"]))
                return
            known[data["id"]] = None
            if len(known) > most:
                known.popitem(last=False)
        happened(data)

    return hear


def may_be_meant(data: Data, client: discord.Client) -> bool:
    """Tell whether a message as Discord sends it may be said to Easel; `hearing.is_meant` decides."""
    if data.get("type") not in SPOKEN or data["author"].get("bot"):
        return False
    if (guild_id := data.get("guild_id")) is None:
        return True
    if (guild := client.get_guild(int(guild_id))) is None:
        return False  # whose rules it stands under nobody knows
    spoken_to = list(data.get("mentions", ()))
    if (replied := data.get("referenced_message")) is not None:
        spoken_to.append(replied["author"])
    if spoken_to and str(parse.me(client)) in {user["id"] for user in spoken_to}:
        return True
    return guild.get_thread(int(data["channel_id"])) is not None
