"""What servers set for an app's commands in their Integrations page: who may use them, told and held to."""

from typing import TYPE_CHECKING

from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.entities import Channel, Command, Guild, Json, User
from sandbox.discord.permissions import EVERYTHING, Permission, permissions
from sandbox.discord.refusals import Refusal

if TYPE_CHECKING:
    from sandbox.discord.world import World

ROLE, USER, CHANNEL = 1, 2, 3
MOST_ENTRIES = 100
Allowed = dict[tuple[int, int], bool]
"""What is set, by kind and id: everyone's role is the server's id, all channels that less one."""


def set_permissions(world: "World", guild: Guild, command: Command | None, allowed: Allowed) -> None:
    """Set who may use a command, or all commands of the app, as somebody does in the server's settings."""
    if len(allowed) > MOST_ENTRIES:
        raise ValueError("Discord takes 100 entries for a command.")
    about = command.id if command else world.application_id
    guild.command_permissions[about] = dict(allowed)
    world.emit("APPLICATION_COMMAND_PERMISSIONS_UPDATE", guild, _payload(world, guild, about))
    world.changed.notify()


def may_use(world: "World", command: Command, user: User, channel: Channel) -> bool:
    """Tell whether Discord's client offers a command of a server to somebody there."""
    guild = channel.guild
    granted = permissions(user, channel)
    if guild is None or not granted & Permission.USE_APPLICATION_COMMANDS:
        return False
    if granted == EVERYTHING:
        return True
    own = guild.command_permissions.get(command.id, {})
    merged = guild.command_permissions.get(world.application_id, {}) | own
    place = channel.parent if channel.is_thread and channel.parent else channel
    if not merged.get((CHANNEL, place.id), merged.get((CHANNEL, guild.id - 1), True)):
        return False
    by_default = _has_default(command, granted)
    if (key := (USER, user.id)) in merged:
        return merged[key] and (key in own or by_default)
    keys = [(ROLE, one) for one in guild.members[user.id].role_ids if (ROLE, one) in merged]
    if keys:
        allowing = [key for key in keys if merged[key]]
        return any(key in own for key in allowing) or bool(allowing and by_default)
    return by_default and merged.get((ROLE, guild.id), True)


def _has_default(command: Command, granted: int) -> bool:
    needed = command.payload.get("default_member_permissions")
    return needed is None or (int(needed) != 0 and granted & int(needed) == int(needed))


def _payload(world: "World", guild: Guild, about: int) -> Json:
    allowed = guild.command_permissions[about]
    return {
        "id": str(about),
        "application_id": str(world.application_id),
        "guild_id": str(guild.id),
        "permissions": [
            {"id": str(target), "type": kind, "permission": is_allowed}
            for (kind, target), is_allowed in allowed.items()
        ],
    }


def _own_guild(call: Call) -> Guild:
    if call.id("application_id") != call.world.application_id:
        raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
    return call.guild()


def _all(call: Call) -> Answer:
    guild = _own_guild(call)
    return [_payload(call.world, guild, about) for about in guild.command_permissions]


def _one(call: Call) -> Answer:
    guild = _own_guild(call)
    about = call.id("command_id")
    if about not in guild.command_permissions:
        raise Refusal(404, 10066, "Unknown application command permissions")
    return _payload(call.world, guild, about)


def _put(call: Call) -> Answer:
    _own_guild(call)
    raise Refusal(403, 20001, "Bots cannot use this endpoint")


PATH = "/applications/{application_id}/guilds/{guild_id}/commands"
ENDPOINTS = (
    Endpoint("GET", PATH + "/permissions", _all, "commands"),
    Endpoint("GET", PATH + "/{command_id}/permissions", _one, "commands"),
    Endpoint("PUT", PATH + "/{command_id}/permissions", _put, "commands"),
)
