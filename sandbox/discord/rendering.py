"""Messages in Discord's JSON: media resolved, addresses freshly signed, files shown elsewhere left out."""

import copy
from typing import TYPE_CHECKING

from sandbox.discord import payloads
from sandbox.discord.entities import Attachment, Channel, Json, Message
from sandbox.discord.media import attachment_payload, embed_media, media_of, referenced, walk

if TYPE_CHECKING:
    from sandbox.discord.world import World

# What Discord fills in where a component leaves it out; gallery items are like thumbnails.
DEFAULTS: dict[int, Json] = {
    2: {"disabled": False},
    11: {"description": None, "spoiler": False},
    13: {"name": None, "size": None, "spoiler": False},
    14: {"divider": True, "spacing": 1},
    17: {"accent_color": None, "spoiler": False},
}
WITHHELD: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


def message_payload(world: "World", message: Message, *, with_reference: bool = True) -> Json:
    """Return the message as clients and bots that may read it get it.

    Files that an embed or a component shows are not in `attachments`: Discord does the same on purpose
    (discord-api-docs#8277).
    """
    own = {attachment.id: attachment for attachment in message.attachments}
    components, shown = _components(world, message, own)
    embeds, shown_in_embeds = _embeds(world, message, own)
    hidden = shown | shown_in_embeds
    payload: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "type": message.type,
        "content": message.content,
        "author": payloads.user(message.author),
        "timestamp": payloads.timestamp(message.created_at),
        "edited_timestamp": payloads.timestamp(message.edited_at) if message.edited_at else None,
        "flags": message.flags,
        "tts": False,
        "pinned": message.is_pinned,
        "mention_everyone": message.mentions_everyone,
        "mentions": [payloads.user(user) for user in message.mentions],
        "mention_roles": [str(role_id) for role_id in message.mention_role_ids],
        "attachments": [
            attachment_payload(one, world.attachment_url(one))
            for one in message.attachments
            if one.id not in hidden
        ],
        "embeds": embeds,
        "components": components,
    }
    return payload | _extras(world, message, with_reference=with_reference)


def _extras(world: "World", message: Message, *, with_reference: bool) -> Json:
    extras: Json = {}
    if message.nonce is not None:
        extras["nonce"] = message.nonce
    if message.is_webhook:
        extras |= {"webhook_id": str(world.application_id), "application_id": str(world.application_id)}
    if message.interaction is not None:
        extras["interaction_metadata"] = message.interaction
    if message.poll is not None:
        extras["poll"] = message.poll
    if message.thread is not None:
        extras["thread"] = payloads.channel(message.thread)
    if message.reactions:
        extras["reactions"] = [_reaction(world, name, ids) for name, ids in message.reactions.items()]
    if message.reply_to is not None:
        extras["message_reference"] = _reference(message.reply_to)
        if with_reference:
            gone = message.reply_to.is_deleted
            extras["referenced_message"] = (
                None if gone else message_payload(world, message.reply_to, with_reference=False)
            )
    return extras


def _reference(message: Message) -> Json:
    reference: Json = {"type": 0, "channel_id": str(message.channel.id), "message_id": str(message.id)}
    if message.channel.guild:
        reference["guild_id"] = str(message.channel.guild.id)
    return reference


def _reaction(world: "World", name: str, user_ids: list[int]) -> Json:
    return {
        "emoji": {"id": None, "name": name},
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "burst_colors": [],
        "me_burst": False,
        "burst_me": False,
        "burst_count": 0,
        "me": world.bot.id in user_ids,
    }


def _components(world: "World", message: Message, own: dict[int, Attachment]) -> tuple[list[Json], set[int]]:
    components = copy.deepcopy(message.components)
    for node in walk(components):
        node |= {**DEFAULTS.get(node.get("type", 0) if "media" not in node else 11, {}), **node}
    shown: set[int] = set()
    for media in media_of(components):
        attachment = referenced(media["url"], own)
        if attachment is None:
            media |= {"id": str(message.id), "proxy_url": media["url"]}
            continue
        shown.add(attachment.id)
        url = world.attachment_url(attachment)
        media |= {
            "id": str(attachment.id),
            "attachment_id": str(attachment.id),
            "url": url,
            "proxy_url": url,
            "width": attachment.width,
            "height": attachment.height,
            "content_type": attachment.content_type,
        }
    return components, shown


def _embeds(world: "World", message: Message, own: dict[int, Attachment]) -> tuple[list[Json], set[int]]:
    embeds = [{"type": "rich", **embed} for embed in copy.deepcopy(message.embeds)]
    shown: set[int] = set()
    for media in embed_media(embeds):
        attachment = referenced(media.get("url", ""), own)
        if attachment is None:
            continue
        shown.add(attachment.id)
        url = world.attachment_url(attachment)
        media |= {"url": url, "proxy_url": url}
        if attachment.width is not None:
            media |= {"width": attachment.width, "height": attachment.height}
    return embeds, shown


def is_content_visible(world: "World", message: Message) -> bool:
    """Tell whether a bot without the MESSAGE_CONTENT intent may read this message.

    It may read its own, those in direct conversations, those that mention it, and replies with ping to its
    ordinary messages; not replies to its answers to interactions.
    """
    if message.author is world.bot or message.channel.is_direct:
        return True
    if f"<@{world.bot.id}>" in message.content or f"<@!{world.bot.id}>" in message.content:
        return True
    target = message.reply_to
    return bool(target and message.pings_reply and target.author is world.bot and not target.is_webhook)


def payload_for_bot(world: "World", message: Message, *, has_content_intent: bool) -> Json:
    """Return the message as the bot gets it from the gateway or REST."""
    payload = message_payload(world, message)
    if has_content_intent:
        return payload
    if not is_content_visible(world, message):
        payload |= WITHHELD
        payload.pop("poll", None)
    target = message.reply_to
    if payload.get("referenced_message") and target and not is_content_visible(world, target):
        payload["referenced_message"] |= WITHHELD
    return payload


def event_payload(world: "World", message: Message, *, has_content_intent: bool) -> Json:
    """Return the message as MESSAGE_CREATE and MESSAGE_UPDATE carry it: with its server and member."""
    payload = payload_for_bot(world, message, has_content_intent=has_content_intent)
    guild = message.channel.guild
    if guild is None:
        return payload | {"channel_type": message.channel.type}
    payload |= {"guild_id": str(guild.id), "channel_type": message.channel.type}
    author = guild.members.get(message.author.id)
    if author is not None and not message.is_webhook:
        payload["member"] = payloads.member(author, with_user=False)
    payload["mentions"] = [
        _mention(message.channel, index, message) for index in range(len(message.mentions))
    ]
    return payload


def _mention(channel: Channel, index: int, message: Message) -> Json:
    mentioned = message.mentions[index]
    payload = payloads.user(mentioned)
    member = channel.guild.members.get(mentioned.id) if channel.guild else None
    return payload | ({"member": payloads.member(member, with_user=False)} if member else {})
