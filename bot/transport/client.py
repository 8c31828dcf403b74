"""The one HTTP client of the process, and the only place that says how it behaves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import getproxies

import httpx

from bot.transport.carrier import Carrier

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = httpx.Timeout(connect=10, write=30, read=180, pool=5)
"""Pictures take up to two minutes, in silence; all values in seconds."""
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=30)
"""httpx's own 100 connections end in PoolTimeout at the 101st picture."""
LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def open_client(
    *, headers: Mapping[str, str] | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return a client for the whole process: HTTP/1.1, no redirects, no compression, bounded.

    Proxies of the environment are honoured, except for loopback; with one, httpx carries its requests itself.
    """
    if transport is None and not getproxies():
        transport = Carrier(LIMITS)
    return httpx.AsyncClient(
        headers={"Accept-Encoding": "identity", **(headers or {})},
        timeout=TIMEOUT,
        limits=LIMITS,
        follow_redirects=False,
        transport=transport,
        mounts=dict.fromkeys(LOOPBACK),
    )
