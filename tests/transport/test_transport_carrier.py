"""What travels, and in which words it is said when it does not arrive: a paid call hangs on that."""

from __future__ import annotations

import asyncio
import gzip
import socket

import httpx
import pytest
from transport_kit import listening

from bot.model.attempt import NOT_SENT
from bot.transport.carrier import Carrier
from bot.transport.client import LIMITS, open_client

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def client(limits=LIMITS):
    return open_client(transport=Carrier(limits))


def answering(answer, *, then_hang=False):
    """Read a request and write an answer; with nothing to write, just hang up."""

    async def handle(reader, writer):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    await reader.readexactly(int(line.partition(b":")[2]))
            writer.write(answer)
            await writer.drain()
            if then_hang:
                await asyncio.Event().wait()
            if answer is not OK:
                return

    return handle


async def failure(handle, **bounds):
    """Return what a POST ends with."""
    async with listening(handle) as url, client() as http:
        with pytest.raises(httpx.TransportError) as caught:
            await http.post(url, content=b"paid", **bounds)
    return caught.value


BROKEN_AFTER_SENDING = {
    "hung up without a word": (answering(b""), httpx.RemoteProtocolError),
    "broke off in the headers": (answering(b"HTTP/1.1 200 OK\r\nContent-"), httpx.RemoteProtocolError),
    "no HTTP": (answering(b"SSH-2.0-OpenSSH\r\n\r\n"), httpx.RemoteProtocolError),
    "broke off in the body": (
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"),
        httpx.RemoteProtocolError,
    ),
    "broke off between chunks": (
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhal\r\n"),
        httpx.RemoteProtocolError,
    ),
}


@pytest.mark.parametrize(("handle", "kind"), BROKEN_AFTER_SENDING.values(), ids=BROKEN_AFTER_SENDING.keys())
async def test_what_breaks_after_sending_never_looks_unsent(handle, kind):
    error = await failure(handle)

    assert isinstance(error, kind)
    assert not isinstance(error, NOT_SENT)


async def test_a_reset_after_sending_never_looks_unsent():
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    assert not isinstance(await failure(handle), NOT_SENT)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"], ids=["no answer", "half an answer"]
)
async def test_silence_after_sending_is_a_read_timeout(answer):
    bounds = httpx.Timeout(30, read=0.05)
    assert isinstance(await failure(answering(answer, then_hang=True), timeout=bounds), httpx.ReadTimeout)


async def test_a_closed_port_was_not_sent_to():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async with client() as http:
        with pytest.raises(httpx.ConnectError):
            await http.post(f"http://127.0.0.1:{port}/", content=b"paid")


async def test_no_free_connection_was_not_sent_to():
    taken = asyncio.Event()

    async def handle(reader, writer):
        taken.set()
        await asyncio.Event().wait()

    async with listening(handle) as url, client(httpx.Limits(max_connections=1)) as http:
        first = asyncio.create_task(http.post(url, content=b"paid", timeout=30))
        await taken.wait()
        with pytest.raises(httpx.ConnectTimeout):
            await http.post(url, content=b"paid", timeout=httpx.Timeout(5, connect=0.01, pool=0.01))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


@pytest.mark.parametrize("url", ["ftp://example.org/", "http:///nowhere"])
async def test_what_is_no_web_address_is_not_asked(url):
    async with client() as http:
        with pytest.raises(httpx.UnsupportedProtocol):
            await http.get(url)


class Echo:
    """Keeps the requests as they came, and on how many connections."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.ended = asyncio.Event()

    async def __call__(self, reader, writer):
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                self.heads.append(head)
                if "chunked" in head:
                    self.bodies.append(await reader.readuntil(b"0\r\n\r\n"))
                elif "content-length" in head:
                    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
                    self.bodies.append(await reader.readexactly(length))
                writer.write(OK)
        finally:
            self.ended.set()


async def pieces():
    yield b"one"
    yield b"two"


async def test_a_generated_body_of_known_length_is_sent_as_such():
    echo = Echo()
    async with listening(echo) as url, client() as http:
        await http.post(url, content=pieces(), headers={"Content-Length": "6"})

    assert echo.bodies == [b"onetwo"]
    assert echo.heads[0].count("content-length") == 1
    assert "transfer-encoding" not in echo.heads[0]


async def test_a_generated_body_of_unknown_length_is_sent_in_chunks():
    echo = Echo()
    async with listening(echo) as url, client() as http:
        await http.post(url, content=pieces())

    assert echo.bodies == [b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"]
    assert echo.heads[0].count("transfer-encoding") == 1
    assert "content-length" not in echo.heads[0]


async def test_a_body_that_fails_is_told_as_it_failed():
    async def failing():
        yield b"one"
        raise KeyError("mine")

    echo = Echo()
    async with listening(echo) as url, client() as http:
        with pytest.raises((KeyError, httpx.TransportError)) as caught:
            await http.post(url, content=failing(), headers={"Content-Length": "6"})

    assert not isinstance(caught.value, NOT_SENT)


async def test_nothing_is_added_to_what_httpx_asks_for():
    echo = Echo()
    async with listening(echo) as url, client() as http:
        await http.get(f"{url}/a%20b?q=%2F&r=ü")

    assert echo.heads[0].startswith("get /a%20b?q=%2f&r=%c3%bc http/1.1\r\n")
    assert "content-" not in echo.heads[0]
    assert echo.heads[0].count("accept-encoding: identity") == 1
    assert "aiohttp" not in echo.heads[0]


async def test_cookies_are_not_kept():
    heads = []

    async def handle(reader, writer):
        while True:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n", 1))

    async with listening(handle) as url:
        carrier = Carrier(LIMITS)
        for _ in range(2):
            response = await carrier.handle_async_request(httpx.Request("GET", url))
            await response.aread()
            assert response.headers.get_list("Set-Cookie") == ["a=1", "b=2"]
        await carrier.aclose()

    assert b"cookie" not in heads[1].lower()


async def test_raw_bytes_stay_as_they_came():
    packed = gzip.compress(b"a bomb" * 1000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)

    async with (
        listening(answering(head + packed)) as url,
        client() as http,
        http.stream("GET", url) as response,
    ):
        assert b"".join([chunk async for chunk in response.aiter_raw()]) == packed


async def test_a_response_left_unread_takes_its_connection_along():
    served = []

    async def handle(reader, writer):
        served.append(writer)
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + bytes(1000))

    async with listening(handle) as url, client() as http:
        for _ in range(2):
            async with http.stream("GET", url) as response:
                assert response.status_code == 200

    assert len(served) == 2


async def test_a_cancelled_request_takes_its_connection_along():
    asked, ended = asyncio.Event(), asyncio.Event()

    async def handle(reader, _):
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        ended.set()

    async with listening(handle) as url, client() as http:
        asking = asyncio.create_task(http.get(url))
        await asyncio.wait_for(asked.wait(), 5)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(ended.wait(), 5)


async def test_closing_takes_all_connections_along():
    echo = Echo()
    async with listening(echo) as url:
        async with client() as http:
            await http.get(url)
            assert not echo.ended.is_set()
        await asyncio.wait_for(echo.ended.wait(), 5)


async def test_a_client_that_never_asked_closes():
    async with client():
        pass
