"""A minimal OpenRouter of fixed answers, fast enough to load others: cached bytes over plain sockets."""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pybase64

from benchmarks.pictures import noise_png
from sandbox.model.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

MODEL_ID, TALKER = "openai/gpt-5-image-mini", "openai/gpt-4o-mini"
PATH = "/api/v1"
COST_USD = 0.01
PIECES = tuple(f"word {number} of the answer, " for number in range(40))
LAST = "and that is all."


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"


def reply(size_bytes: int, number: int = 0) -> bytes:
    """Return a reply of `/images` with one picture of that size, another one for each number."""
    picture = pybase64.b64encode(noise_png(size_bytes, number))
    usage = {"prompt_tokens": 20, "completion_tokens": 1056, "total_tokens": 1076, "cost": COST_USD}
    data = [{"b64_json": "#", "media_type": "image/png"}]
    page = json.dumps({"created": 1_795_219_200, "data": data, "usage": usage})
    return page.encode().replace(b"#", picture)


@functools.cache
def events() -> tuple[bytes, ...]:
    """Return an answer's events, each a chunk of HTTP."""
    about = f'{{"id":"gen-w","model":"{TALKER}","object":"chat.completion.chunk","created":1795219200,'
    said = [
        about + f'"choices":[{{"index":0,"delta":{{"content":{json.dumps(piece)}}},"finish_reason":null}}]}}'
        for piece in (*PIECES, LAST)
    ]
    done = about + '"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}'
    usage = json.dumps({"prompt_tokens": 60, "completion_tokens": 240, "cost": COST_USD / 10})
    lines = [
        f"data: {page}\n\n".encode()
        for page in (*said, done, about + f'"choices":[],"usage":{usage}}}', "[DONE]")
    ]
    return tuple(f"{len(line):x}\r\n".encode() + line + b"\r\n" for line in lines)


class FixedModel:
    """Answers every paid call alike: a picture of `picture_bytes`, after `latency_s`; words within that.

    `pause` holds calls until `resume`; `in_flight` counts those that wait, `served` those that were answered.
    """

    def __init__(self, *, latency_s: float, picture_bytes: int) -> None:
        self.latency_s = latency_s
        self.picture_bytes = picture_bytes
        self.in_flight = 0
        self.served = 0
        self.url = ""
        self._going = asyncio.Event()
        self._going.set()
        self._ids = itertools.count(1)
        self._pages = _pages()

    def pause(self) -> None:
        """Let calls wait."""
        self._going.clear()

    def resume(self) -> None:
        """Let the waiting calls go on."""
        self._going.set()

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Serve on a free port while the block runs; `url` says where."""
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{PATH}"
        try:
            yield
        finally:
            server.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests, one after another."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(_length(head))
                method, target, _ = head.split(b" ", 2)
                if target.endswith(b"/chat/completions"):
                    await self._talk(writer)
                elif method == b"POST":
                    await self._draw(writer)
                else:
                    self._page(writer, target.decode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client left, or the benchmark ends
        finally:
            writer.close()

    async def _draw(self, writer: asyncio.StreamWriter) -> None:
        """Take as long as a model takes, and send the picture."""
        self.in_flight += 1
        try:
            await asyncio.sleep(self.latency_s)
            await self._going.wait()
        finally:
            self.in_flight -= 1
        body = reply(self.picture_bytes, self.served)
        self.served += 1
        writer.write(_head(200, len(body), f"X-Generation-Id: gen-{next(self._ids)}\r\n"))
        writer.write(body)

    async def _talk(self, writer: asyncio.StreamWriter) -> None:
        """Stream an answer in even pieces, as long as a model takes."""
        self.in_flight += 1
        writer.write(STREAM_HEAD + f"X-Generation-Id: gen-{next(self._ids)}\r\n\r\n".encode())
        try:
            for event in events():
                writer.write(event)
                await writer.drain()
                await asyncio.sleep(self.latency_s / len(PIECES))
        finally:
            self.in_flight -= 1
        writer.write(b"0\r\n\r\n")
        self.served += 1

    def _page(self, writer: asyncio.StreamWriter, target: str) -> None:
        """Send a page of the catalogue; no past call is known."""
        path = urlsplit(target).path.removeprefix(PATH)
        body = self._pages.get(path)
        status = 404 if body is None else 200
        body = body or b'{"error":{"message":"not found","code":404}}'
        writer.write(_head(status, len(body)) + body)


def _pages() -> dict[str, bytes]:
    """Return what is read of the catalogue, as the sandbox has it."""
    catalogue = Catalogue()
    pages = {
        "/models": {"data": catalogue.page("all")},
        "/images/models": {"data": catalogue.image_page()},
        f"/images/models/{MODEL_ID}/endpoints": catalogue.known(MODEL_ID).image_endpoints(),
    }
    return {path: json.dumps(page).encode() for path, page in pages.items()}


def _length(head: bytes) -> int:
    """Return how long a request's body is."""
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _head(status: int, length: int, more: str = "") -> bytes:
    """Return a response's first lines."""
    reason = "OK" if status == 200 else "Not Found"
    lines = f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
    return f"{lines}{more}\r\n".encode()
