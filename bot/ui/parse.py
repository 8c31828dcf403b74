"""From Discord's interactions to Easel's values."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.domain.hierarchy import LOWEST
from bot.domain.jobs import Origin
from bot.domain.requests import FORMATS, Requester, Upload
from bot.errors import BadInput, NotFound
from bot.texts import tr
from bot.ui import sources, subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    Interaction = discord.Interaction[discord.Client]


SLASH = discord.AppCommandType.chat_input.value
MANAGE = "manage"
"""The command of moderators."""
TOKEN_LIFE = timedelta(minutes=15)
"""How long Discord takes answers to an interaction; counted on our own clock, as it is checked by it."""


def requester(interaction: Interaction) -> Requester:
    """Return who asks and where. A server counts only where the bot is a member of it."""
    user = interaction.user
    in_guild = _is_member(interaction)
    roles = [role.id for role in user.roles] if isinstance(user, discord.Member) else []
    permissions = interaction.permissions
    return Requester(
        user_id=user.id,
        guild_id=interaction.guild_id if in_guild else None,
        channel_id=interaction.channel_id or 0,
        role_ids=frozenset(roles),
        may_moderate=in_guild and permissions.manage_messages,
        may_manage=in_guild and permissions.manage_guild,
        parent_id=parent(interaction.channel),
        sees=partial(_sees, interaction),
        opens=partial(_opens, interaction),
        is_alone=interaction.guild_id is None and interaction.context.dm_channel,
        is_among_adults=is_for_adults(interaction.channel),
        rank=subjects.rank(user) if in_guild and isinstance(user, discord.Member) else LOWEST,
        uses_manage=in_guild and _uses_manage(interaction),
        shown=sources.jobs_of(interaction.message, me(interaction.client)),
    )


def me(client: discord.Client) -> int:
    """Return the id of Easel's account, which is not its application's where that is old."""
    return client.user.id if client.user is not None else client.application_id or 0


def origin(interaction: Interaction) -> Origin:
    """Return where the answer goes: the interaction while its token lives, then the channel."""
    allowed = interaction.app_permissions
    may_post = _is_member(interaction) or (interaction.guild_id is None and interaction.context.dm_channel)
    sends = allowed.send_messages_in_threads if _in_thread(interaction) else allowed.send_messages
    return Origin(
        application_id=interaction.application_id,
        token=interaction.token,
        token_expires_at=discord.utils.utcnow() + TOKEN_LIFE,
        upload_limit_bytes=interaction.filesize_limit,
        can_post_in_channel=may_post and (interaction.guild_id is None or (sends and allowed.attach_files)),
    )


def parent(channel: object) -> int | None:
    """Return the channel that a thread is in; None for what is no thread."""
    return channel.parent_id if isinstance(channel, discord.Thread) else None


def is_for_adults(channel: object) -> bool:
    """Tell whether a channel is age-restricted; a thread is where its channel is."""
    is_nsfw = getattr(channel, "is_nsfw", None)
    return bool(is_nsfw and is_nsfw())


def upload(attachment: discord.Attachment) -> Upload:
    """Return an attachment as Discord describes it."""
    return Upload(attachment.url, sources.called(attachment), attachment.size, attachment.id)


def file_format(said: str | None) -> str | None:
    """Return the format that somebody typed, or raise BadInput where pictures cannot be had in it."""
    if said is None:
        return None
    known = {"jpg": "jpeg", **{one: one for one in FORMATS}}
    if (found := known.get(said.strip().lower())) is None:
        raise BadInput(tr("Pictures come as png, jpeg or webp. Choose one of these formats."))
    return found


def given(interaction: Interaction) -> frozenset[str]:
    """Return the names of the options that somebody filled in."""
    return frozenset(name for name, _ in interaction.namespace)


def number(arguments: Sequence[str], *, most: int = 2**63 - 1) -> int:
    """Return the number that a press carries first; NotFound where it carries none, or one over `most`."""
    if not arguments or not arguments[0].isdecimal() or int(arguments[0]) > most:
        raise NotFound(tr("This is not here any more. Start again."))
    return int(arguments[0])


def sees(guild: discord.Guild, member: discord.Member, here: int, channel_id: int) -> bool:
    """Tell whether a member can see a channel of their server; a private thread only from inside.

    What Discord shows to adults alone is seen from such a channel only.
    """
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None or (isinstance(channel, discord.Thread) and channel.is_private()):
        return False
    stands_in = guild.get_channel_or_thread(here)
    if channel.is_nsfw() and (stands_in is None or not stands_in.is_nsfw()):
        return False
    return channel.permissions_for(member).view_channel


def opens(guild: discord.Guild, here: int, channel_id: int) -> bool:
    """Tell whether everybody in a server can see a channel of it; a private thread, none but those inside."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None or (isinstance(channel, discord.Thread) and channel.is_private()):
        return False
    stands_in = guild.get_channel_or_thread(here)
    if channel.is_nsfw() and (stands_in is None or not stands_in.is_nsfw()):
        return False
    return channel.permissions_for(guild.default_role).view_channel


def _opens(interaction: Interaction, channel_id: int) -> bool:
    guild = interaction.guild
    return guild is not None and opens(guild, interaction.channel_id or 0, channel_id)


def _sees(interaction: Interaction, channel_id: int) -> bool:
    guild, member = interaction.guild, interaction.user
    here = interaction.channel_id or 0
    return guild is not None and isinstance(member, discord.Member) and sees(guild, member, here, channel_id)


def _is_member(interaction: Interaction) -> bool:
    """Tell whether the bot is in the server, and not only brought along by a person."""
    by_person_alone = interaction.is_user_integration() and not interaction.is_guild_integration()
    return interaction.guild_id is not None and not by_person_alone


def _uses_manage(interaction: Interaction) -> bool:
    """Tell whether somebody uses /manage itself, and not a button or a form that came of it."""
    data = cast("dict[str, Any]", interaction.data or {})
    is_command = interaction.type is discord.InteractionType.application_command
    return is_command and data.get("type") == SLASH and data.get("name") == MANAGE


def _in_thread(interaction: Interaction) -> bool:
    return isinstance(interaction.channel, discord.Thread)
