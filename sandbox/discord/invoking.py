"""Builds interactions as Discord sends them to the bot, complete, and hands them to the gateway."""

import asyncio
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from sandbox.discord import payloads
from sandbox.discord.answers import owners
from sandbox.discord.composing import upload_limit
from sandbox.discord.entities import Attachment, Channel, Command, Json, Message, Role, User
from sandbox.discord.interaction import FIRST_RESPONSE, Interaction, InteractionType
from sandbox.discord.media import attachment_payload
from sandbox.discord.permissions import permissions
from sandbox.discord.rendering import message_payload

if TYPE_CHECKING:
    from sandbox.discord.world import World

IN_GUILD, IN_BOT_DM = 0, 1


class Resolved:
    """Collects what an interaction's ids stand for."""

    def __init__(self, world: "World", user: User, channel: Channel) -> None:
        self._world = world
        self._user = user
        self._channel = channel
        self.data: Json = {}

    def add(self, thing: "User | Role | Channel | Message | Attachment") -> str:
        """Note one thing and return its id."""
        key = str(thing.id)
        if isinstance(thing, User):
            self.data.setdefault("users", {})[key] = payloads.user(thing)
            self._add_member(thing)
        elif isinstance(thing, Role):
            self.data.setdefault("roles", {})[key] = payloads.role(thing)
        elif isinstance(thing, Channel):
            self.data.setdefault("channels", {})[key] = channel_payload(thing, self._user)
        elif isinstance(thing, Message):
            self.data.setdefault("messages", {})[key] = message_payload(self._world, thing)
        else:
            payload = attachment_payload(thing, self._world.attachment_url(thing))
            self.data.setdefault("attachments", {})[key] = payload
        return key

    def _add_member(self, user: User) -> None:
        guild = self._channel.guild
        if guild is None or user.id not in guild.members:
            return
        member = payloads.member(guild.members[user.id], with_user=False)
        del member["deaf"], member["mute"]
        member["permissions"] = str(permissions(user, self._channel))
        self.data.setdefault("members", {})[str(user.id)] = member


def channel_payload(channel: Channel, user: User) -> Json:
    """Return a channel as interactions carry it: with the permissions of who looks at it."""
    return payloads.channel(channel) | {"permissions": str(permissions(user, channel))}


def open_interaction(
    world: "World",
    user: User,
    channel: Channel,
    kind: int,
    data: Json,
    *,
    command: Command | None = None,
    source: Message | None = None,
    parent: Interaction | None = None,
) -> Interaction:
    """Start an interaction and send it to the bot."""
    interaction = Interaction(
        world=world,
        id=world.ids.next(),
        token=token_urlsafe(48),
        type=kind,
        data=data,
        user=user,
        channel=channel,
        created_at=world.clock.now(),
        command=command,
        parent=parent,
        source=source,
        is_user_installed=channel.guild is not None and not channel.guild.has_bot,
    )
    world.interactions[interaction.id] = interaction
    world.emit("INTERACTION_CREATE", channel, payload(interaction))
    world.changed.notify()
    # Whoever watches learns that nothing came: silence changes the world too.
    late = FIRST_RESPONSE.total_seconds() + 0.01
    asyncio.get_running_loop().call_later(late, world.changed.notify)
    return interaction


def payload(interaction: Interaction) -> Json:
    """Return INTERACTION_CREATE for this interaction."""
    world, user, channel = interaction.world, interaction.user, interaction.channel
    guild = channel.guild
    granted_by = user if interaction.is_user_installed else world.bot
    result: Json = {
        "id": str(interaction.id),
        "application_id": str(world.application_id),
        "type": interaction.type,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel_payload(channel, user),
        "app_permissions": str(permissions(granted_by, channel)),
        "locale": user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners(interaction),
        "context": IN_GUILD if guild else IN_BOT_DM,
        "attachment_size_limit": upload_limit(world, channel),
    }
    if interaction.source is not None and interaction.type != InteractionType.AUTOCOMPLETE:
        result["message"] = message_payload(world, interaction.source)
    if guild is None:
        return result | {"user": payloads.user(user)}
    member = payloads.member(guild.members[user.id]) | {"permissions": str(permissions(user, channel))}
    return result | {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        "guild_locale": guild.locale,
        "member": member,
    }
