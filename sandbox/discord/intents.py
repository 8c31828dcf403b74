"""Gateway intents: which events a session asked for, and which of them need permission."""

GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_PRESENCES = 1 << 8
GUILD_MESSAGES = 1 << 9
GUILD_MESSAGE_REACTIONS = 1 << 10
DIRECT_MESSAGES = 1 << 12
DIRECT_MESSAGE_REACTIONS = 1 << 13
CONTENT_INTENT = 1 << 15

PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | CONTENT_INTENT
VALID = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25

# Event → the intent that brings it from servers, and the one that brings it from direct conversations.
NEEDED = {
    "GUILD_CREATE": (GUILDS, GUILDS),
    "GUILD_DELETE": (GUILDS, GUILDS),
    "GUILD_ROLE_CREATE": (GUILDS, GUILDS),
    "CHANNEL_CREATE": (GUILDS, DIRECT_MESSAGES),
    "CHANNEL_UPDATE": (GUILDS, GUILDS),
    "THREAD_CREATE": (GUILDS, GUILDS),
    "THREAD_UPDATE": (GUILDS, GUILDS),
    "MESSAGE_CREATE": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "MESSAGE_UPDATE": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "MESSAGE_DELETE": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "INTERACTION_CREATE": (0, 0),
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE": (0, 0),
}


def is_subscribed(event: str, intents: int, *, is_direct: bool) -> bool:
    """Tell whether a session with those intents gets the event."""
    needed = NEEDED[event][is_direct]
    return intents & needed == needed
