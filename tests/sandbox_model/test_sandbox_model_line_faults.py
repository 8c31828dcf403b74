"""What goes wrong on the wire: resets, drips, keep-alives, and clients that leave."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch, images):
    """Keep the tests quick."""
    monkeypatch.setattr("sandbox.model.chat_checks.SQUARE", (256, 256))
    images["size"] = "256x256"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("path", ["/chat/completions", "/images"])
@pytest.mark.parametrize(
    "name", ["reset_before_headers", "reset_after_headers", "reset_mid_body", "truncated_body"]
)
async def test_a_broken_line_is_a_transport_error(wire, model, chat, images, name, path):
    model.faults.add(name)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await wire.post(path, json=images if path == "/images" else chat)
    await model.until(lambda model: model.calls[0].outcome == name)

    assert (model.calls[0].cost_microusd > 0) == (path == "/chat/completions")
    assert (await wire.get("/key")).status_code == 200


async def test_headers_arrive_before_the_reset(wire, model, chat):
    model.faults.add("reset_after_headers")
    async with wire.stream("POST", "/chat/completions", json=chat) as reply:
        assert reply.status_code == 200
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await reply.aread()


async def test_a_slow_drip_goes_on_until_the_client_leaves(wire, model, chat):
    model.faults.add("slow_drip", seconds=0.01)
    async with wire.stream("POST", "/chat/completions", json=chat) as reply:
        drops = reply.aiter_raw()
        assert len(b"".join([await anext(drops) for _ in range(3)])) < 100
    await model.until(lambda model: model.calls[0].outcome == "slow_drip")

    assert model.calls[0].status == 200


@pytest.mark.further
async def test_a_drip_ends_for_those_who_wait(wire, model, talk):
    model.faults.add("slow_drip", seconds=0)
    reply = await wire.post("/chat/completions", json=talk)

    assert "Good evening" in reply.json()["choices"][0]["message"]["content"]


@pytest.mark.further
async def test_a_slow_call_drips_after_its_whitespace(wire, model, talk):
    model.latency_s, model.keep_alive_s = 0.05, 0.02
    model.faults.add("slow_drip", seconds=0)
    reply = await wire.post("/chat/completions", json=talk)

    assert reply.text.startswith("         \n")
    assert reply.json()["usage"]["cost"] > 0


async def test_a_request_cut_off_in_its_body_is_no_call(wire, model):
    _, writer = await asyncio.open_connection("127.0.0.1", wire.base_url.port)
    head = "POST /api/v1/images HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-or-x\r\n"
    writer.write((head + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{").encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert (await wire.get("/key")).status_code == 200
    assert model.calls == []


def open_handles():
    return len(list(Path("/dev/fd").iterdir()))


async def test_a_reset_leaves_no_handle_open(wire, model, talk):
    handles = []
    for _ in range(3):
        model.faults.add("reset_before_headers")
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await wire.post("/chat/completions", json=talk)
        await wire.get("/key")
        handles.append(open_handles())

    assert handles[-1] <= handles[0]


async def test_without_a_socket_a_reset_is_an_exception(client, model, chat):
    model.faults.add("reset_before_headers")
    with pytest.raises(ConnectionResetError):
        await client.post("/chat/completions", json=chat)


async def test_a_slow_chat_call_opens_with_whitespace(wire, model, chat):
    model.latency_s, model.keep_alive_s = 0.08, 0.02
    reply = await wire.post("/chat/completions", json=chat)

    assert reply.text.startswith("         \n")
    assert reply.json()["choices"][0]["message"]["images"]


async def test_keep_alives_come_when_told(wire, model, chat):
    model.faults.add("keep_alives")
    reply = await wire.post("/chat/completions", json=chat)

    assert reply.text.startswith("         \n" * 12)
    assert reply.json()["usage"]["cost"] > 0


async def test_slow_takes_its_seconds(client, model, images):
    model.faults.add("slow", seconds=0.15)
    started = asyncio.get_running_loop().time()
    reply = await client.post("/images", json=images)

    assert asyncio.get_running_loop().time() - started >= 0.15
    assert reply.status_code == 200


async def test_a_client_that_leaves_the_pictures_endpoint_pays_nothing(wire, model, images):
    model.pause()
    call = asyncio.create_task(wire.post("/images", json=images))
    await model.until(lambda model: model.calls != [])
    call.cancel()
    await model.until(lambda model: model.calls[0].outcome == "dropped")

    assert model.total_cost_microusd == 0


async def test_a_client_that_leaves_chat_pays_all_the_same(wire, model, chat):
    model.pause()
    call = asyncio.create_task(wire.post("/chat/completions", json=chat))
    await model.until(lambda model: model.calls != [])
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    model.resume()
    await model.until(lambda model: model.calls[0].outcome != "running")

    assert model.total_cost_microusd > 0
