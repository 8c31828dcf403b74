"""Streams of pictures, as events on a real socket."""

from __future__ import annotations

import asyncio
import base64
import json

from model_kit import KEY, PNG, a_call

from bot.domain.capabilities import Offer, Transport
from bot.model.backend import Backend
from bot.model.client import OpenRouter
from bot.transport.client import open_client

CALL = a_call(Transport.IMAGES)
OTHER = PNG + b"another"
DONE = b"data: [DONE]\n\n"
USAGE = {"completion_tokens": 1056, "cost": 0.04}


def event(kind, **fields):
    return b"data: " + json.dumps({"type": kind, **fields}).encode() + b"\n\n"


def partial(index, data=PNG):
    return event(
        "image_generation.partial_image",
        partial_image_index=index,
        b64_json=base64.b64encode(data).decode(),
    )


def completed(data=PNG, usage=None, **fields):
    said = {"usage": usage} if usage else {}
    written = base64.b64encode(data).decode()
    return event("image_generation.completed", b64_json=written, created=0, **said, **fields)


HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nX-Generation-Id: gen-img-1\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)


def stream(*pieces, ends=True, hangs: asyncio.Event | None = None, keeps=False):
    """Answer with events, each sent on its own; then end, break off, or set the event and hang.

    `keeps` says that the connection stays open after it.
    """

    async def send(writer):
        writer.write(HEAD.replace(b"Connection: close\r\n", b"") if keeps else HEAD)
        for piece in pieces:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(0.002)
        if hangs is not None:
            hangs.set()
            await asyncio.Event().wait()
        if ends:
            writer.write(b"0\r\n\r\n")

    return send


async def opened(server, timeout_s):
    """A client of a model that streams."""
    async with open_client() as http:
        yield OpenRouter(
            http,
            Backend(server.url, KEY),
            offer_of=lambda _, transport: Offer(transport, streams=True),
            attempt_timeout_s=timeout_s,
            sleep=lambda _: asyncio.sleep(0),
        )
