"""Carries httpx's requests with aiohttp, which takes a third of the processor time on pictures."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import aiohttp
import httpx
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from aiohttp import AddrInfoType

OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What aiohttp would add by itself; httpx has decided already."""
KEEPALIVE_S = 60
"""Idle time before TCP probes, well under the idle limits of NATs that reset long silent calls."""
BROKEN: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.NonHttpUrlClientError, httpx.UnsupportedProtocol),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
    (OSError, httpx.ReadError),
)
"""What went wrong, in httpx's words, the first that fits.

Only what happens before a connection is there may be a ConnectError or a ConnectTimeout: a paid call is sent
again after these. The package httpx-aiohttp calls a connection that broke after sending a ConnectTimeout too.
"""


class Carrier(httpx.AsyncBaseTransport):
    """A transport for httpx: HTTP/1.1, no redirects, no cookies, nothing unpacked on the way.

    Certificates are checked against those of the system, as they are for Discord. The time to write has no
    bound of its own; who sends bounds the whole exchange.
    """

    def __init__(self, limits: httpx.Limits) -> None:
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response as soon as its headers are there."""
        with _in_words_of_httpx():
            response = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=_headers(request),
                data=request.stream if _has_body(request) else None,
                chunked=True if "Transfer-Encoding" in request.headers else None,
                allow_redirects=False,
                timeout=_timeout(request.extensions.get("timeout", {})),
            )
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Body(response))

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, opened with the first request: it belongs to the loop that runs then."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._limits.max_connections or 0,
                keepalive_timeout=self._limits.keepalive_expiry,
                socket_factory=_kept_alive,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=OWN_HEADERS,
                auto_decompress=False,
            )
        return self._session


class _Body(httpx.AsyncByteStream):
    """A response's bytes as they come; one that is not read to its end takes its connection along."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        with _in_words_of_httpx():
            async for chunk in self._response.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        self._response.release()


@contextmanager
def _in_words_of_httpx() -> Generator[None]:
    """Raise httpx's exceptions in place of aiohttp's."""
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:
        raise next(ours for theirs, ours in BROKEN if isinstance(error, theirs))(str(error)) from error


def _headers(request: httpx.Request) -> list[tuple[str, str]]:
    """Return the headers; how the body is framed is said by whoever frames it."""
    return [(name, value) for name, value in request.headers.multi_items() if name != "transfer-encoding"]


def _has_body(request: httpx.Request) -> bool:
    return "Transfer-Encoding" in request.headers or request.headers.get("Content-Length", "0") != "0"


def _timeout(bounds: dict[str, float | None]) -> aiohttp.ClientTimeout:
    """Return httpx's bounds in aiohttp's words, where waiting for a free connection counts as connecting."""
    connect_s, pool_s = bounds.get("connect"), bounds.get("pool")
    both_s = None if connect_s is None or pool_s is None else connect_s + pool_s
    return aiohttp.ClientTimeout(
        total=None, connect=both_s, sock_connect=connect_s, sock_read=bounds.get("read")
    )


def _kept_alive(address: AddrInfoType) -> socket.socket:  # pyright: ignore[reportUnknownParameterType] - aiohttp leaves the address's own type open
    """Return a socket that probes a silent connection, as far as the system knows how."""
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), KEEPALIVE_S)
    return made
