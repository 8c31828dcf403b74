"""What a world consists of: people, servers, channels, messages and their files."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

Json = dict[str, Any]


class ChannelType:
    """Discord's numbers for the kinds of channel the sandbox has."""

    TEXT = 0
    DM = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class MessageFlag:
    """Bits of a message's `flags`."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


class Upload(NamedTuple):
    """A file that somebody sends: its name, its bytes and what it claims to be."""

    filename: str
    content: bytes
    content_type: str | None = None


@dataclass(slots=True, eq=False)
class User:
    """An account: a person, or the bot itself."""

    id: int
    username: str
    display_name: str
    is_bot: bool = False
    locale: str = "en-US"
    accepts_direct_messages: bool = True


@dataclass(slots=True, eq=False)
class Role:
    """A role of a server; permissions are Discord's bits."""

    id: int
    name: str
    permissions: int
    position: int = 0
    color: int = 0


@dataclass(slots=True, eq=False)
class Overwrite:
    """What a channel allows or denies to one role or member, whatever their roles say."""

    target_id: int
    is_member: bool
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Member:
    """A user in a server."""

    user: User
    joined_at: datetime
    role_ids: list[int] = field(default_factory=list[int])
    nick: str | None = None


@dataclass(slots=True, eq=False)
class Channel:
    """A text channel, a thread, or a direct conversation: without a server, with two `recipients`."""

    id: int
    type: int
    name: str
    guild: "Guild | None" = None
    topic: str | None = None
    is_nsfw: bool = False
    position: int = 0
    parent: "Channel | None" = None
    owner_id: int | None = None
    recipients: list[User] = field(default_factory=list[User])
    overwrites: list[Overwrite] = field(default_factory=list[Overwrite])
    messages: "dict[int, Message]" = field(default_factory=dict[int, "Message"])
    is_archived: bool = False
    auto_archive_minutes: int = 1440
    member_ids: set[int] = field(default_factory=set[int])
    """Who is in a thread; a private one is seen by those alone, and by who manages threads."""

    @property
    def is_direct(self) -> bool:
        """Tell whether this is a direct conversation."""
        return self.type == ChannelType.DM

    @property
    def is_thread(self) -> bool:
        """Tell whether this is a thread."""
        return self.type in {ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD}


@dataclass(slots=True, eq=False)
class Guild:
    """A server. `upload_limit` is bytes of one file; without the app installed `has_bot` is False."""

    id: int
    name: str
    owner: User
    upload_limit: int
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])
    has_bot: bool = True
    locale: str = "en-US"
    command_permissions: dict[int, dict[tuple[int, int], bool]] = field(
        default_factory=dict[int, dict[tuple[int, int], bool]]
    )
    """What was set for commands, by the command's or the app's id."""

    def role(self, name: str) -> Role:
        """Return the role of that name, or raise KeyError."""
        for role in self.roles.values():
            if role.name == name:
                return role
        raise KeyError(name)


@dataclass(slots=True, eq=False)
class Attachment:
    """A file kept by the CDN. Ephemeral ones were given with a command or a modal."""

    id: int
    channel_id: int
    filename: str
    content: bytes
    content_type: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    is_ephemeral: bool = False
    is_spoiler: bool = False
    title: str | None = None
    """The name without its ending, where it holds more than ASCII."""

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return len(self.content)


@dataclass(slots=True, eq=False)
class Message:
    """A message as the server keeps it.

    `components` and `embeds` are kept as they were sent (`attachment://…`); `World.payload` gives the form
    that clients see, with signed addresses.
    """

    id: int
    channel: Channel
    author: User
    content: str
    created_at: datetime
    type: int = 0
    flags: int = 0
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    edited_at: datetime | None = None
    reply_to: "Message | None" = None
    pings_reply: bool = True
    mentions: list[User] = field(default_factory=list[User])
    mention_role_ids: list[int] = field(default_factory=list[int])
    mentions_everyone: bool = False
    nonce: str | int | None = None
    ephemeral_for: User | None = None
    interaction: Json | None = None
    poll: Json | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    thread: Channel | None = None
    is_webhook: bool = False
    is_deleted: bool = False
    is_pinned: bool = False

    @property
    def is_ephemeral(self) -> bool:
        """Tell whether one person alone sees it."""
        return self.ephemeral_for is not None

    @property
    def is_thinking(self) -> bool:
        """Tell whether it is the placeholder "… is thinking"."""
        return bool(self.flags & MessageFlag.LOADING)

    @property
    def is_v2(self) -> bool:
        """Tell whether it is made of Components V2."""
        return bool(self.flags & MessageFlag.COMPONENTS_V2)


@dataclass(slots=True, eq=False)
class Command:
    """An application command as the bot registered it; `guild_id` is None for a global one."""

    id: int
    name: str
    type: int
    payload: Json
    guild_id: int | None = None


@dataclass(slots=True, frozen=True)
class RecordedFile:
    """A file the bot uploaded."""

    filename: str
    content: bytes
    content_type: str


@dataclass(slots=True)
class RecordedRequest:
    """One REST request of the bot and how it was answered, for audits.

    `path` starts after `/api/v10`; `payload` is the parsed JSON body (of a multipart request: its
    `payload_json`); `error` is Discord's JSON error where the answer was one.
    """

    at: datetime
    method: str
    path: str
    query: dict[str, str]
    payload: Any = None
    files: list[RecordedFile] = field(default_factory=list[RecordedFile])
    status: int = 0
    error: Json | None = None
