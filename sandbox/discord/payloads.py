"""Discord's JSON for users, members, roles, servers and channels."""

from datetime import UTC, datetime

from sandbox.discord.clock import DISCORD_EPOCH_MS
from sandbox.discord.entities import Channel, ChannelType, Command, Guild, Json, Member, Role, User


def timestamp(at: datetime) -> str:
    """Return a time as Discord writes it."""
    return at.isoformat(timespec="milliseconds")


def user(user: User) -> Json:
    """Return a user as others see them."""
    payload: Json = {
        "id": str(user.id),
        "username": user.username,
        "discriminator": "0",
        "global_name": None if user.is_bot else user.display_name,
        "avatar": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    if user.is_bot:
        payload["bot"] = True
    return payload


def member(member: Member, *, with_user: bool = True) -> Json:
    """Return a member of a server."""
    payload: Json = {
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "roles": [str(role_id) for role_id in member.role_ids],
        "joined_at": timestamp(member.joined_at),
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if with_user:
        payload["user"] = user(member.user)
    return payload


def role(role: Role) -> Json:
    """Return a role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "description": None,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(channel: Channel) -> Json:
    """Return a channel of any kind."""
    last = max(channel.messages, default=None)
    payload: Json = {
        "id": str(channel.id),
        "type": channel.type,
        "flags": 0,
        "last_message_id": None if last is None else str(last),
    }
    if channel.type == ChannelType.DM:
        return payload | {"recipients": [user(one) for one in channel.recipients if not one.is_bot]}
    guild_id = str(channel.guild.id) if channel.guild else None
    payload |= {"guild_id": guild_id, "name": channel.name, "rate_limit_per_user": 0}
    payload["parent_id"] = str(channel.parent.id) if channel.parent else None
    return payload | (_thread(channel) if channel.is_thread else _text(channel))


def _text(channel: Channel) -> Json:
    return {
        "topic": channel.topic,
        "nsfw": channel.is_nsfw,
        "position": channel.position,
        "permission_overwrites": [
            {"id": str(o.target_id), "type": int(o.is_member), "allow": str(o.allow), "deny": str(o.deny)}
            for o in channel.overwrites
        ],
    }


def _thread(channel: Channel) -> Json:
    count = len(channel.messages)
    return {
        "owner_id": str(channel.owner_id),
        "message_count": count,
        "member_count": 1,
        "total_message_sent": count,
        "thread_metadata": {
            "archived": channel.is_archived,
            "auto_archive_duration": channel.auto_archive_minutes,
            "archive_timestamp": timestamp(_created_at(channel.id)),
            "create_timestamp": timestamp(_created_at(channel.id)),
            "locked": False,
        },
    }


def _created_at(snowflake: int) -> datetime:

    return datetime.fromtimestamp(((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000, UTC)


def guild(guild: Guild) -> Json:
    """Return a server as REST gives it, without channels and members."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "description": None,
        **dict.fromkeys(("home_header", "splash", "discovery_splash", "banner")),
        "owner_id": str(guild.owner.id),
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 2,
        "mfa_level": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": guild.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "nsfw": False,
        "nsfw_level": 0,
        "incidents_data": None,
        "roles": [role(one) for one in guild.roles.values()],
        **{key: [] for key in ("features", "emojis", "stickers")},
    }


def guild_create(guild_: Guild, bot: User) -> Json:
    """Return a server as GUILD_CREATE gives it, with the bot as its one known member."""
    return guild(guild_) | {
        "joined_at": timestamp(guild_.members[bot.id].joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(guild_.members),
        "members": [member(guild_.members[bot.id])],
        "channels": [channel(one) for one in guild_.channels.values() if not one.is_thread],
        "threads": [
            channel(one) for one in guild_.channels.values() if one.is_thread and not one.is_archived
        ],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def command(command: Command, application_id: int) -> Json:
    """Return an application command as Discord gives it back."""
    given = command.payload
    needed = given.get("default_member_permissions")
    payload: Json = {
        "id": str(command.id),
        "application_id": str(application_id),
        "version": str(command.id),
        "type": command.type,
        "name": command.name,
        "name_localizations": given.get("name_localizations"),
        "description": given.get("description", ""),
        "description_localizations": given.get("description_localizations"),
        "default_member_permissions": None if needed is None else str(needed),
        "dm_permission": given.get("dm_permission", True),
        "contexts": given.get("contexts"),
        "integration_types": given.get("integration_types") or [0],
        "nsfw": bool(given.get("nsfw", False)),
    }
    if given.get("options"):
        payload["options"] = given["options"]
    if command.guild_id is not None:
        payload["guild_id"] = str(command.guild_id)
    return payload
