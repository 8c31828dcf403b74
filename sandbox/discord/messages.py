"""REST of a channel's messages: post, read, edit, delete, react, open a thread."""

from sandbox.discord import payloads
from sandbox.discord.body_checks import CREATE, EDIT
from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.component_checks import check_fields, check_text
from sandbox.discord.composing import Rules, compose
from sandbox.discord.entities import Channel, Json, Message, MessageFlag
from sandbox.discord.permissions import Permission, may, permissions
from sandbox.discord.reading import number
from sandbox.discord.refusals import Refusal, invalid, missing_permissions, too_long
from sandbox.discord.rendering import payload_for_bot

NONCE_LIFE_S = 180
CONTENT_INTENT = 1 << 15


def read(call: Call, message: Message) -> Json:
    """Return a message as REST shows it to the bot: the content intent counts here too."""
    allowed = bool(call.world.privileged_intents & CONTENT_INTENT)
    return payload_for_bot(call.world, message, has_content_intent=allowed)


def _sending(channel: Channel) -> Permission:
    return Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES


def _create(call: Call) -> Answer:
    channel = call.channel()
    channel = call.channel(_sending(channel))
    _refuse_closed(channel)
    body = call.json_object()
    nonce = body.get("nonce")
    if nonce is not None and len(str(nonce)) > 25:
        raise too_long(("nonce",), 25)
    if nonce is not None and body.get("enforce_nonce") and (known := _by_nonce(call, channel, str(nonce))):
        return read(call, known)
    if number(body, "flags") & MessageFlag.EPHEMERAL:
        raise invalid(("flags",), "BITFIELD_FLAGS", "Only answers to interactions can be ephemeral.")
    world = call.world
    message = Message(world.ids.next(), channel, world.bot, "", world.clock.now(), nonce=nonce)
    message.reply_to = _replied_to(channel, body)
    message.type = 19 if message.reply_to else 0
    compose(world, message, body, call.files, Rules(CREATE, permissions(world.bot, channel)))
    world.wake(channel)
    world.typing_until.pop(channel.id, None)
    world.post(message)
    return read(call, message)


def _refuse_closed(channel: Channel) -> None:
    if channel.is_direct and not all(user.accepts_direct_messages for user in channel.recipients):
        raise Refusal(403, 50007, "Cannot send messages to this user")


def _by_nonce(call: Call, channel: Channel, nonce: str) -> Message | None:
    """Return the bot's message of the past few minutes with that nonce: Discord does not post it twice."""
    now = call.world.clock.now()
    for message in reversed(channel.messages.values()):
        if (now - message.created_at).total_seconds() > NONCE_LIFE_S:
            return None
        if message.author is call.world.bot and str(message.nonce) == nonce:
            return message
    return None


def _replied_to(channel: Channel, body: Json) -> Message | None:
    reference = body.get("message_reference")
    if reference is None:
        return None
    known = {"type", "message_id", "channel_id", "guild_id", "fail_if_not_exists"}
    check_fields(("message_reference",), reference, known)
    message = channel.messages.get(int(reference["message_id"]))
    if message is None or message.is_ephemeral:
        if reference.get("fail_if_not_exists", True):
            raise invalid(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        return None
    return message


def _list(call: Call) -> Answer:
    channel = call.channel(Permission.VIEW_CHANNEL)
    if not may(call.world.bot, channel, Permission.READ_MESSAGE_HISTORY):
        return []
    limit = int(call.query.get("limit", "50"))
    if not 1 <= limit <= 100:
        raise invalid(("limit",), "NUMBER_TYPE_MAX", "int value should be 1 to 100.")
    ids = [one for one, message in channel.messages.items() if not message.is_ephemeral]
    if "before" in call.query:
        ids = [one for one in ids if one < int(call.query["before"])]
    if "after" in call.query:
        ids = [one for one in ids if one > int(call.query["after"])][:limit]
    if "around" in call.query:
        before = sum(one < int(call.query["around"]) for one in ids)
        ids = ids[max(0, before - limit // 2) :][:limit]
    return [read(call, channel.messages[one]) for one in reversed(ids[-limit:])]


def _get(call: Call) -> Answer:
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    return read(call, call.message(channel))


def _edit(call: Call) -> Answer:
    channel = call.channel()
    message = call.message(channel)
    world = call.world
    if message.author is not world.bot:
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
    if message.poll is not None:
        raise Refusal(400, 520003, "Cannot edit a poll message")
    rules = Rules(EDIT, permissions(world.bot, channel), is_edit=True)
    compose(world, message, call.json_object(), call.files, rules)
    message.edited_at = world.clock.now()
    world.announce_edit(message)
    return read(call, message)


def _delete(call: Call) -> Answer:
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.world.bot:
        if channel.is_direct:
            raise Refusal(403, 50003, "Cannot execute action on a DM channel")
        call.channel(Permission.MANAGE_MESSAGES)
    call.world.remove(message)


def _bulk_delete(call: Call) -> Answer:
    channel = call.channel(Permission.MANAGE_MESSAGES)
    ids = [int(one) for one in call.json_object().get("messages", [])]
    if not 2 <= len(ids) <= 100:
        raise invalid(("messages",), "BASE_TYPE_BAD_LENGTH", "Must be between 2 and 100 in length.")
    for one in ids:
        if one in channel.messages:
            call.world.remove(channel.messages[one])


def _react(call: Call) -> Answer:
    channel = call.channel(Permission.ADD_REACTIONS, Permission.READ_MESSAGE_HISTORY)
    message = call.message(channel)
    name = call.params["emoji_name"]
    if name not in message.reactions and len(message.reactions) >= 20:
        raise Refusal(400, 30010, "Maximum number of reactions reached (20)")
    users = message.reactions.setdefault(name, [])
    if call.world.bot.id not in users:
        users.append(call.world.bot.id)


def _unreact(call: Call) -> Answer:
    message = call.message(call.channel())
    users = message.reactions.get(call.params["emoji_name"], [])
    if call.world.bot.id not in users:
        raise Refusal(404, 10014, "Unknown Emoji")
    users.remove(call.world.bot.id)
    if not users:
        del message.reactions[call.params["emoji_name"]]


def _thread_from_message(call: Call) -> Answer:
    channel = call.channel(Permission.CREATE_PUBLIC_THREADS)
    message = call.message(channel)
    if message.thread is not None:
        raise Refusal(400, 160004, "A thread has already been created for this message")
    thread = open_thread(call, channel, thread_id=message.id)
    message.thread = thread
    call.world.announce_edit(message)
    return payloads.channel(thread)


def open_thread(
    call: Call, channel: Channel, *, thread_id: int | None = None, is_private: bool = False
) -> Channel:
    """Open a thread as the body says."""
    body = call.json_object()
    check_text(("name",), body.get("name"), 1, 100)
    minutes = body.get("auto_archive_duration") or 1440
    if minutes not in (60, 1440, 4320, 10080):
        raise invalid(("auto_archive_duration",), "BASE_TYPE_CHOICES", "60, 1440, 4320 or 10080 minutes.")
    if channel.is_thread or channel.is_direct:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    thread = call.world.add_thread(
        channel, body["name"], call.world.bot, thread_id=thread_id, is_private=is_private
    )
    thread.auto_archive_minutes = minutes
    return thread


def _pin(call: Call) -> Answer:
    message = call.message(call.channel())
    if not may(call.world.bot, message.channel, Permission.PIN_MESSAGES):
        raise missing_permissions()
    message.is_pinned = True
    call.world.announce_edit(message)


MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"
REACTION = MESSAGE + "/reactions/{emoji_name}/@me"
ENDPOINTS = (
    Endpoint("POST", MESSAGES, _create, "message.create", "channel_id"),
    Endpoint("GET", MESSAGES, _list, "message.list", "channel_id"),
    Endpoint("POST", MESSAGES + "/bulk-delete", _bulk_delete, "message.delete", "channel_id"),
    Endpoint("GET", MESSAGE, _get, "message.get", "channel_id"),
    Endpoint("PATCH", MESSAGE, _edit, "message.edit", "channel_id"),
    Endpoint("DELETE", MESSAGE, _delete, "message.delete", "channel_id"),
    Endpoint("PUT", REACTION, _react, "reaction", "channel_id"),
    Endpoint("DELETE", REACTION, _unreact, "reaction", "channel_id"),
    Endpoint("POST", MESSAGE + "/threads", _thread_from_message, "thread", "channel_id"),
    Endpoint("PUT", MESSAGES + "/pins/{message_id}", _pin, "pin", "channel_id"),
)
