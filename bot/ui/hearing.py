"""What a message says to Easel: whether it is meant, by whom, with which words, pictures and files."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from itertools import dropwhile
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.domain.conversation import MENTION, Said, bare
from bot.domain.jobs import Origin
from bot.domain.quotations import Edition, Quotation
from bot.domain.requests import Requester
from bot.ui import parse, sources, subjects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.requests import Upload

TROUBLE = (discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)
JUST_NOW = timedelta(minutes=5)
QUOTE_HEAD = "(about a message of "
QUOTED = 2000
"""Characters of a message that is replied to."""


def is_meant(message: discord.Message, me: int, *, in_own_thread: bool) -> bool:
    """Tell whether a message is said to Easel.

    A mention is, a reply that pings, and everything in direct messages. In threads of their own and in
    replies without a ping it is so as well where Discord lets the words through (MESSAGE_CONTENT_INTENT).
    """
    if message.author.bot or message.type not in {discord.MessageType.default, discord.MessageType.reply}:
        return False
    if message.guild is None or any(user.id == me for user in message.mentions):
        return True
    has_words = bool(message.content or message.attachments or message.message_snapshots)
    return has_words and (in_own_thread or _author_of_replied(message) == me)


def may_be_meant(message: discord.Message) -> bool:
    """Tell whether a message stands in a thread, where it may be meant without more."""
    return isinstance(message.channel, discord.Thread) and not message.author.bot


def is_told(payload: discord.RawMessageUpdateEvent, *, hears_all: bool) -> bool:
    """Tell whether Discord says what an edited message holds: an empty one may be kept back, or be empty.

    Without the Message Content intent it keeps back words and files, all of them, of messages in servers that
    do not mention Easel.
    """
    message = payload.message
    has_any = bool(message.content or message.attachments or message.embeds or message.components)
    return has_any or hears_all or "guild_id" not in payload.data


def is_taken_back(message: discord.Message, now: datetime) -> bool:
    """Tell whether a message that Discord keeps back was edited just now so that it mentions Easel no more.

    What it says now cannot be read by any way. A reply to one of Easel's messages may be kept back since it
    pings no more. What is told of a message for another reason names no edit, or one of before.
    """
    if message.edited_at is None or now - message.edited_at > JUST_NOW:
        return False
    return message.type is not discord.MessageType.reply


def said(message: discord.Message, me: int, *, goes_on: bool) -> Said:
    """Return what a message says, without the mention of Easel, with what it replies to."""
    words = _named(re.sub(rf"<@!?{me}>", "", message.content), message).strip()
    uploads = [parse.upload(one) for one in attachments(message)]
    if message.message_snapshots:
        words = _with_quote(words, message)
    replied = _replied(message)
    begun: int | None = None
    about: Quotation | None = None
    brought: list[Upload] = []
    if replied is not None and replied.author.id == me:
        begun = sources.of_message(replied, me).job_id
    elif replied is not None:
        brought = _brought(replied, uploads, me)
        about = quotation(replied, has_files=bool(brought))
    return Said(
        text=words,
        name=message.author.display_name,
        message_id=message.id,
        uploads=tuple(uploads),
        quotation=about,
        brought=tuple(brought),
        replied_to=_reference(message),
        begun=begun,
        to_easel=replied is not None and replied.author.id == me,
        question=_reference(replied),
        goes_on=goes_on,
    )


def attachments(message: discord.Message) -> list[discord.Attachment]:
    """Return the files of a message, and of what it forwards."""
    forwarded = (one.attachments for one in message.message_snapshots)
    return [one for some in (message.attachments, *forwarded) for one in some]


def locale(message: discord.Message) -> str | None:
    """Return the language of the server that a message stands in; None where nobody said which."""
    return None if message.guild is None else message.guild.preferred_locale.value


def requester(message: discord.Message, me: int) -> Requester:
    """Return who speaks and where; what they reply to they have in view."""
    author, shown = message.author, sources.jobs_of(_replied(message), me)
    if message.guild is None or not isinstance(author, discord.Member):
        return Requester(author.id, None, message.channel.id, shown=shown, is_alone=message.guild is None)
    permissions = message.channel.permissions_for(author)
    return Requester(
        user_id=author.id,
        guild_id=message.guild.id,
        channel_id=message.channel.id,
        role_ids=frozenset(role.id for role in author.roles),
        may_moderate=permissions.manage_messages,
        may_manage=permissions.manage_guild,
        sees=partial(parse.sees, message.guild, author, message.channel.id),
        opens=partial(parse.opens, message.guild, message.channel.id),
        parent_id=parse.parent(message.channel),
        shown=shown,
        rank=subjects.rank(author),
        is_among_adults=parse.is_for_adults(message.channel),
    )


async def recalled(client: discord.Client, user_id: int, guild_id: int | None, channel_id: int) -> Requester:
    """Return who spoke before a restart, and where, as far as Discord still tells."""
    guild = client.get_guild(guild_id) if guild_id is not None else None
    if guild is None:
        return Requester(user_id, guild_id, channel_id)
    channel = guild.get_channel_or_thread(channel_id)
    parent_id, is_among_adults = parse.parent(channel), parse.is_for_adults(channel)
    try:
        member = await guild.fetch_member(user_id)
    except (discord.HTTPException, *TROUBLE):
        return Requester(user_id, guild_id, channel_id, parent_id=parent_id, is_among_adults=is_among_adults)
    return Requester(
        user_id,
        guild_id,
        channel_id,
        frozenset(role.id for role in member.roles),
        parent_id=parent_id,
        is_among_adults=is_among_adults,
        rank=subjects.rank(member),
    )


def no_way() -> Origin:
    """Return where an answer to a message goes: below it, which needs no way of its own."""
    return Origin(application_id=0, token="", token_expires_at=discord.utils.utcnow(), upload_limit_bytes=0)


def origin(message: discord.Message | discord.PartialMessage, application_id: int) -> Origin:
    """Return where pictures go that a message asks for: there is no token, only the channel."""
    now = discord.utils.utcnow()
    may_post = message.guild is None or _may_post(message, message.guild)
    limit = message.guild.filesize_limit if message.guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
    return Origin(
        application_id=application_id,
        token="",
        token_expires_at=now,
        upload_limit_bytes=limit,
        can_post_in_channel=may_post,
    )


def _may_post(message: discord.Message | discord.PartialMessage, guild: discord.Guild) -> bool:
    channel = guild.get_channel_or_thread(message.channel.id)
    if channel is None:
        return True  # not known here: Discord says no where it means no
    allowed = channel.permissions_for(guild.me)
    sends = allowed.send_messages_in_threads if isinstance(channel, discord.Thread) else allowed.send_messages
    return allowed.view_channel and sends and allowed.attach_files


def _replied(message: discord.Message) -> discord.Message | None:
    """Return the message that is replied to, where Discord sends it along."""
    resolved = message.reference.resolved if message.reference is not None else None
    return resolved if isinstance(resolved, discord.Message) else None


def _reference(message: discord.Message | None) -> int | None:
    return None if message is None or message.reference is None else message.reference.message_id


def _author_of_replied(message: discord.Message) -> int | None:
    replied = _replied(message)
    return None if replied is None else replied.author.id


def messages(message: discord.Message) -> tuple[int, ...]:
    """Return a message and what it replies to: what becomes of them matters while it is heard."""
    return tuple(one for one in (message.id, _reference(message)) if one is not None)


def quotation(message: discord.Message, *, has_files: bool) -> Quotation | None:
    """Return a message as it is quoted, or None where it has neither words nor files to see."""
    words = quoted(message)
    if not words and not has_files:
        return None
    return Quotation(message.id, message.author.id, words, message.edited_at)


def edition(message: discord.Message, me: int, *, is_told: bool) -> Edition | None:
    """Return what an edit leaves of a message that may be quoted; None where it was not edited.

    Where Discord does not tell, that is nothing.
    """
    if message.edited_at is None:
        return None
    left = sources.of_message(message, me, with_documents=True).uploads if is_told else ()
    return Edition(
        message.id,
        message.channel.id,
        quoted(message) if is_told else "",
        message.edited_at,
        frozenset(one.attachment_id for one in left if one.attachment_id is not None),
        frozenset(one.filename for one in left if one.attachment_id is None),
    )


def quoted(message: discord.Message) -> str:
    """Return the words of a message, or of what it forwards, as a quotation; empty where there are none."""
    forwarded = "\n".join(one.content for one in message.message_snapshots)
    text = _named(forwarded or message.content, message)[:QUOTED].strip()
    if not text:
        return ""
    quote = "\n".join(f"> {line}" for line in text.splitlines())
    name = bare(message.author.display_name)
    return f"{QUOTE_HEAD}{name}{', forwarded' if forwarded else ''}:)\n{quote}"


def unquoted(text: str) -> str:
    """Return what was asked, without the quotation that `quoted` put before it."""
    first, *others = text.splitlines() or [""]
    if not first.startswith(QUOTE_HEAD):
        return text
    return "\n".join(dropwhile(lambda line: line.startswith("> "), others))


def _named(text: str, message: discord.Message) -> str:
    """Name the people that words mention as Discord shows them: ids are nothing for whoever reads them."""
    names = {str(user.id): f"@{bare(user.display_name)}" for user in message.mentions}
    return MENTION.sub(lambda mention: names.get(mention[1], mention[0]), text)


def _with_quote(words: str, message: discord.Message) -> str:
    """Put what a message forwards before its words, marked as somebody else's."""
    quote = quoted(message)
    return f"{quote}\n{words}" if quote else words


def _brought(replied: discord.Message, own: Sequence[Upload], me: int) -> list[Upload]:
    """Return the files of the message that is replied to, as many as there is room for."""
    room = max(0, 10 - len(own))
    return list(sources.of_message(replied, me, with_documents=True).uploads[:room])
