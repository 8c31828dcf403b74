"""Simulated people: what a person can do in Discord's client, with the checks that the client makes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sandbox.discord.entities import Channel, Command, Json, Message, Role, Upload, User
from sandbox.discord.interaction import Interaction

if TYPE_CHECKING:
    from sandbox.discord.world import World

OptionValue = str | int | float | bool | User | Role | Channel
FieldValue = str | bool | Sequence[str] | Sequence[Upload]


class ClientRefused(Exception):
    """Discord's client would not let the person do this; the message says why."""


class Person:
    """A user at their client, looking at one channel.

    Each act raises ClientRefused where the real client would not offer or allow it. Acts return as soon as
    the interaction was handed to the gateway: await `Interaction.first_response` and so on for what follows.
    """

    def __init__(self, world: "World", user: User, channel: Channel) -> None:
        self.world = world
        self.user = user
        self.channel = channel

    def at(self, channel: Channel | str) -> "Person":
        """Return the same user looking at another channel (its object, or its name; "dm" for the bot's DM)."""
        ...

    def commands(self, type: int = 1) -> list[Command]:
        """Return the commands offered here to this person: 1 slash, 2 user menu, 3 message menu; by name."""
        ...

    def messages(self) -> list[Message]:
        """Return what this person sees in the channel, oldest first."""
        ...

    async def slash(
        self,
        name: str,
        options: Mapping[str, OptionValue] | None = None,
        files: Mapping[str, Upload | tuple[str, bytes]] | None = None,
    ) -> Interaction:
        """Send a slash command; `name` may hold a subcommand ("styles add"), `files` are attachment options."""
        ...

    async def autocomplete(
        self,
        command: str,
        option: str,
        value: str,
        options: Mapping[str, OptionValue] | None = None,
        timeout_s: float = 3.0,
    ) -> list[Json]:
        """Type `value` into an option and return the choices the bot offers: `{"name": …, "value": …}` each."""
        ...

    async def press(self, message: Message, button: str) -> Interaction:
        """Press the button with that custom id or label."""
        ...

    async def select(
        self, message: Message, custom_id: str, values: Sequence[str | User | Role | Channel]
    ) -> Interaction:
        """Choose values of a select: its options' values, or users, roles, channels."""
        ...

    async def submit(self, interaction: Interaction, fields: Mapping[str, FieldValue]) -> Interaction:
        """Submit the modal that `interaction` opened; fields by custom id, the others keep their defaults.

        Text inputs and radio groups take a string, checkboxes a bool, selects and checkbox groups a list of
        values, file uploads a list of Upload.
        """
        ...

    async def message_menu(self, name: str, message: Message) -> Interaction:
        """Choose an app's command from a message's menu."""
        ...

    async def user_menu(self, name: str, user: User) -> Interaction:
        """Choose an app's command from a user's menu."""
        ...

    async def say(
        self,
        text: str = "",
        files: Sequence[Upload | tuple[str, bytes]] = (),
        reply_to: Message | None = None,
        ping: bool = True,
    ) -> Message:
        """Post a message in the channel."""
        ...

    async def delete(self, message: Message) -> None:
        """Delete a message: one's own, or with Manage Messages another's."""
        ...

    async def dismiss(self, message: Message) -> None:
        """Dismiss an ephemeral message: it is gone for this person, and the bot is not told."""
        ...
