"""What people do in Discord, as the gateway tells of it."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from world_kit import ANN, CHANNEL, GUILD, MOD

BOT, DM = 99, 900
MEMBER_PERMISSIONS = discord.Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, attach_files=True
)
TEXT_CHANNEL = {
    "id": str(CHANNEL),
    "type": 0,
    "guild_id": str(GUILD),
    "name": "studio",
    "position": 0,
    "permission_overwrites": [],
    "nsfw": False,
    "parent_id": None,
}


def snowflake(n: int) -> str:
    return str(1_400_000_000_000_000_000 + n)


def a_message(message_id: int, channel_id: int) -> dict[str, Any]:
    """Return a message of the bot's, as Discord describes it."""
    return {
        "id": str(message_id),
        "channel_id": str(channel_id),
        "author": a_user(BOT, bot=True),
        "content": "",
        "timestamp": "2026-11-21T12:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "components": [],
    }


def a_user(user_id: int, *, bot: bool = False) -> dict[str, Any]:
    return {
        "id": str(user_id),
        "username": f"u{user_id}",
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": bot,
    }


def interaction(
    kind: int,
    data: dict[str, Any],
    *,
    interaction_id: int = 1,
    user_id: int = ANN,
    guild_id: int | None = GUILD,
    channel: dict[str, Any] | None = None,
    permissions: int = MEMBER_PERMISSIONS.value,
    app_permissions: int = MEMBER_PERMISSIONS.value,
    roles: tuple[int, ...] = (),
    by_person: bool = False,
    token: str = "token",  # noqa: S107 - made up
    **more: Any,
) -> dict[str, Any]:
    """Return an INTERACTION_CREATE as the gateway sends it."""
    person = a_user(user_id)
    payload: dict[str, Any] = {
        "id": snowflake(interaction_id),
        "application_id": str(BOT),
        "type": kind,
        "data": data,
        "token": token,
        "version": 1,
        "channel": channel or (TEXT_CHANNEL if guild_id else {"id": str(CHANNEL), "type": 1}),
        "channel_id": (channel or {"id": str(CHANNEL)})["id"],
        "locale": "en-GB",
        "entitlements": [],
        "app_permissions": str(app_permissions),
        "authorizing_integration_owners": {"1": str(user_id)} if by_person else {"0": str(guild_id or 0)},
        "context": 0 if guild_id else 1,
        "attachment_size_limit": 20 * 2**20,
        **more,
    }
    if guild_id is None:
        return payload | {"user": person}
    member = a_member(person, roles, permissions)
    guild = {"id": str(guild_id), "locale": "en-US", "features": []}
    return payload | {"guild_id": str(guild_id), "guild": guild, "member": member, "guild_locale": "en-US"}


def a_member(person: dict[str, Any], roles: tuple[int, ...], permissions: int) -> dict[str, Any]:
    return {
        "user": person,
        "roles": [str(role) for role in roles],
        "permissions": str(permissions),
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def slash(
    name: str, options: dict[str, Any] | None = None, files: tuple[dict[str, Any], ...] = (), **more: Any
):
    """Return a slash command or subcommand; an option named as a file's id is an attachment."""
    ids = {file["id"] for file in files}
    types = {bool: 5, int: 4, str: 3}
    given = [
        {"name": key, "type": 11 if value in ids else types[type(value)], "value": value}
        for key, value in (options or {}).items()
    ]
    data = _called(name, given)
    if files:
        data["resolved"] = {"attachments": {file["id"]: file for file in files}}
    return interaction(2, data, **more)


def _called(name: str, given: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a command was given, below the words of its name."""
    name, *way = name.split()
    for step in reversed(way):
        given = [{"name": step, "type": 1, "options": given}]
    return {"id": "77", "name": name, "type": 1, "options": given}


def completing(name: str, options: dict[str, Any], focused: str, **more: Any) -> dict[str, Any]:
    """Return the wish for suggestions to one option."""
    given = [
        {"name": key, "type": 3, "value": value, **({"focused": True} if key == focused else {})}
        for key, value in options.items()
    ]
    return interaction(4, _called(name, given), **more)


def press(custom_id: str, **more: Any) -> dict[str, Any]:
    """Return the press of a button on a card."""
    button = {"type": 2, "id": 3, "style": 2, "label": "Again", "custom_id": custom_id}
    return _used(button, {"custom_id": custom_id, "component_type": 2}, **more)


def pick(custom_id: str, *values: str, **more: Any) -> dict[str, Any]:
    """Return what was picked from a menu on a card."""
    options = [{"label": value, "value": value} for value in values]
    menu = {"type": 3, "id": 3, "custom_id": custom_id, "options": options}
    data = {"custom_id": custom_id, "component_type": 3, "values": list(values)}
    return _used(menu, data, **more)


def _used(component: dict[str, Any], data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the use of a component that stands alone in a card."""
    row = {"type": 1, "id": 2, "components": [component]}
    card = {"type": 17, "id": 1, "components": [row]}
    message = a_message(5_000, CHANNEL) | {"flags": 1 << 15, "components": [card]}
    return interaction(3, data, message=message, **more)


def form(custom_id: str, values: dict[str, Any], files: tuple[dict[str, Any], ...] = (), **more: Any):
    """Return a filled-in form: text as `value`, choices and files as `values`, `[True]` as a box."""
    fields = [
        {
            "type": 18,
            "id": n,
            "component": {
                "custom_id": name,
                "id": 100 + n,
                **_filled(name, value),
            },
        }
        for n, (name, value) in enumerate(values.items(), start=1)
    ]
    data: dict[str, Any] = {"custom_id": custom_id, "components": fields}
    if files:
        data["resolved"] = {"attachments": {file["id"]: file for file in files}}
    return interaction(5, data, **more)


def _filled(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"type": 4, "value": value}
    if value in ([True], [False]):
        return {"type": 23, "value": value[0]}
    return {"type": 19 if name == "files" else 3, "values": value}


def message_menu(name: str, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the use of a menu on a message."""
    data = {
        "id": "78",
        "name": name,
        "type": 3,
        "target_id": message["id"],
        "resolved": {"messages": {message["id"]: message}},
    }
    return interaction(2, data, **more)


def attachment(n: int, size: int = 100, url: str | None = None, filename: str = "cat.png") -> dict[str, Any]:
    """Return an attachment as Discord describes it."""
    address = url or f"https://cdn.example/{n}/{filename}"
    return {"id": str(n), "filename": filename, "size": size, "url": address, "proxy_url": address}


def as_moderator(**more: Any) -> dict[str, Any]:
    return {"user_id": MOD, "permissions": discord.Permissions(manage_messages=True).value, **more}


def as_manager(**more: Any) -> dict[str, Any]:
    return {"user_id": MOD, "permissions": discord.Permissions(manage_guild=True).value, **more}


async def happen(client: discord.Client, payload: dict[str, Any]) -> None:
    """Let something happen and wait for all that comes of it."""
    before = asyncio.all_tasks()
    client._connection.parse_interaction_create(payload)  # pyright: ignore[reportArgumentType] - a payload by hand
    await finished(before)


async def finished(before: set[asyncio.Task[Any]]) -> None:
    """Wait for all that has begun since."""
    while new := [task for task in asyncio.all_tasks() - before if not _goes_on(task)]:
        await asyncio.wait(new, timeout=10)


def _goes_on(task: asyncio.Task[Any]) -> bool:
    """Tell whether a task goes on: discord.py's clock of a form, or the server's end of a new connection."""
    return any(name in repr(task.get_coro()) for name in ("timeout_task", "RequestHandler.start"))
