"""A bucket on loopback that speaks what Easel needs of S3, and can be in trouble."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Bucket:
    """What it keeps by path, and the status and code of its answers while it is in trouble."""

    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])
    trouble: tuple[int, str] | None = None
    refused: int = 0
    """Requests that met trouble."""
    is_quick: asyncio.Event = field(default_factory=_set)
    """Answers wait for it."""
    port: int | None = None

    @property
    def settings(self) -> dict[str, str]:
        """Return the variables by which the bucket is found."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_REGION": "us-east-1",
        }

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request."""
        await self.is_quick.wait()
        path = request.path
        if self.trouble is not None:
            self.refused += 1
            status, code = self.trouble
            return web.Response(status=status, text=f"<Error><Code>{code}</Code></Error>")
        if request.method == "PUT":
            self.kept[path] = await request.read()
            return web.Response(headers={"ETag": '"tag"'})
        if request.method == "POST":
            (key,) = re.findall("<Key>(.*)</Key>", await request.text())
            self.kept.pop(f"{path}/{key}", None)
            return web.Response(text=f"<DeleteResult><Deleted><Key>{key}</Key></Deleted></DeleteResult>")
        if path not in self.kept:
            return web.Response(status=404)
        headers = {"ETag": '"tag"', "Last-Modified": "Sat, 21 Nov 2026 12:00:00 GMT"}
        return web.Response(body=self.kept[path], headers=headers)


@asynccontextmanager
async def serving() -> AsyncGenerator[Bucket]:
    """Serve a bucket on a free port."""
    bucket = Bucket()
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", bucket.answer)
    server = TestServer(application)
    await server.start_server()
    bucket.port = server.port
    try:
        yield bucket
    finally:
        await server.close()
