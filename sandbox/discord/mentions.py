"""Whom a message pings: what its text mentions and its `allowed_mentions` lets through."""

import re
from typing import TYPE_CHECKING

from sandbox.discord.component_checks import TEXT
from sandbox.discord.entities import Json, Message
from sandbox.discord.media import walk
from sandbox.discord.permissions import Permission, may

if TYPE_CHECKING:
    from sandbox.discord.world import World

USER = re.compile(r"<@!?(\d+)>")
ROLE = re.compile(r"<@&(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")
ANY = frozenset({"users", "roles", "everyone"})
USERS_ONLY = frozenset({"users"})


def text_of(message: Message) -> str:
    """Return everything a message says, its text displays too."""
    displays = [node["content"] for node in walk(message.components) if node.get("type") == TEXT]
    return "\n".join([message.content, *displays])


def mark_mentions(world: "World", message: Message, allowed: Json | None, default: frozenset[str]) -> None:
    """Set whom the message mentions.

    `default` is what parses when `allowed_mentions` is absent: everything in channels and on edits, users
    alone in answers to interactions.
    """
    text = text_of(message)
    parse = default if allowed is None else frozenset(allowed.get("parse") or ())
    given = allowed or {}
    users = {int(one) for one in given.get("users") or ()}
    roles = {int(one) for one in given.get("roles") or ()}
    found = [int(one) for one in dict.fromkeys(USER.findall(text))]
    message.mentions = [
        world.users[one] for one in found if one in world.users and ("users" in parse or one in users)
    ]
    guild = message.channel.guild
    found_roles = [int(one) for one in dict.fromkeys(ROLE.findall(text))]
    message.mention_role_ids = [
        one for one in found_roles if guild and one in guild.roles and ("roles" in parse or one in roles)
    ]
    may_ping_all = may(message.author, message.channel, Permission.MENTION_EVERYONE)
    message.mentions_everyone = bool(EVERYONE.search(text)) and "everyone" in parse and may_ping_all
    target = message.reply_to
    if target and not message.is_webhook and (allowed is None or allowed.get("replied_user")):
        message.mentions.extend([target.author] if target.author not in message.mentions else [])


def mark_everything(world: "World", message: Message) -> None:
    """Set whom a person's message mentions: all that it names, and the author it replies to with ping."""
    mark_mentions(world, message, {"parse": sorted(ANY), "replied_user": message.pings_reply}, ANY)
