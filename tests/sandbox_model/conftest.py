"""A loopback model, and clients that talk to it: through ASGI, and over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import httpx
import pytest
import uvicorn

from sandbox.model import LoopbackModel
from sandbox.model.app import create_app

OPENAPI = Path(__file__).parents[2] / "../shared/data/openrouter-openapi.json"
HEADERS = {"Authorization": "Bearer sk-or-v1-sandbox"}


@pytest.fixture(scope="session")
def schema():
    """OpenRouter's document, read once; None where it is not at hand."""
    return LoopbackModel(openapi=OPENAPI).schema if OPENAPI.exists() else None


@pytest.fixture
def model(schema):
    model = LoopbackModel()
    model.schema = schema
    return model


@pytest.fixture
def documents(schema):
    if schema is None:
        pytest.skip("OpenRouter's OpenAPI document is not at hand")
    return schema


@pytest.fixture
async def client(model):
    transport = httpx.ASGITransport(create_app(model))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://model/api/v1", headers=HEADERS
    ) as client:
        yield client


@pytest.fixture
async def wire(model):
    """A client over a real socket."""
    config = uvicorn.Config(create_app(model), port=0, log_level="critical", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    sock = config.bind_socket()
    port = sock.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}/api/v1", headers=HEADERS, timeout=60, trust_env=False
    ) as client:
        yield client
    server.should_exit = server.force_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    sock.close()


@pytest.fixture
def chat():
    """A picture through chat."""
    return {
        "model": "openai/gpt-5-image-mini",
        "modalities": ["image", "text"],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a red moon"}]}],
        "max_tokens": 16384,
        "user": "someone",
        "session_id": "channel",
        "reasoning": {"effort": "low"},
    }


@pytest.fixture
def images():
    """Pictures through the pictures endpoint."""
    return {"model": "black-forest-labs/flux.2-pro", "prompt": "a red moon", "n": 2, "seed": 0}


@pytest.fixture
def talk():
    """Words through chat."""
    return {"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "Good evening"}]}
