"""Messages that answer interactions: who sees them, what they carry, what they may contain."""

from typing import TYPE_CHECKING

from sandbox.discord import payloads
from sandbox.discord.entities import Json, Message, MessageFlag
from sandbox.discord.interaction import Interaction, InteractionType
from sandbox.discord.permissions import Permission, may, permissions

if TYPE_CHECKING:
    from sandbox.discord.world import World

SLASH_ANSWER, MENU_ANSWER, REPLY = 20, 23, 19


def owners(interaction: Interaction) -> Json:
    """Return `authorizing_integration_owners`: by which installation the app may act here."""
    if interaction.is_user_installed:
        return {"1": str(interaction.user.id)}
    guild = interaction.channel.guild
    return {"0": str(guild.id) if guild else "0"}


def answer_permissions(interaction: Interaction) -> int:
    """Return what answers may contain: by the app's permissions in the channel.

    An app installed to the user alone has the user's. Whether Discord holds answers to ATTACH_FILES is told
    both ways; the sandbox takes the stricter reading.
    """
    world, channel = interaction.world, interaction.channel
    if channel.guild is not None and interaction.is_user_installed:
        return permissions(interaction.user, channel)
    return permissions(world.bot, channel)


def metadata(interaction: Interaction) -> Json:
    """Return `interaction_metadata`, which says what a message answers."""
    data: Json = {
        "id": str(interaction.id),
        "type": interaction.type,
        "user": payloads.user(interaction.user),
        "authorizing_integration_owners": owners(interaction),
    }
    if interaction.type == InteractionType.COMMAND:
        data["name"] = interaction.data["name"]
        if "target_id" in interaction.data:
            target = "target_message_id" if interaction.data["type"] == 3 else "target_user_id"
            data[target] = interaction.data["target_id"]
    elif interaction.type == InteractionType.COMPONENT and interaction.source:
        data["interacted_message_id"] = str(interaction.source.id)
    elif interaction.parent is not None:
        data["triggering_interaction_metadata"] = metadata(interaction.parent)
    return data


def new_answer(world: "World", interaction: Interaction, *, is_ephemeral: bool) -> Message:
    """Return an empty message that answers the interaction, not yet posted.

    Answers of an app installed to a user who may not use external apps there are ephemeral whatever it asks.
    """
    channel = interaction.channel
    if interaction.is_user_installed and channel.guild:
        is_ephemeral = is_ephemeral or not may(interaction.user, channel, Permission.USE_EXTERNAL_APPS)
    message = Message(world.ids.next(), channel, world.bot, "", world.clock.now(), is_webhook=True)
    message.interaction = metadata(interaction)
    if is_ephemeral:
        message.flags |= MessageFlag.EPHEMERAL
        message.ephemeral_for = interaction.user
    if interaction.original is not None:
        message.type, message.reply_to = REPLY, interaction.original
        message.interaction["original_response_message_id"] = str(interaction.original.id)
    elif interaction.type == InteractionType.COMMAND:
        message.type = SLASH_ANSWER if interaction.data["type"] == 1 else MENU_ANSWER
    elif interaction.source is not None:
        message.type, message.reply_to = REPLY, interaction.source
    return message
