"""How the one HTTP client behaves."""

from __future__ import annotations

import socket

import httpx
import pytest
from transport_kit import listening

from bot.transport.client import TIMEOUT, open_client


async def answered(client, count=1):
    """Return what a server on this machine was asked, and over how many connections."""
    heads, connections = [], []

    async def handle(reader, writer):
        connections.append(writer.get_extra_info("peername"))
        while True:
            heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()

    async with listening(handle) as url, client:
        statuses = [(await client.get(url)).status_code for _ in range(count)]
    return heads, connections, statuses


async def test_redirects_are_not_followed_and_connections_are_kept():
    heads, connections, statuses = await answered(open_client(), count=3)

    assert statuses == [302, 302, 302]
    assert len(connections) == 1
    assert all("HTTP/1.1" in head for head in heads)


async def test_nothing_compressed_is_asked_for_and_own_headers_go_along():
    heads, _, _ = await answered(open_client(headers={"User-Agent": "Easel"}))

    assert "accept-encoding: identity" in heads[0].lower()
    assert "user-agent: easel" in heads[0].lower()


@pytest.mark.further
async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    heads, _, statuses = await answered(open_client())

    assert (len(heads), statuses) == (1, [302])


@pytest.mark.further
async def test_a_proxy_of_the_environment_is_used_for_the_rest(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async with open_client() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://example.invalid/")


async def test_a_given_transport_serves_everything_but_this_machine():
    async with open_client(transport=httpx.MockTransport(lambda _: httpx.Response(204))) as client:
        assert (await client.get("https://openrouter.ai/")).status_code == 204


def test_a_silent_picture_has_three_minutes():
    assert TIMEOUT.as_dict() == {"connect": 10, "read": 180, "write": 30, "pool": 5}


async def test_silent_connections_are_probed(monkeypatch):
    set_options = []
    real = socket.socket.setsockopt

    def note(self, *args):
        set_options.append(args)
        return real(self, *args)

    monkeypatch.setattr(socket.socket, "setsockopt", note)
    await answered(open_client())

    assert (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1) in set_options
