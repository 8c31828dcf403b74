"""REST about the bot itself: who it is, its application, where its gateway is, which servers it is in."""

from sandbox.discord import payloads
from sandbox.discord.calls import Answer, Call, Endpoint
from sandbox.discord.refusals import Refusal


def gateway_url(base_url: str) -> str:
    """Return the address of the gateway."""
    return base_url.replace("http", "ws", 1) + "/discord/gateway"


def application_flags(privileged_intents: int) -> int:
    """Return the application's flags: which privileged intents are switched on (the limited kind)."""
    presence, members, content = 1 << 8, 1 << 1, 1 << 15
    return (
        (1 << 13 if privileged_intents & presence else 0)
        | (1 << 15 if privileged_intents & members else 0)
        | (1 << 19 if privileged_intents & content else 0)
    )


def _me(call: Call) -> Answer:
    return payloads.user(call.world.bot) | {"mfa_enabled": True, "locale": "en-US", "verified": True}


def _application(call: Call) -> Answer:
    world = call.world
    return {
        "id": str(world.application_id),
        "name": world.bot.display_name,
        "icon": None,
        "description": "",
        "type": None,
        "verify_key": "0" * 64,
        "flags": application_flags(world.privileged_intents),
        "flags_new": str(application_flags(world.privileged_intents)),
        "bot": payloads.user(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": payloads.user(next(user for user in world.users.values() if user is not world.bot)),
        "approximate_guild_count": sum(guild.has_bot for guild in world.guilds.values()),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "integration_types_config": {"0": {}, "1": {}},
        "summary": "",
        "hook": True,
    }


def _gateway(call: Call) -> Answer:
    return {"url": gateway_url(call.world.base_url)}


def _gateway_bot(call: Call) -> Answer:
    return {
        "url": gateway_url(call.world.base_url),
        "shards": 1,
        "session_start_limit": {
            "total": 1000,
            "remaining": 999,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        },
    }


def _guild(call: Call) -> Answer:
    return payloads.guild(call.guild())


def _guild_channels(call: Call) -> Answer:
    return [payloads.channel(one) for one in call.guild().channels.values() if not one.is_thread]


def _guild_member(call: Call) -> Answer:
    member = call.guild().members.get(call.id("user_id"))
    if member is None:
        raise Refusal(404, 10007, "Unknown Member")
    return payloads.member(member)


def _guild_roles(call: Call) -> Answer:
    return [payloads.role(role) for role in call.guild().roles.values()]


def _user(call: Call) -> Answer:
    user = call.world.users.get(call.id("user_id"))
    if user is None:
        raise Refusal(404, 10013, "Unknown User")
    return payloads.user(user)


def _no_entries(_: Call) -> Answer:
    return []


ENDPOINTS = (
    Endpoint("GET", "/users/@me", _me),
    Endpoint("GET", "/oauth2/applications/@me", _application),
    Endpoint("GET", "/applications/@me", _application),
    Endpoint("GET", "/gateway", _gateway, needs_token=False),
    Endpoint("GET", "/gateway/bot", _gateway_bot),
    Endpoint("GET", "/users/{user_id}", _user),
    Endpoint("GET", "/guilds/{guild_id}", _guild, major="guild_id"),
    Endpoint("GET", "/guilds/{guild_id}/channels", _guild_channels, major="guild_id"),
    Endpoint("GET", "/guilds/{guild_id}/roles", _guild_roles, major="guild_id"),
    Endpoint("GET", "/guilds/{guild_id}/members/{user_id}", _guild_member, major="guild_id"),
    Endpoint("GET", "/applications/{application_id}/entitlements", _no_entries),
    Endpoint("GET", "/applications/{application_id}/skus", _no_entries),
)
