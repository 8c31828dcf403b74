"""Threads on Discord: opened, greeted in, named and put away; what forbids that, as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import structlog

from bot.errors import BadInput, NotAllowed
from bot.texts import mark, tr, trn
from bot.ui import covers
from bot.ui.text import plain, visible

if TYPE_CHECKING:
    Interaction = discord.Interaction[discord.Client]

log = structlog.get_logger(__name__)
ARCHIVE_MINUTES = 1440
MOST_NAME = 100
"""Discord's limit for the name of a thread."""
UNNAMED = mark("New conversation")
PRIVATE_THREADS = mark("Create Private Threads")
NOT_HERE = mark(
    "Easel cannot open a thread here. Use /chat new in a text channel of a server that Easel "
    "is a member of, or in a direct message to it."
)
NO_NESTING = mark("A thread cannot be opened inside a thread. Use /chat new in the channel itself.")
FULL = mark(
    "Discord would not open a thread: this server may have too many open. Archive some, or write here."
)
BEGUN_ANEW = mark(
    "We begin anew: what was said before comes back only when you reply to it. What is on your mind?"
)
HEARS_ALL = mark("Everything said here is said to me, by whoever is here.")
HEARS_MENTIONS = mark(
    "Mention me or reply to me, and I answer whoever is here; of all else Discord shows me nothing."
)
EASEL_NEEDS = mark("Easel needs the permission “{permission}” in this channel to open a thread here.")
YOU_NEED = mark("You need the permission “{permission}” in this channel to open a thread here.")
GOODBYE = mark("Goodbye! This conversation is put away; whoever mentions me here wakes it.")


async def open_thread(interaction: Interaction, name: str, *, private: bool) -> discord.Thread:
    """Open a thread where somebody is and let them in; raise BadInput or NotAllowed where that cannot be."""
    channel = _parent(interaction)
    _require(interaction, private=private)
    kind = discord.ChannelType.private_thread if private else discord.ChannelType.public_thread
    if channel.is_news() and not private:
        kind = discord.ChannelType.news_thread
    try:
        thread = await channel.create_thread(
            name=visible(name)[:MOST_NAME] or tr(UNNAMED), type=kind, auto_archive_duration=ARCHIVE_MINUTES
        )
        await thread.add_user(interaction.user)
    except discord.Forbidden as error:
        raise NotAllowed(
            tr(EASEL_NEEDS, permission=tr(PRIVATE_THREADS) if private else tr("View Channel"))
        ) from error
    except discord.HTTPException as error:
        log.warning("no thread", status=error.status, code=error.code)
        raise BadInput(tr(FULL)) from error
    return thread


def greeting(topic: str, *, hears_all: bool) -> str:
    """Return the first words in a thread: what it is about, and how to speak to Easel in it."""
    if topic:
        about = tr("Let us talk about {topic}.", topic=plain(topic, MOST_NAME))
    else:
        about = tr("Hello! What is on your mind?")
    return f"{about} {tr(HEARS_ALL if hears_all else HEARS_MENTIONS)}"


def exported(turns: int, left_out: int, apart: int) -> str:
    """Say what is in a file to take along, and what is not."""
    said = trn(
        "Here is the conversation: {count} message.", "Here is the conversation: {count} messages.", turns
    )
    if left_out:
        files = trn(
            "{count} file is left out: too large, or not kept any more.",
            "{count} files are left out: too large, or not kept any more.",
            left_out,
        )
        said = f"{said} {files}"
    return f"{said}\n{covers.left_out(apart)}" if apart else said


async def put_away(thread: discord.Thread) -> None:
    """Archive a thread; where Discord does not let Easel, it is archived when a day has passed."""
    try:
        await thread.edit(archived=True)
    except discord.HTTPException as error:
        log.info("not archived", status=error.status, code=error.code)


async def rename(thread: discord.abc.MessageableChannel, title: str | None) -> None:
    """Give a thread the name that was found for it, if one was."""
    if title is None or not isinstance(thread, discord.Thread):
        return
    try:
        await thread.edit(name=visible(title)[:MOST_NAME])
    except discord.HTTPException as error:
        log.info("not renamed", status=error.status, code=error.code)


def _parent(interaction: Interaction) -> discord.TextChannel:
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        raise BadInput(tr(NO_NESTING))
    by_person_alone = interaction.is_user_integration() and not interaction.is_guild_integration()
    if not isinstance(channel, discord.TextChannel) or by_person_alone:
        raise BadInput(tr(NOT_HERE))
    return channel


def _require(interaction: Interaction, *, private: bool) -> None:
    """Raise NotAllowed, naming what is missing: to Easel, or to whoever asks."""
    name = tr(PRIVATE_THREADS) if private else tr("Create Public Threads")
    allowed, own = interaction.app_permissions, interaction.permissions
    may_open = allowed.create_private_threads if private else allowed.create_public_threads
    for is_there, permission in (
        (may_open, name),
        (allowed.send_messages_in_threads, tr("Send Messages in Threads")),
    ):
        if not is_there:
            raise NotAllowed(tr(EASEL_NEEDS, permission=permission))
    if not (own.create_private_threads if private else own.create_public_threads):
        raise NotAllowed(tr(YOU_NEED, permission=name))
