"""The world of the sandbox: who is there, what was said, which commands exist, what the bot asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.discord import payloads
from sandbox.discord.clock import Changes, Clock, Snowflakes
from sandbox.discord.entities import (
    Attachment,
    Channel,
    ChannelType,
    Command,
    Guild,
    Json,
    Member,
    Message,
    Overwrite,
    RecordedRequest,
    Role,
    Upload,
    User,
)
from sandbox.discord.faults import Faults
from sandbox.discord.interaction import Interaction
from sandbox.discord.limits import RateLimits
from sandbox.discord.media import make_attachment, signed_url
from sandbox.discord.people import Person
from sandbox.discord.permissions import EVERYONE, Permission, may
from sandbox.discord.rendering import message_payload
from sandbox.discord.schemas import schemas

if TYPE_CHECKING:
    from sandbox.discord.gateway import Gateway

MIB = 1024 * 1024
Emit = Callable[[str, Channel | Guild | None, Json | Message], None]


class World:
    """Everything Discord would know. Build one with `default_world()`, or empty and add to it.

    `changed` wakes whoever waits (`await world.changed.until(predicate, timeout_s)`, or
    `async for version in world.changed.stream()`); `requests` is every REST request of the bot. `schemas`
    checks bodies against Discord's OpenAPI document where its path was given. `typing_until` maps a channel's
    id to when the bot stops typing there (the world's clock, POSIX seconds). `privileged_intents` are those
    switched on for the app.
    """

    def __init__(self, openapi: Path | None = None) -> None:
        self.changed = Changes()
        self.clock = Clock(self.changed.notify)
        self.ids = Snowflakes(self.clock)
        self.token = "sandbox.bot.token"  # noqa: S105 - it opens nothing but this sandbox
        self.base_url = "http://127.0.0.1:8400"
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.commands: dict[int, Command] = {}
        self.interactions: dict[int, Interaction] = {}
        self.attachments: dict[int, Attachment] = {}
        self.requests: list[RecordedRequest] = []
        self.typing_until: dict[int, float] = {}
        self.command_creates: dict[int, list[float]] = {}
        self.privileged_intents = 0
        self.upload_limit = 20 * MIB
        self.request_limit = 25 * MIB
        self.online_sessions = 0
        self.limits = RateLimits(self.clock)
        self.faults = Faults()
        self.schemas = schemas(openapi)
        self.gateway: Gateway | None = None
        self.emit: Emit = _to_nobody
        self.bot = self.add_user("Easel", is_bot=True)
        self.application_id = self.ids.next()  # not the account's id, as with applications of before 2017

    def add_user(self, name: str, *, is_bot: bool = False) -> User:
        """Add an account."""
        user = User(self.ids.next(), name.lower(), name, is_bot)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, owner: User, *, has_bot: bool = True) -> Guild:
        """Add a server with its owner in it and, unless told otherwise, the bot."""
        guild = Guild(self.ids.next(), name, owner, self.upload_limit, has_bot=has_bot)
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE)
        self.guilds[guild.id] = guild
        self.add_member(guild, owner)
        if has_bot:
            self.add_member(guild, self.bot)
            self.emit("GUILD_CREATE", guild, payloads.guild_create(guild, self.bot))
        return guild

    def take_bot_out(self, guild: Guild) -> None:
        """Let the bot be kicked; unlike an outage, that comes without the word `unavailable`."""
        self.emit("GUILD_DELETE", guild, {"id": str(guild.id)})
        guild.members.pop(self.bot.id, None)
        guild.has_bot = False

    def bring_bot_back(self, guild: Guild) -> None:
        """Let the bot be invited again."""
        guild.has_bot = True
        self.add_member(guild, self.bot)
        self.emit("GUILD_CREATE", guild, payloads.guild_create(guild, self.bot))

    def add_member(self, guild: Guild, user: User, *roles: Role) -> Member:
        """Let a user join a server."""
        member = Member(user, self.clock.now(), [role.id for role in roles])
        guild.members[user.id] = member
        self.changed.notify()
        return member

    def add_role(self, guild: Guild, name: str, permissions: int) -> Role:
        """Add a role to a server."""
        role = Role(self.ids.next(), name, permissions, position=len(guild.roles))
        guild.roles[role.id] = role
        created: Json = {"guild_id": str(guild.id), "role": payloads.role(role)}
        self.emit("GUILD_ROLE_CREATE", guild, created)
        return role

    def overwrite(self, channel: Channel, overwrite: Overwrite) -> None:
        """Allow or deny something in a channel, as somebody does in its settings."""
        channel.overwrites.append(overwrite)
        self.emit("CHANNEL_UPDATE", channel, payloads.channel(channel))
        self.changed.notify()

    def add_channel(
        self, guild: Guild, name: str, *, topic: str | None = None, is_nsfw: bool = False
    ) -> Channel:
        """Add a text channel to a server."""
        position = len(guild.channels)
        channel = Channel(
            self.ids.next(), ChannelType.TEXT, name, guild, topic, is_nsfw=is_nsfw, position=position
        )
        self._place(channel)
        self.emit("CHANNEL_CREATE", channel, payloads.channel(channel))
        return channel

    def add_thread(
        self,
        parent: Channel,
        name: str,
        owner: User,
        *,
        thread_id: int | None = None,
        is_private: bool = False,
    ) -> Channel:
        """Open a thread in a text channel; one opened from a message takes that message's id."""
        channel = Channel(
            thread_id or self.ids.next(),
            ChannelType.PRIVATE_THREAD if is_private else ChannelType.PUBLIC_THREAD,
            name,
            parent.guild,
            parent=parent,
            owner_id=owner.id,
            member_ids={owner.id},
        )
        self._place(channel)
        self.emit("THREAD_CREATE", channel, payloads.channel(channel) | {"newly_created": True})
        return channel

    def wake(self, channel: Channel) -> None:
        """Bring a thread back that was archived, as a new message in it does."""
        if channel.is_archived:
            channel.is_archived = False
            self.emit("THREAD_UPDATE", channel, payloads.channel(channel))

    def _place(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        if channel.guild is not None:
            channel.guild.channels[channel.id] = channel
        self.changed.notify()

    def user(self, name: str) -> User:
        """Return the user of that display name, or raise KeyError."""
        for user in self.users.values():
            if user.display_name == name:
                return user
        raise KeyError(name)

    def channel(self, name: str) -> Channel:
        """Return the server channel or thread of that name (with or without "#"), or raise KeyError."""
        for channel in self.channels.values():
            if channel.name == name.removeprefix("#") and not channel.is_direct:
                return channel
        raise KeyError(name)

    def person(self, name: str, channel: str | Channel = "studio") -> Person:
        """Return someone at their client; channel "dm" is their direct conversation with the bot."""
        user = self.user(name)
        if isinstance(channel, str):
            channel = self.direct_channel(user) if channel == "dm" else self.channel(channel)
        return Person(self, user, channel)

    def direct_channel(self, user: User) -> Channel:
        """Return the direct conversation of `user` and the bot, opened when first asked for."""
        for channel in self.channels.values():
            if channel.is_direct and user in channel.recipients:
                return channel
        channel = Channel(self.ids.next(), ChannelType.DM, "", recipients=[user, self.bot])
        self.channels[channel.id] = channel
        self.emit("CHANNEL_CREATE", channel, payloads.channel(channel))
        return channel

    def attach(self, channel: Channel, upload: Upload, *, description: str | None = None) -> Attachment:
        """Put a file on the CDN."""
        attachment = make_attachment(self.ids.next(), channel.id, upload, description)
        self.attachments[attachment.id] = attachment
        return attachment

    def attachment_url(self, attachment: Attachment) -> str:
        """Return a signed address of the file, good for one day of the world's time."""
        return signed_url(self.base_url, attachment, self.clock.now())

    def post(self, message: Message) -> None:
        """Put a message into its channel and tell everybody who may know."""
        message.channel.messages[message.id] = message
        if not message.is_ephemeral:
            self.emit("MESSAGE_CREATE", message.channel, message)
        self.changed.notify()

    def announce_edit(self, message: Message) -> None:
        """Tell everybody who may know that a message changed."""
        if not message.is_ephemeral:
            self.emit("MESSAGE_UPDATE", message.channel, message)
        self.changed.notify()

    def remove(self, message: Message) -> None:
        """Delete a message; its files are gone from the CDN too."""
        message.channel.messages.pop(message.id, None)
        message.is_deleted = True
        for attachment in message.attachments:
            self.attachments.pop(attachment.id, None)
        if not message.is_ephemeral:
            gone: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
            if message.channel.guild:
                gone["guild_id"] = str(message.channel.guild.id)
            self.emit("MESSAGE_DELETE", message.channel, gone)
        self.changed.notify()

    def visible_messages(self, user: User, channel: Channel) -> list[Message]:
        """Return what `user` sees there, oldest first, ephemeral ones and placeholders included."""
        if not may(user, channel, Permission.VIEW_CHANNEL):
            return []
        return [m for m in channel.messages.values() if m.ephemeral_for in (None, user)]

    def payload(self, message: Message) -> Json:
        """Return the message in Discord's JSON as clients get it: media resolved, addresses signed."""
        return message_payload(self, message)

    def is_bot_online(self) -> bool:
        """Tell whether a gateway session of the bot is connected and ready."""
        return self.online_sessions > 0

    def interaction_of(self, token: str) -> Interaction | None:
        """Return the interaction with that token."""
        return next((it for it in reversed(self.interactions.values()) if it.token == token), None)


def _to_nobody(event: str, place: Channel | Guild | None, data: Json | Message) -> None:
    """Send an event nowhere: no gateway serves this world yet."""


def default_world(openapi: Path | None = None) -> World:
    """Return the world newcomers meet: server "Easel Sandbox" with four channels.

    Ada and Grace are members, Linus moderates (Manage Server, Manage Messages); the bot may not attach files
    in #no-files, and members do not see #moderators.
    """
    world = World(openapi)
    ada, grace, linus = (world.add_user(name) for name in ("Ada", "Grace", "Linus"))
    host = world.add_user("Sandbox")
    guild = world.add_guild("Easel Sandbox", host)
    moderator = world.add_role(
        guild,
        "Moderator",
        int(Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS),
    )
    for user in (ada, grace):
        world.add_member(guild, user)
    world.add_member(guild, linus, moderator)
    world.add_channel(guild, "studio", topic="Ask Easel for a picture")
    world.add_channel(guild, "gallery-nsfw", topic="For adults", is_nsfw=True)
    no_files = world.add_channel(guild, "no-files", topic="Easel may not attach files here")
    no_files.overwrites.append(Overwrite(world.bot.id, is_member=True, deny=int(Permission.ATTACH_FILES)))
    back_room = world.add_channel(guild, "moderators", topic="For those who look after the server")
    unseen = int(Permission.VIEW_CHANNEL)
    back_room.overwrites += [
        Overwrite(guild.id, is_member=False, deny=unseen),
        Overwrite(moderator.id, is_member=False, allow=unseen),
        Overwrite(world.bot.id, is_member=True, allow=unseen),
    ]
    return world
