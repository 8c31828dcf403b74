"""One REST request on its way through the sandbox, and the table entry that answers it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from sandbox.discord.entities import Channel, Guild, Json, Message, Upload
from sandbox.discord.permissions import Permission, may
from sandbox.discord.refusals import (
    Refusal,
    missing_access,
    missing_permissions,
    unknown_channel,
    unknown_message,
)

if TYPE_CHECKING:
    from sandbox.discord.world import World

Answer = Json | list[Json] | None


@dataclass(slots=True)
class Call:
    """A parsed request: `body` is its JSON (or `payload_json`), `files` its uploads by their index."""

    world: "World"
    params: dict[str, str]
    query: dict[str, str]
    body: object = None
    files: dict[int, Upload] = field(default_factory=dict[int, Upload])

    def id(self, name: str) -> int:
        """Return an id of the path, or refuse what is none."""
        value = self.params[name]
        if not value.isdigit():
            raise Refusal(400, 50035, "Invalid Form Body")
        return int(value)

    def flag(self, name: str) -> bool:
        """Tell whether a query parameter is set."""
        return self.query.get(name, "").lower() in ("1", "true")

    def json_object(self) -> Json:
        """Return the body, which must be an object."""
        body = self.body
        if not isinstance(body, dict):
            raise Refusal(400, 50109, "The request body contains invalid JSON.")
        return cast("Json", body)

    def channel(self, *permissions: Permission) -> Channel:
        """Return the channel of the path; refuse what the bot cannot see or may not do there."""
        channel = self.world.channels.get(self.id("channel_id"))
        if channel is None:
            raise unknown_channel()
        if channel.guild is not None and not channel.guild.has_bot:
            raise missing_access()
        if not may(self.world.bot, channel, Permission.VIEW_CHANNEL):
            raise missing_access()
        for permission in permissions:
            if not may(self.world.bot, channel, permission):
                raise missing_permissions()
        return channel

    def message(self, channel: Channel) -> Message:
        """Return the message of the path; ephemeral ones cannot be reached through their channel."""
        message = channel.messages.get(self.id("message_id"))
        if message is None or message.is_ephemeral:
            raise unknown_message()
        return message

    def guild(self) -> Guild:
        """Return the server of the path, which the bot must be in."""
        guild = self.world.guilds.get(self.id("guild_id"))
        if guild is None:
            raise Refusal(404, 10004, "Unknown Guild")
        if not guild.has_bot:
            raise missing_access()
        return guild


@dataclass(slots=True, frozen=True)
class Endpoint:
    """A route: its path is the OpenAPI document's own template, `kind` and `major` name its rate limit."""

    method: str
    path: str
    act: Callable[[Call], Answer]
    kind: str = "other"
    major: str = ""
    needs_token: bool = True
