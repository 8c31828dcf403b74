"""Discord's REST API on a loopback socket, which records and checks what it is sent, and what people do."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route
from house_kit import ANN, CHANNEL, GUILD, MOD
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

OPENAPI = Path(__file__).parents[1] / "../shared/data/discord-openapi.json"
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


@dataclass
class Call:
    """One request as it came over the wire."""

    method: str
    path: str
    payload: Any
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what the request does, without ids."""
        shape = re.sub(r"\d+", "#", self.path)
        return f"{self.method} {re.sub('/(token|[a-z]+-token)', '/token', shape)}"


@dataclass
class Discord:
    """Answers everything kindly, unless told otherwise; `answers` are used up in order by request name."""

    calls: list[Call] = field(default_factory=list)
    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
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
        queue = self.answers.get(call.name)
        if queue:
            status, body = queue.pop(0)
            if status == 0:
                assert request.transport is not None
                request.transport.close()
            return _json(status or 500, body)
        return self._kindly(call)

    def _kindly(self, call: Call) -> web.Response:
        method, path = call.method, call.path
        if path in {"/users/@me", "/oauth2/applications/@me"}:
            return _json(200, _application() if "oauth2" in path else _user(BOT, bot=True))
        if path == "/users/@me/channels":
            return _json(200, {"id": str(DM), "type": 1, "last_message_id": None, "recipients": [_user(ANN)]})
        if path.endswith("/callback"):
            resource = {"type": call.payload["type"], "message": self._message(CHANNEL)}
            about = {"id": "1", "type": 2, "response_message_id": resource["message"]["id"]}
            return _json(200, {"interaction": about, "resource": resource})
        if path.endswith("/commands"):
            return _json(200, [_command(one) for one in call.payload])
        if method == "DELETE":
            return web.Response(status=204)
        channel = re.search(r"/channels/(\d+)/", path)
        return _json(200, self._message(int(channel[1]) if channel else CHANNEL))

    def _message(self, channel_id: int) -> dict[str, Any]:
        self.next_id += 1
        return {
            "id": str(5_000 + self.next_id),
            "channel_id": str(channel_id),
            "author": _user(BOT, bot=True),
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


def _json(status: int, body: Any) -> web.Response:
    """Answer as Discord does: discord.py wants the bare content type, and `Via` with 429."""
    headers = {"Content-Type": "application/json", "Via": "1.1 loopback"}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)


def _user(user_id: int, *, bot: bool = False) -> dict[str, Any]:
    return {
        "id": str(user_id),
        "username": f"u{user_id}",
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": bot,
    }


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
        "owner": _user(1),
        "rpc_origins": [],
        "team": None,
    }


def _command(sent: dict[str, Any]) -> dict[str, Any]:
    return {
        **sent,
        "id": "77",
        "application_id": str(BOT),
        "version": "1",
        "default_member_permissions": None,
    }


# What people do


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
    person = _user(user_id)
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
    member = {
        "user": person,
        "roles": [str(role) for role in roles],
        "permissions": str(permissions),
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }
    guild = {"id": str(guild_id), "locale": "en-US", "features": []}
    return payload | {"guild_id": str(guild_id), "guild": guild, "member": member, "guild_locale": "en-US"}


def slash(
    name: str, options: dict[str, Any] | None = None, files: tuple[dict[str, Any], ...] = (), **more: Any
):
    """Return a slash command; an option named as a file's id is an attachment."""
    ids = {file["id"] for file in files}
    types = {bool: 5, int: 4, str: 3}
    given = [
        {"name": key, "type": 11 if value in ids else types[type(value)], "value": value}
        for key, value in (options or {}).items()
    ]
    data: dict[str, Any] = {"id": "77", "name": name, "type": 1, "options": given}
    if files:
        data["resolved"] = {"attachments": {file["id"]: file for file in files}}
    return interaction(2, data, **more)


def completing(name: str, options: dict[str, Any], focused: str, **more: Any) -> dict[str, Any]:
    """Return the wish for suggestions to one option."""
    given = [
        {"name": key, "type": 3, "value": value, **({"focused": True} if key == focused else {})}
        for key, value in options.items()
    ]
    return interaction(4, {"id": "77", "name": name, "type": 1, "options": given}, **more)


def press(custom_id: str, **more: Any) -> dict[str, Any]:
    """Return the press of a button on a card."""
    message = Discord()._message(CHANNEL) | {
        "flags": 1 << 15,
        "components": [
            {
                "type": 17,
                "id": 1,
                "components": [
                    {
                        "type": 1,
                        "id": 2,
                        "components": [
                            {"type": 2, "id": 3, "style": 2, "label": "Again", "custom_id": custom_id}
                        ],
                    }
                ],
            }
        ],
    }
    return interaction(3, {"custom_id": custom_id, "component_type": 2, "id": 3}, message=message, **more)


def form(custom_id: str, values: dict[str, Any], files: tuple[dict[str, Any], ...] = (), **more: Any):
    """Return a filled-in form: text as `value`, choices and files as `values`."""
    fields = [
        {
            "type": 18,
            "id": n,
            "component": {
                "custom_id": name,
                "id": 100 + n,
                "type": 4 if isinstance(value, str) else 19 if name == "files" else 3,
                **({"value": value} if isinstance(value, str) else {"values": value}),
            },
        }
        for n, (name, value) in enumerate(values.items(), start=1)
    ]
    data: dict[str, Any] = {"custom_id": custom_id, "components": fields}
    if files:
        data["resolved"] = {"attachments": {file["id"]: file for file in files}}
    return interaction(5, data, **more)


def attachment(n: int, size: int = 100, url: str | None = None, filename: str = "cat.png") -> dict[str, Any]:
    """Return an attachment as Discord describes it."""
    address = url or f"https://cdn.example/{n}/{filename}"
    return {"id": str(n), "filename": filename, "size": size, "url": address, "proxy_url": address}


def as_moderator(**more: Any) -> dict[str, Any]:
    return {"user_id": MOD, "permissions": discord.Permissions(manage_messages=True).value, **more}


async def happen(client: discord.Client, payload: dict[str, Any]) -> None:
    """Let something happen and wait for all that comes of it."""
    before = asyncio.all_tasks()
    client._connection.parse_interaction_create(payload)  # pyright: ignore[reportArgumentType] - a payload by hand
    while new := [task for task in asyncio.all_tasks() - before if not _waits_for_a_form(task)]:
        await asyncio.wait(new, timeout=10)


def _waits_for_a_form(task: asyncio.Task[Any]) -> bool:
    """Tell whether a task is discord.py's clock of a form that is shown."""
    return "timeout_task" in repr(task.get_coro())


# What may be sent


def components_of(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every component of a message or a form, nested ones too."""

    def walk(component: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield component
        for child in (
            *component.get("components", []),
            component.get("component"),
            component.get("accessory"),
        ):
            if child:
                yield from walk(child)

    for component in payload.get("components") or []:
        yield from walk(component)


def texts_of(payload: dict[str, Any]) -> list[str]:
    return [one["content"] for one in components_of(payload) if one["type"] == 10]


def shown_files(payload: dict[str, Any]) -> list[str]:
    """Return the addresses of the files that a message shows, in galleries and by themselves."""
    found = list(components_of(payload))
    gallery = [item["media"]["url"] for one in found if one["type"] == 12 for item in one["items"]]
    return gallery + [one["file"]["url"] for one in found if one["type"] == 13]


def check_limits(payload: dict[str, Any], files: dict[str, Any] | None = None) -> None:
    """Assert Discord's limits of a message made of components, most of which its document does not say."""
    found = list(components_of(payload))
    assert 1 <= len(found) <= 40
    assert all(len(text.strip()) >= 1 for text in texts_of(payload))
    assert sum(len(text) for text in texts_of(payload)) <= 4000
    for one in found:
        assert len(one.get("label") or "") <= 80
        assert len(one.get("custom_id") or "") <= 100
        if one["type"] == 1:
            assert 1 <= len(one["components"]) <= 5
        if one["type"] == 12:
            assert 1 <= len(one["items"]) <= 10
            assert all(len(item.get("description") or "") <= 1024 for item in one["items"])
    named = [one["custom_id"] for one in found if "custom_id" in one]
    assert len(named) == len(set(named))
    urls = shown_files(payload)
    sent = [f"attachment://{file['filename']}" for file in payload.get("attachments") or []]
    assert sorted(urls) == sorted(sent)
    if files is not None:
        assert len(files) == len(sent)
    assert not payload.get("content")


@cache
def _openapi() -> dict[str, Any]:
    return json.loads(OPENAPI.read_text())


@cache
def _validator(method: str, template: str) -> Draft202012Validator:
    spec = _openapi()
    body = spec["paths"][template][method.lower()]["requestBody"]["content"]["application/json"]["schema"]
    return Draft202012Validator({"$ref": "#/body", "body": body, "components": spec["components"]})


def check_document(call: Call) -> None:
    """Assert that a request's body is what Discord's own document says; skip where there is none."""
    if not OPENAPI.exists():
        pytest.skip("Discord's OpenAPI document is not beside the checkout")
    template = next(
        template
        for template in sorted(_openapi()["paths"], key=lambda path: path.count("{"))
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), call.path)
        and call.method.lower() in _openapi()["paths"][template]
    )
    body = json.loads(json.dumps(call.payload))
    data = body if isinstance(body, dict) else {}
    for one in [data, data.get("data") or {}]:
        for file in one.get("attachments") or []:
            file["id"] = str(file["id"])  # numbers are allowed, but the document says strings alone
        if users := (one.get("allowed_mentions") or {}).get("users"):
            one["allowed_mentions"]["users"] = [str(user) for user in users]
    errors = list(_validator(call.method, template).iter_errors(body))
    assert not errors, [(list(error.path), error.message[:300]) for error in errors]


def check_view(view: discord.ui.LayoutView, files: int = 0) -> dict[str, Any]:
    """Assert that a card keeps Discord's limits and document; return it as it is sent."""
    payload: dict[str, Any] = {"flags": 1 << 15, "components": view.to_components()}
    found = shown_files(payload)
    assert len(found) == files
    payload["attachments"] = [
        {"id": n, "filename": url.removeprefix("attachment://")} for n, url in enumerate(found)
    ]
    check_limits(payload)
    assert view.timeout is None
    if OPENAPI.exists():
        check_document(Call("POST", f"/channels/{CHANNEL}/messages", payload))
    return payload


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
    opened = discord.Client(intents=discord.Intents.none(), allowed_mentions=discord.AllowedMentions.none())
    await opened.login("token")
    remote.calls.clear()
    yield opened
    await opened.close()
