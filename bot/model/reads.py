"""Free reads of the model's API: retried, bounded, JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import stamina

from bot.model.diagnosis import diagnose
from bot.model.failures import Failure, Retry, failure
from bot.model.shapes import parse, parse_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.model.backend import Backend

ATTEMPTS = 3
TIMEOUT_S = 20.0
MAX_BYTES = 16 * 1024**2
"""The whole catalogue is about one MiB."""


class ReadFailed(Exception):
    """A read brought nothing; says the status, where there was one, and the failure."""

    def __init__(self, status: int | None, failed: Failure) -> None:
        super().__init__(failed.name)
        self.status = status
        self.failed = failed


class _Passing(ReadFailed):
    """A read that may do better in a moment."""


async def read_json(
    http: httpx.AsyncClient,
    backend: Backend,
    path: str,
    params: Mapping[str, str] | None = None,
    *,
    again_on: frozenset[int] = frozenset(),
    attempts: int = ATTEMPTS,
) -> object:
    """Return what a page holds, or raise ReadFailed after a few tries.

    What passes by itself is tried again, and so are the statuses in `again_on`.
    """
    async for attempt in stamina.retry_context(
        on=_Passing, attempts=attempts, timeout=3 * TIMEOUT_S, wait_initial=0.5, wait_max=4.0
    ):
        with attempt:
            return await _read(http, backend, path, params or {}, again_on)
    raise AssertionError  # pragma: no cover - the retries end in a return or an error


async def _read(
    http: httpx.AsyncClient, backend: Backend, path: str, params: Mapping[str, str], again_on: frozenset[int]
) -> object:
    """Read a page once."""
    try:
        async with http.stream(
            "GET", backend.url(path), params=dict(params), headers=backend.headers(), timeout=TIMEOUT_S
        ) as response:
            body = await _bounded(response)
    except httpx.RequestError:
        raise _Passing(None, failure("unreachable")) from None
    if not response.is_success:
        failed = diagnose(response.status_code, parse_or_none(body), response.headers, datetime.now(UTC))
        passes = failed.retry is Retry.SAME or response.status_code in again_on
        raise (_Passing if passes else ReadFailed)(response.status_code, failed)
    try:
        return parse(body)
    except ValueError:
        raise _Passing(response.status_code, failure("server")) from None


async def _bounded(response: httpx.Response) -> bytes:
    """Return a body, cut off where it is larger than any honest one; a cut one is no JSON."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            break
    return bytes(body[:MAX_BYTES])
