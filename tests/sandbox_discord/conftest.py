"""A sandbox without its page, checked against Discord's official schemas where they are at hand."""

from pathlib import Path

import pytest

from sandbox.server import Sandbox

OPENAPI = Path(__file__).parents[2] / "../shared/data/discord-openapi.json"


@pytest.fixture
async def sandbox():
    async with Sandbox(port=0, page=False, discord_openapi=OPENAPI if OPENAPI.exists() else None) as sandbox:
        sandbox.world.limits.enabled = False
        yield sandbox
