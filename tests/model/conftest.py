"""A model's API on a real socket, and a client of it that does not wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from model_kit import KEY, Loopback
from pressure_kit import Clock
from stream_kit import opened

from bot.model.backend import Backend
from bot.model.client import OpenRouter
from bot.model.pressure import Turnstile
from bot.transport.client import open_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    loopback = Loopback()
    listening = await asyncio.start_server(loopback.accept, "127.0.0.1", 0)
    loopback.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/api/v1"
    yield loopback
    listening.close()
    await loopback.stop()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
async def model(server: Loopback, waits: list[float]) -> AsyncIterator[OpenRouter]:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with open_client() as http:
        yield OpenRouter(
            http, Backend(server.url, KEY), attempt_timeout_s=60, sleep=sleep, jitter=lambda: 0.0
        )


@pytest.fixture
async def streaming(server):
    async for client in opened(server, 60):
        yield client


@pytest.fixture
def shown():
    return []


@pytest.fixture
def show(shown):
    async def on_partial(index, picture):
        shown.append((index, picture))

    return on_partial


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def turnstile(clock):
    return Turnstile(4, clock=clock)
