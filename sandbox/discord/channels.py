"""REST of channels: look, type, open threads and direct conversations."""

from sandbox.discord import payloads
from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.component_checks import check_text
from sandbox.discord.entities import ChannelType
from sandbox.discord.messages import open_thread
from sandbox.discord.permissions import Permission
from sandbox.discord.refusals import Refusal, invalid

TYPING_S = 10
THREADS = {
    ChannelType.PUBLIC_THREAD: Permission.CREATE_PUBLIC_THREADS,
    ChannelType.PRIVATE_THREAD: Permission.CREATE_PRIVATE_THREADS,
}


def _get(call: Call) -> Answer:
    return payloads.channel(call.channel())


def _edit(call: Call) -> Answer:
    channel = call.channel()
    is_own_thread = channel.is_thread and channel.owner_id == call.world.bot.id
    if not is_own_thread:
        channel = call.channel(Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
    body = call.json_object()
    if channel.is_archived and body.get("archived", True):
        raise Refusal(400, 50083, "Thread is archived")
    if "name" in body:
        check_text(("name",), body["name"], 1, 100)
        channel.name = body["name"]
    if "archived" in body and channel.is_thread:
        channel.is_archived = bool(body["archived"])
    event = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    call.world.emit(event, channel, payloads.channel(channel))
    call.world.changed.notify()
    return payloads.channel(channel)


def _type(call: Call) -> Answer:
    channel = call.channel()
    call.channel(Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)
    call.world.typing_until[channel.id] = call.world.clock.now().timestamp() + TYPING_S


def _thread(call: Call) -> Answer:
    kind = call.json_object().get("type", ChannelType.PRIVATE_THREAD)
    if kind not in THREADS:
        raise invalid(
            ("type",), "BASE_TYPE_CHOICES", "A thread in a text channel is public (11) or private (12)."
        )
    channel = call.channel(THREADS[kind])
    return payloads.channel(open_thread(call, channel, is_private=kind == ChannelType.PRIVATE_THREAD))


def _let_in(call: Call) -> Answer:
    channel = call.channel()
    call.channel(Permission.SEND_MESSAGES_IN_THREADS)
    user = call.world.users.get(call.id("user_id"))
    if not channel.is_thread:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    if user is None or channel.guild is None or user.id not in channel.guild.members:
        raise Refusal(404, 10007, "Unknown Member")
    channel.member_ids.add(user.id)
    call.world.changed.notify()


def _direct(call: Call) -> Answer:
    body = call.json_object()
    recipient = str(body.get("recipient_id", ""))
    user = call.world.users.get(int(recipient)) if recipient.isdigit() else None
    if user is None:
        raise invalid(("recipient_id",), "UNKNOWN_USER", "Unknown user")
    if user.is_bot:
        raise Refusal(400, 50007, "Cannot send messages to this user")
    return payloads.channel(call.world.direct_channel(user))


ENDPOINTS = (
    Endpoint("GET", "/channels/{channel_id}", _get, major="channel_id"),
    Endpoint("PATCH", "/channels/{channel_id}", _edit, "channel.edit", "channel_id"),
    Endpoint("POST", "/channels/{channel_id}/typing", _type, "typing", "channel_id"),
    Endpoint("POST", "/channels/{channel_id}/threads", _thread, "thread", "channel_id"),
    Endpoint("PUT", "/channels/{channel_id}/thread-members/{user_id}", _let_in, "thread", "channel_id"),
    Endpoint("POST", "/users/@me/channels", _direct),
)
