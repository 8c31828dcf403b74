"""Looks at Discord: the token, the intents, the gateway, the invitation."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import TYPE_CHECKING, cast

import aiohttp
import httpx

from bot.doctor.finding import ok, problem, warning
from bot.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.doctor.finding import Finding
    from bot.settings import Settings

TIMEOUT_S = 10.0
HELLO = 10
"""The gateway's first word (Discord's opcode)."""
MESSAGE_CONTENT_FLAGS = 1 << 18 | 1 << 19
"""An application's flags: the intent is granted, or on for a bot that few people use."""
FEW_STARTS = 50
"""Of a thousand starts a day; at none left, Discord resets the token."""
PERMISSIONS = {
    "Add Reactions": 1 << 6,
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Use External Emojis": 1 << 18,
    "Create Public Threads": 1 << 35,
    "Send Messages in Threads": 1 << 38,
    "Create Polls": 1 << 49,
}
"""What Easel asks of a server."""


class _Failed(Exception):
    """Discord did not answer as it should; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


async def examine_discord(settings: Settings, http: httpx.AsyncClient) -> list[Finding]:
    """Return what was found of Discord; without a token that is accepted, nothing more can be asked."""
    found: list[Finding] = []
    try:
        token = settings.require_discord()
        headers = {
            "Authorization": f"Bot {token}",
            "User-Agent": f"DiscordBot (https://github.com, {version('easel')})",
        }

        async def ask(path: str) -> Mapping[str, object]:
            return await _ask(http, f"{settings.discord_api_url}{path}", headers)

        person = await ask("/users/@me")
        found.append(ok("token", f"accepted; the bot is {person.get('username')}."))
        application = await ask("/applications/@me")
        found.append(_intents(application, is_wanted=settings.message_content_intent))
        found.append(await _gateway(await ask("/gateway/bot"), settings.discord_gateway_url))
        found.append(ok("invitation", invitation(str(application.get("id")))))
    except StartupError as error:
        found.append(problem("token", str(error)))
    except _Failed as failed:
        found.append(failed.finding)
    return found


def invitation(application_id: str) -> str:
    """Return the address that brings the bot into a server, with the permissions it uses."""
    permissions = sum(PERMISSIONS.values())
    return (
        f"https://discord.com/oauth2/authorize?client_id={application_id}"
        f"&scope=bot+applications.commands&permissions={permissions}"
    )


async def _ask(http: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> Mapping[str, object]:
    """Read one page of Discord's."""
    try:
        answer = await http.get(url, headers=headers, timeout=TIMEOUT_S)
    except httpx.HTTPError:
        raise _Failed(
            problem("Discord", "it cannot be reached. Check the network and DISCORD_API_URL.")
        ) from None
    if answer.status_code == 401:
        raise _Failed(
            problem(
                "token",
                "Discord does not accept DISCORD_TOKEN. Reset it in the Developer Portal and copy it.",
            )
        )
    try:
        page: object = answer.raise_for_status().json()
    except (httpx.HTTPStatusError, ValueError):
        raise _Failed(
            problem("Discord", f"it answered with {answer.status_code}. Try again later.")
        ) from None
    if not isinstance(page, dict):
        raise _Failed(problem("Discord", "what answers there is not Discord. Check DISCORD_API_URL."))
    return cast("dict[str, object]", page)


def _intents(application: Mapping[str, object], *, is_wanted: bool) -> Finding:
    """Compare the application's flags with the setting."""
    flags = application.get("flags")
    is_on = isinstance(flags, int) and bool(flags & MESSAGE_CONTENT_FLAGS)
    if is_wanted and not is_on:
        return problem(
            "intents",
            "Message Content is off. Switch it on in the Developer Portal, or set the setting to false.",
        )
    if is_on and not is_wanted:
        return ok("intents", "Message Content is on but not used; MESSAGE_CONTENT_INTENT=true would use it.")
    return ok("intents", "as the settings say.")


async def _gateway(page: Mapping[str, object], configured: str | None) -> Finding:
    """Connect to the gateway and wait for its first word."""
    url = configured or str(page.get("url"))
    limit = page.get("session_start_limit")
    left = cast("dict[str, object]", limit).get("remaining") if isinstance(limit, dict) else None
    try:
        async with (
            asyncio.timeout(TIMEOUT_S),
            aiohttp.ClientSession(trust_env=True) as session,
            session.ws_connect(f"{url}/?v=10&encoding=json") as socket,
        ):
            hello: object = await socket.receive_json()
    except (aiohttp.ClientError, OSError, TimeoutError, TypeError, ValueError):
        return problem(
            "gateway", "it cannot be reached. Check the network, and that WebSockets may leave it."
        )
    if not isinstance(hello, dict) or cast("dict[str, object]", hello).get("op") != HELLO:
        return problem("gateway", "what answers there is not Discord's gateway. Check DISCORD_GATEWAY_URL.")
    if isinstance(left, int) and left < FEW_STARTS:
        return warning(
            "gateway", f"reachable, but only {left} starts are left today. See why Easel starts so often."
        )
    return ok("gateway", "reachable.")
