"""Who may do what where: Discord's permission bits and how roles and overwrites make them up."""

from enum import IntFlag

from sandbox.discord.entities import Channel, ChannelType, User


class Permission(IntFlag):
    """The permission bits that matter to the sandbox."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


EVERYTHING = (1 << 53) - 1
EVERYONE = int(
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_POLLS
    | Permission.USE_EXTERNAL_APPS
)
DIRECT = EVERYONE & ~int(
    Permission.CREATE_PUBLIC_THREADS | Permission.CREATE_PRIVATE_THREADS | Permission.SEND_MESSAGES_IN_THREADS
)


def permissions(user: User, channel: Channel) -> int:
    """Return the permission bits `user` has in `channel`: none for a stranger, all for an administrator."""
    if channel.is_direct:
        return DIRECT if user in channel.recipients else 0
    guild = channel.guild
    if guild is None or user.id not in guild.members:
        return 0
    if guild.owner is user:
        return EVERYTHING
    role_ids = {guild.id, *guild.members[user.id].role_ids}
    granted = 0
    for role_id in role_ids:
        granted |= guild.roles[role_id].permissions
    if granted & Permission.ADMINISTRATOR:
        return EVERYTHING
    place = channel.parent if channel.is_thread and channel.parent else channel
    granted = _overwritten(granted, place, user, role_ids)
    is_inside = channel.type != ChannelType.PRIVATE_THREAD or user.id in channel.member_ids
    is_seen = is_inside or granted & Permission.MANAGE_THREADS
    return granted if is_seen and granted & Permission.VIEW_CHANNEL else 0


def may(user: User, channel: Channel, permission: int) -> bool:
    """Tell whether `user` has every bit of `permission` in `channel`."""
    return permissions(user, channel) & permission == permission


def _overwritten(granted: int, place: Channel, user: User, role_ids: set[int]) -> int:
    """Apply a channel's overwrites in Discord's order: @everyone, all roles together, the member."""
    everyone = place.guild.id if place.guild else 0
    roles = [o for o in place.overwrites if not o.is_member and o.target_id in role_ids]
    for group in (
        [o for o in roles if o.target_id == everyone],
        [o for o in roles if o.target_id != everyone],
        [o for o in place.overwrites if o.is_member and o.target_id == user.id],
    ):
        for overwrite in group:
            granted &= ~overwrite.deny
        for overwrite in group:
            granted |= overwrite.allow
    return granted
