"""Simulated people: what a person can do in Discord's client, with the checks that the client makes."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sandbox.discord import client
from sandbox.discord.client import ClientRefused, OptionValue, as_upload
from sandbox.discord.composing import upload_limit
from sandbox.discord.entities import Attachment, Channel, Command, Json, Message, Role, Upload, User
from sandbox.discord.forms import Choosable, FieldValue, Form
from sandbox.discord.interaction import Interaction, InteractionType
from sandbox.discord.invoking import Resolved, open_interaction
from sandbox.discord.mentions import mark_everything
from sandbox.discord.permissions import Permission, may

if TYPE_CHECKING:
    from sandbox.discord.world import World

__all__ = ["ClientRefused", "FieldValue", "OptionValue", "Person"]

FASTEST_FORM_S = 0.25
SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
Files = Mapping[str, Upload | tuple[str, bytes]]


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
        """Return the same user looking at another channel, given as object or name ("dm" for the bot's)."""
        return self.world.person(self.user.display_name, channel)

    def commands(self, kind: int = SLASH) -> list[Command]:
        """Return the commands offered here to this person: 1 slash, 2 user menu, 3 message menu; by name."""
        return client.offered(self.world, self.user, self.channel, kind)

    def messages(self) -> list[Message]:
        """Return what this person sees in the channel, oldest first."""
        return self.world.visible_messages(self.user, self.channel)

    async def slash(
        self, name: str, options: Mapping[str, OptionValue] | None = None, files: Files | None = None
    ) -> Interaction:
        """Send a slash command; `name` may hold a subcommand ("styles add"), `files` fill file options."""
        command, data = self._slash_data(name, options or {}, files or {}, focused=None)
        return self._open(InteractionType.COMMAND, data, command=command)

    async def autocomplete(
        self,
        command: str,
        option: str,
        value: str,
        options: Mapping[str, OptionValue] | None = None,
        timeout_s: float = 3.0,
    ) -> list[Json]:
        """Type `value` into an option and return the choices the bot offers: `{"name": …, "value": …}` each.

        Raises NoResponse when the bot does not answer.
        """
        found, data = self._slash_data(command, {**(options or {}), option: value}, {}, focused=option)
        interaction = self._open(InteractionType.AUTOCOMPLETE, data, command=found)
        response = await interaction.first_response(timeout_s)
        return response.choices or []

    async def press(self, message: Message, button: str) -> Interaction:
        """Press the button with that custom id or label."""
        client.check_visible(message, self.user)
        found = client.find_button(message, button)
        data = {"component_type": 2, "custom_id": found["custom_id"], "id": found["id"]}
        return self._open(InteractionType.COMPONENT, data, source=message)

    async def select(self, message: Message, custom_id: str, values: Sequence[Choosable]) -> Interaction:
        """Choose values of a select: its options' values, or users, roles, channels."""
        client.check_visible(message, self.user)
        found = client.find_select(message, custom_id)
        resolved = Resolved(self.world, self.user, self.channel)
        chosen = [value if isinstance(value, str) else resolved.add(value) for value in values]
        client.check_selected(found, chosen)
        data: Json = {
            "component_type": found["type"],
            "custom_id": custom_id,
            "id": found["id"],
            "values": chosen,
        }
        if resolved.data:
            data["resolved"] = resolved.data
        return self._open(InteractionType.COMPONENT, data, source=message)

    async def submit(self, interaction: Interaction, fields: Mapping[str, FieldValue]) -> Interaction:
        """Submit the modal that `interaction` opened; fields by custom id, the others keep their defaults.

        Text inputs and radio groups take a string, checkboxes a bool, selects and checkbox groups a list of
        values, file uploads a list of Upload.
        """
        if interaction.modal is None or interaction.user is not self.user:
            raise ClientRefused("There is no form to submit.")
        await self._fill_in(interaction)
        form = Form(self.world, self.user, self.channel, interaction.modal)
        data = form.submit(fields)
        return self._open(InteractionType.MODAL_SUBMIT, data, source=interaction.source, parent=interaction)

    async def message_menu(self, name: str, message: Message) -> Interaction:
        """Choose an app's command from a message's menu."""
        client.check_visible(message, self.user)
        if message.is_ephemeral:
            raise ClientRefused("The menu of an ephemeral message has no apps.")
        return self._menu(MESSAGE_MENU, name, message)

    async def user_menu(self, name: str, user: User) -> Interaction:
        """Choose an app's command from a user's menu."""
        return self._menu(USER_MENU, name, user)

    async def say(
        self,
        text: str = "",
        files: Sequence[Upload | tuple[str, bytes]] = (),
        reply_to: Message | None = None,
        ping: bool = True,
    ) -> Message:
        """Post a message in the channel; `ping` is the reply's "@ ON"."""
        uploads = [as_upload(file) for file in files]
        self._check_saying(text, uploads, reply_to)
        message = Message(self.world.ids.next(), self.channel, self.user, text, self.world.clock.now())
        message.attachments = [self.world.attach(self.channel, upload) for upload in uploads]
        if reply_to is not None:
            message.type, message.reply_to, message.pings_reply = 19, reply_to, ping
        mark_everything(self.world, message)
        self.world.wake(self.channel)
        self.world.post(message)
        return message

    async def edit(self, message: Message, text: str, keep: Sequence[Attachment] | None = None) -> None:
        """Change one's own message: its words, and which of its files stay; none can be added."""
        client.check_visible(message, self.user)
        if message.author is not self.user or message.is_ephemeral:
            raise ClientRefused("You cannot edit this message.")
        kept = [one for one in message.attachments if keep is None or one in keep]
        if not text.strip() and not kept:
            raise ClientRefused("An empty message has to be deleted.")
        for attachment in message.attachments:
            if attachment not in kept:
                self.world.attachments.pop(attachment.id, None)
        message.content, message.attachments = text, kept
        message.edited_at = self.world.clock.now()
        mark_everything(self.world, message)
        self.world.announce_edit(message)

    async def delete(self, message: Message) -> None:
        """Delete a message: one's own, or with Manage Messages another's."""
        client.check_visible(message, self.user)
        moderates = self.channel.guild is not None and may(
            self.user, message.channel, Permission.MANAGE_MESSAGES
        )
        if message.is_ephemeral or (message.author is not self.user and not moderates):
            raise ClientRefused("You cannot delete this message.")
        self.world.remove(message)

    async def dismiss(self, message: Message) -> None:
        """Dismiss an ephemeral message: it is gone for this person, and the bot is not told."""
        client.check_visible(message, self.user)
        if not message.is_ephemeral:
            raise ClientRefused("Only ephemeral messages can be dismissed.")
        message.channel.messages.pop(message.id, None)
        self.world.changed.notify()

    @staticmethod
    async def _fill_in(interaction: Interaction) -> None:
        """Take the least time a person takes: discord.py knows its modal only once it has read the answer."""
        opened_at_s = interaction.response.at_s if interaction.response else 0.0
        await asyncio.sleep(max(0.0, opened_at_s + FASTEST_FORM_S - time.monotonic()))

    def _open(
        self,
        kind: int,
        data: Json,
        *,
        command: Command | None = None,
        source: Message | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:
        place = source.channel if source else self.channel
        if place.is_archived:
            raise ClientRefused("This thread is archived.")
        return open_interaction(
            self.world, self.user, place, kind, data, command=command, source=source, parent=parent
        )

    def _slash_data(
        self, name: str, given: Mapping[str, OptionValue], files: Files, *, focused: str | None
    ) -> tuple[Command, Json]:
        command = client.find_command(self.world, self.user, self.channel, SLASH, name)
        way, options = client.option_path(command, name)
        uploads = {key: as_upload(file) for key, file in files.items()}
        client.check_given(options, given, uploads, is_whole=focused is None)
        limit = upload_limit(self.world, self.channel)
        client.check_uploads(self.user, self.channel, list(uploads.values()), limit)
        resolved = Resolved(self.world, self.user, self.channel)
        filled = self._fill(options, given, uploads, resolved, focused)
        for step in reversed(way):
            filled = [{"name": step["name"], "type": step["type"], "options": filled}]
        data = self._command_data(command, resolved)
        return command, data | ({"options": filled} if filled else {})

    def _fill(
        self,
        options: Sequence[Json],
        given: Mapping[str, OptionValue],
        uploads: Mapping[str, Upload],
        resolved: Resolved,
        focused: str | None,
    ) -> list[Json]:
        filled: list[Json] = []
        for option in options:
            name = option["name"]
            value: object = given.get(name)
            if name in uploads:
                value = resolved.add(self._ephemeral(uploads[name]))
            elif isinstance(value, User | Role | Channel):
                value = resolved.add(value)
            if value is not None:
                entry: Json = {"name": name, "type": option["type"], "value": value}
                filled.append(entry | ({"focused": True} if name == focused else {}))
        return filled

    def _ephemeral(self, upload: Upload) -> Attachment:
        attachment = self.world.attach(self.channel, upload)
        attachment.is_ephemeral = True
        return attachment

    def _menu(self, kind: int, name: str, target: Message | User) -> Interaction:
        command = client.find_command(self.world, self.user, self.channel, kind, name)
        resolved = Resolved(self.world, self.user, self.channel)
        target_id = resolved.add(target)
        data = self._command_data(command, resolved) | {"target_id": target_id}
        return self._open(InteractionType.COMMAND, data, command=command)

    def _command_data(self, command: Command, resolved: Resolved) -> Json:
        data: Json = {"id": str(command.id), "name": command.name, "type": command.type}
        if command.guild_id is not None:
            data["guild_id"] = str(command.guild_id)
        return data | ({"resolved": resolved.data} if resolved.data else {})

    def _check_saying(self, text: str, uploads: Sequence[Upload], reply_to: Message | None) -> None:
        needed = Permission.SEND_MESSAGES_IN_THREADS if self.channel.is_thread else Permission.SEND_MESSAGES
        if not may(self.user, self.channel, needed):
            raise ClientRefused("You do not have permission to send messages in this channel.")
        if not text.strip() and not uploads:
            raise ClientRefused("There is nothing to send.")
        if len(text) > 2000:
            raise ClientRefused("Your message is too long.")
        if reply_to is not None:
            client.check_visible(reply_to, self.user)
            if reply_to.is_ephemeral or reply_to.channel is not self.channel:
                raise ClientRefused("You cannot reply to this message.")
        client.check_uploads(self.user, self.channel, uploads, upload_limit(self.world, self.channel))
