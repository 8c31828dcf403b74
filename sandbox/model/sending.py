"""Answers on the wire, byte by byte: keep-alives, drips, cut-offs and resets, which frameworks prevent."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Receive, Scope, Send

    from sandbox.model.faults import Fault

KEEP_ALIVE = b"         \n"
COMMENT = b": OPENROUTER PROCESSING\n\n"
DRIP_S = 0.2
SETTLE_S = 0.05
"""How long bytes get to reach the client before a reset, which would throw them away."""


class Line:
    """One connection with a client: what was sent on it, and ways to misuse it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self.started = False

    async def start(self, status: int, headers: Mapping[str, str], length: int | None = None) -> None:
        """Send the status and headers; without a length, the body comes in chunks."""
        fields = dict(headers) if length is None else dict(headers) | {"Content-Length": str(length)}
        raw = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})
        self.started = True

    async def more(self, data: bytes) -> None:
        """Send a piece of the body."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self, data: bytes = b"") -> None:
        """Send the last piece of the body."""
        await self._send({"type": "http.response.body", "body": data})

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send a whole answer, or what is missing of one whose headers are out already."""
        if not self.started:
            await self.start(status, headers, len(body))
        await self.finish(body)

    async def gone(self) -> None:
        """Wait until the client hung up; the request's body must have been read before."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def misbehave(self, fault: Fault, headers: Mapping[str, str], pieces: Iterable[bytes]) -> None:
        """Send an answer wrongly, as a fault of the line says."""
        body = b"".join(pieces)
        if fault.name == "slow_drip":
            await self._drip(headers, body, fault.seconds(DRIP_S))
            return
        if fault.name != "reset_before_headers":
            if not self.started:
                await self.start(200, headers, len(body))
            if fault.name in ("reset_mid_body", "truncated_body"):
                await self.more(body[: len(body) // 2])
            else:
                await self.more(b"")
            await asyncio.sleep(SETTLE_S)
        await self._hang_up(reset=fault.name != "truncated_body")

    async def _drip(self, headers: Mapping[str, str], body: bytes, pause_s: float) -> None:
        """Send a byte at a time until the client loses patience."""
        if not self.started:
            await self.start(200, headers, len(body))
        dripping = asyncio.create_task(self._drops(body, pause_s))
        leaving = asyncio.create_task(self.gone())
        _, pending = await asyncio.wait((dripping, leaving), return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def _drops(self, body: bytes, pause_s: float) -> None:
        for position in range(len(body)):
            await self.more(body[position : position + 1])
            await asyncio.sleep(pause_s)
        await self.finish()

    async def _hang_up(self, *, reset: bool) -> None:
        """Close the connection under the server's feet; ASGI itself has no way to say so."""
        connection = _connection(self._scope)
        if connection is None:
            raise ConnectionResetError("the sandbox's model hung up")
        with connection:
            if reset:
                # With a linger of zero seconds, closing sends RST in place of FIN.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        await self.gone()


def _connection(scope: Scope) -> socket.socket | None:
    """Return the server's end of the connection that a request came on, or None where there is none."""
    client, server = scope.get("client"), scope.get("server")
    if client is None or server is None:
        return None
    for entry in Path("/dev/fd").iterdir():
        candidate = _socket(int(entry.name))
        if candidate is None:
            continue
        with suppress(OSError):
            if candidate.getpeername()[:2] == tuple(client) and candidate.getsockname()[1] == server[1]:
                return candidate
        candidate.close()
    return None


def _socket(number: int) -> socket.socket | None:
    """Return a second handle on an open socket of this process, or None where the number is no socket."""
    try:
        copy = os.dup(number)
    except OSError:
        return None
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        return None
