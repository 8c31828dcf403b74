"""REST of channels: look, type, open threads and direct conversations."""

from sandbox.discord import payloads
from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.component_checks import check_text
from sandbox.discord.messages import open_thread
from sandbox.discord.permissions import Permission
from sandbox.discord.refusals import Refusal, invalid

TYPING_S = 10


def _get(call: Call) -> Answer:
    return payloads.channel(call.channel())


def _edit(call: Call) -> Answer:
    channel = call.channel(Permission.MANAGE_CHANNELS)
    body = call.json_object()
    if "name" in body:
        check_text(("name",), body["name"], 1, 100)
        channel.name = body["name"]
    if "archived" in body and channel.is_thread:
        channel.is_archived = bool(body["archived"])
    event = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    call.world.emit(event, channel, payloads.channel(channel))
    return payloads.channel(channel)


def _type(call: Call) -> Answer:
    channel = call.channel()
    call.channel(Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)
    call.world.typing_until[channel.id] = call.world.clock.now().timestamp() + TYPING_S


def _thread(call: Call) -> Answer:
    channel = call.channel(Permission.CREATE_PUBLIC_THREADS)
    if call.json_object().get("type", 12) != 11:
        raise invalid(("type",), "BASE_TYPE_CHOICES", "The sandbox has public threads (11) only.")
    return payloads.channel(open_thread(call, channel))


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
    Endpoint("POST", "/users/@me/channels", _direct),
)
