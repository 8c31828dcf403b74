"""The world of the sandbox: who is there, what was said, which commands exist, what the bot asked for."""

from sandbox.discord.clock import Changes, Clock
from sandbox.discord.entities import Attachment, Channel, Command, Guild, Json, Message, RecordedRequest, User
from sandbox.discord.interaction import Interaction
from sandbox.discord.people import Person


class World:
    """Everything Discord would know. Build one with `default_world()`, or empty and add to it.

    `changed` wakes whoever waits (`await world.changed.until(predicate, timeout_s)`, or
    `async for version in world.changed.stream()`); `requests` is every REST request of the bot.
    """

    clock: Clock
    changed: Changes
    bot: User
    token: str
    application_id: int
    base_url: str
    users: dict[int, User]
    guilds: dict[int, Guild]
    channels: dict[int, Channel]
    commands: dict[int, Command]
    interactions: dict[int, Interaction]
    attachments: dict[int, Attachment]
    requests: list[RecordedRequest]
    typing_until: dict[int, float]
    """Channel id → when the bot stops typing there (the world's clock, POSIX seconds)."""

    def user(self, name: str) -> User:
        """Return the user of that display name, or raise KeyError."""
        ...

    def channel(self, name: str) -> Channel:
        """Return the server channel or thread of that name (with or without "#"), or raise KeyError."""
        ...

    def person(self, name: str, channel: str | Channel = "studio") -> Person:
        """Return someone at their client; channel "dm" is their direct conversation with the bot."""
        ...

    def direct_channel(self, user: User) -> Channel:
        """Return the direct conversation of `user` and the bot, opened when first asked for."""
        ...

    def visible_messages(self, user: User, channel: Channel) -> list[Message]:
        """Return what `user` sees there, oldest first: ephemeral ones and "thinking…" placeholders included."""
        ...

    def payload(self, message: Message) -> Json:
        """Return the message in Discord's JSON, as clients get it: media resolved, addresses freshly signed."""
        ...

    def attachment_url(self, attachment: Attachment) -> str:
        """Return a signed address of the file, good for one day of the world's time."""
        ...

    def is_bot_online(self) -> bool:
        """Tell whether a gateway session of the bot is connected and ready."""
        ...


def default_world() -> World:
    """Return the world newcomers meet: server "Easel Sandbox" with #studio, #gallery-nsfw and #no-files.

    Ada and Grace are members, Linus moderates (Manage Server, Manage Messages); the bot may not attach files
    in #no-files.
    """
    ...
