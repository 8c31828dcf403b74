"""The one HTTP client of the process, and the only place that says how it behaves."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.request import getproxies

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = httpx.Timeout(connect=10, write=30, read=180, pool=5)
"""Pictures take up to two minutes, in silence; all values in seconds."""
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=30)
"""httpx's own 100 connections end in PoolTimeout at the 101st picture."""
KEEPALIVE_S = 60
"""Idle time before TCP probes, well under the idle limits of NATs that reset long silent calls."""
LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def open_client(
    *, headers: Mapping[str, str] | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return a client for the whole process: HTTP/1.1, no redirects, no compression, bounded.

    Proxies of the environment are honoured, except for loopback. Opening costs about 50 ms, so open it once.
    """
    if transport is None and not getproxies():
        transport = httpx.AsyncHTTPTransport(limits=LIMITS, socket_options=_keepalive())
    return httpx.AsyncClient(
        headers={"Accept-Encoding": "identity", **(headers or {})},
        timeout=TIMEOUT,
        limits=LIMITS,
        follow_redirects=False,
        transport=transport,
        mounts=dict.fromkeys(LOOPBACK),
    )


def _keepalive() -> list[tuple[int, int, int]]:
    """Return the socket options that keep a silent connection alive, as far as the system knows them."""
    names = [name for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL") if hasattr(socket, name)]
    probes = [(socket.IPPROTO_TCP, int(getattr(socket, name)), KEEPALIVE_S) for name in names]
    return [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *probes]
