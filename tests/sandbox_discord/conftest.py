"""Worlds to test with: over real sockets, or over ASGI alone where the wire does not matter."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.discord.gateway import Gateway
from sandbox.discord.rest import create_app
from sandbox.discord.world import default_world
from sandbox.server import Sandbox

REST = "/discord/api/v10"
_BESIDE = Path(__file__).parents[2] / "../shared/data/discord-openapi.json"
OPENAPI = _BESIDE if _BESIDE.exists() else None


class Api:
    """Discord's REST as a bot sees it, one method a verb; answers are (status, JSON)."""

    def __init__(self, world) -> None:
        self.world = world
        app = Starlette(routes=[Mount("/discord", create_app(world, Gateway(world)))])
        transport = httpx.ASGITransport(app=app)
        self.http = httpx.AsyncClient(transport=transport, base_url=world.base_url)
        self.headers = {"authorization": f"Bot {world.token}"}
        self.webhook = f"/webhooks/{world.application_id}"

    async def __call__(self, method, path, json=None, files=(), headers=None):
        arguments: dict[str, Any] = {"headers": self.headers if headers is None else headers}
        if files:
            parts = [("payload_json", (None, orjson.dumps(json or {}), "application/json"))]
            parts += [
                (f"files[{n}]", (name, content, "application/octet-stream")) for n, (name, content) in files
            ]
            arguments["files"] = parts
        elif json is not None:
            arguments["json"] = json
        response = await self.http.request(method, f"{REST}{path}", **arguments)
        return response.status_code, orjson.loads(response.content) if response.content else None

    async def respond(self, interaction, kind, data=None):
        body = {"type": kind} | ({} if data is None else {"data": data})
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
        return await self("POST", path, body, headers={})

    def channel(self, name="studio"):
        return f"/channels/{self.world.channel(name).id}"


@pytest.fixture(scope="session")
def openapi():
    return OPENAPI


@pytest.fixture
async def sandbox():
    async with Sandbox(port=0, page=False, discord_openapi=OPENAPI) as sandbox:
        sandbox.world.limits.enabled = False
        yield sandbox


@pytest.fixture
def world():
    world = default_world(OPENAPI)
    world.limits.enabled = False
    return world


@pytest.fixture
async def api(world):
    api = Api(world)
    yield api
    await api.http.aclose()


COMMANDS = [
    {
        "name": "draw",
        "description": "Draw",
        "options": [
            {"type": 3, "name": "prompt", "description": "What", "required": True, "max_length": 50},
            {"type": 3, "name": "style", "description": "How", "autocomplete": True},
            {"type": 11, "name": "reference", "description": "Like this"},
        ],
        "integration_types": [0, 1],
        "contexts": [0, 1, 2],
    },
    {"name": "Describe", "type": 3},
    {"name": "Portrait", "type": 2},
]


@pytest.fixture
async def ada(world, api):
    """Ada, where /draw and two menus are offered."""
    status, _ = await api("PUT", f"/applications/{world.application_id}/commands", COMMANDS)
    assert status == 200
    return world.person("Ada")


@pytest.fixture
async def drawn(ada):
    """An interaction of Ada's, not yet answered."""
    return await ada.slash("draw", {"prompt": "a boat"})
