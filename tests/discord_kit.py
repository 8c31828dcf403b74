"""Discord's REST API on a loopback socket, which records and checks what it is sent, and what people do."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route
from world_kit import ANN, CHANNEL

from bot.app.client import LONGEST_LIMIT_S, Easel
from bot.app.traffic import Traffic
from bot.telemetry.alarms import Alarms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from house_kit import House


from checks_kit import Call
from people_kit import BOT, DM, a_message, a_user

NONE = discord.Intents.none()
CUT = -200
"""A 200 that breaks off in the middle: the request was carried out, and whoever sent it cannot read so."""
EDGE_429 = -429
"""A 429 from the edge before Discord: no `Via`, no JSON; discord.py does not wait for it to pass.

Answered with the header `Retry-After` where the answer is a dict that holds one.
"""


@dataclass
class Discord:
    """Answers everything kindly, unless told otherwise; `answers` are used up in order by request name."""

    calls: list[Call] = field(default_factory=list)
    done: list[Call] = field(default_factory=list)
    """What was carried out, in that order."""
    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    holds: dict[str, list[asyncio.Event]] = field(default_factory=dict)
    """What the next requests of a name wait for before they are carried out, if anything."""
    next_id: int = 0

    def refuse(self, name: str, status: int, code: int = 0, times: int = 1) -> None:
        """Answer the next requests of a name with an error."""
        body = {"message": "refused", "code": code}
        self.answers.setdefault(name, []).extend([(status, body)] * times)

    def named(self, name: str) -> list[Call]:
        """Return the requests of a name."""
        return [call for call in self.calls if call.name == name]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v10")
        call = Call(request.method, path, None)
        call.payload, call.files = await _read(request)
        self.calls.append(call)
        if holds := self.holds.get(call.name):
            await holds.pop(0).wait()
        self.done.append(call)
        queue = self.answers.get(call.name)
        if queue:
            status, body = queue.pop(0)
            if status == 0:
                assert request.transport is not None
                request.transport.close()
            if status == EDGE_429:
                headers = {name: text for name, text in body.items() if name == "Retry-After"}
                return web.Response(status=429, text="slow down", headers=headers)
            if status == CUT:
                return await _cut_off(request, self._kindly(call))
            return _json(status or 500, body)
        return self._kindly(call)

    def _kindly(self, call: Call) -> web.Response:
        method, path = call.method, call.path
        if path in {"/users/@me", "/oauth2/applications/@me"}:
            return _json(200, _application() if "oauth2" in path else a_user(BOT, bot=True))
        if path == "/users/@me/channels":
            return _json(
                200, {"id": str(DM), "type": 1, "last_message_id": None, "recipients": [a_user(ANN)]}
            )
        if path.endswith("/callback"):
            resource = {"type": call.payload["type"], "message": self._message(CHANNEL)}
            about = {"id": "1", "type": 2, "response_message_id": resource["message"]["id"]}
            return _json(200, {"interaction": about, "resource": resource})
        if path.endswith("/commands"):
            return _json(200, [_command(one) for one in call.payload])
        if method == "DELETE" or path.endswith("/typing"):
            return web.Response(status=204)
        if method == "GET" and path.endswith("/messages"):
            return _json(200, [])
        channel = re.search(r"/channels/(\d+)/", path)
        return _json(200, self._message(int(channel[1]) if channel else CHANNEL))

    def _message(self, channel_id: int) -> dict[str, Any]:
        self.next_id += 1
        return a_message(5_000 + self.next_id, channel_id)


async def _read(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    """Return a request's JSON and its files, whether it is multipart or not."""
    if not request.content_type.startswith("multipart/"):
        body = await request.read()
        return (json.loads(body) if body else None), {}
    payload: Any = None
    files: dict[str, bytes] = {}
    reader: Any = await request.multipart()
    async for part in reader:
        data = bytes(await part.read())
        if part.name == "payload_json":
            payload = json.loads(data)
        else:
            files[str(part.name)] = data
    return payload, files


async def _cut_off(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """Send half of an answer and close the line."""
    assert request.transport is not None
    assert isinstance(whole.body, bytes)
    half = web.StreamResponse(status=200, headers={"Content-Type": "application/json"})
    half.enable_chunked_encoding()
    await half.prepare(request)
    await half.write(whole.body[: len(whole.body) // 2])
    request.transport.close()
    return half


def _json(status: int, body: Any) -> web.Response:
    """Answer as Discord does: discord.py wants the bare content type, and `Via` with 429."""
    headers = {"Content-Type": "application/json", "Via": "1.1 loopback"}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)


def _application() -> dict[str, Any]:
    return {
        "id": str(BOT),
        "name": "Easel",
        "description": "",
        "icon": None,
        "flags": 0,
        "bot_public": True,
        "bot_require_code_grant": False,
        "summary": "",
        "verify_key": "",
        "owner": a_user(1),
        "rpc_origins": [],
        "team": None,
    }


def _command(sent: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "",  # of a menu too
        **sent,
        "id": "77",
        "application_id": str(BOT),
        "version": "1",
        "default_member_permissions": None,
    }


def an_easel(house: House) -> Easel:
    """Return the real client, not logged in."""
    traffic = Traffic(house.metrics, Alarms(house.metrics, house.world.clock))
    return Easel(traffic, api_url=Route.BASE, gateway_url=None, reads_messages=False)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the waits between discord.py's own tries away."""

    async def sleep(_seconds: float) -> None:
        await real(0)

    real = asyncio.sleep
    quick = SimpleNamespace(**{**vars(asyncio), "sleep": sleep})
    monkeypatch.setattr("discord.webhook.async_.asyncio", quick)
    monkeypatch.setattr("discord.http.asyncio", quick)


@pytest.fixture
async def remote(monkeypatch: pytest.MonkeyPatch, at_once: None) -> AsyncIterator[Discord]:
    """Discord's REST API, on this machine."""
    fake = Discord()
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/{path:.*}", fake.handle)
    server = TestServer(app)
    await server.start_server()
    monkeypatch.setattr(Route, "BASE", str(server.make_url("/api/v10")))
    yield fake
    await server.close()


@pytest.fixture
async def client(remote: Discord) -> AsyncIterator[discord.Client]:
    """A client that is logged in, with the mentions that Easel allows: none."""
    opened = discord.Client(
        intents=discord.Intents.none(),
        allowed_mentions=discord.AllowedMentions.none(),
        max_ratelimit_timeout=LONGEST_LIMIT_S,
    )
    await opened.login("token")
    remote.calls.clear()
    remote.done.clear()
    yield opened
    await opened.close()
