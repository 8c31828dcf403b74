"""Bounded reading of an attachment from Discord's own address."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import stamina

from bot.errors import BadInput, PictureUnusable, UserFacingError
from bot.texts import mark, tr

if TYPE_CHECKING:
    from bot.errors import EaselError

ATTEMPTS = 3
EXPIRED = mark("That attachment can no longer be read. Please attach it again.")
TROUBLE = mark("Discord did not hand over the attachment. Please try again in a moment.")


class _Passing(Exception):
    """Trouble that another try may mend."""


async def download(client: httpx.AsyncClient, url: str, *, max_bytes: int, timeout_s: float = 30) -> bytes:
    """Return the bytes behind one of Discord's links, read without redirects and never past `max_bytes`.

    Raises BadInput where the link is dead, PictureUnusable where the file is too big, and UserFacingError
    where Discord is in trouble. `timeout_s` bounds all tries together.
    """
    _check_address(url)
    try:
        async with asyncio.timeout(timeout_s):
            async for attempt in stamina.retry_context(
                on=_Passing,
                attempts=ATTEMPTS,
                timeout=timeout_s,
                wait_initial=0.2,
                wait_max=2.0,
                wait_jitter=0.3,
            ):
                with attempt:
                    return await _fetch(client, url, max_bytes, timeout_s)
    except (TimeoutError, _Passing) as error:
        raise UserFacingError(tr(TROUBLE)) from error
    raise AssertionError  # pragma: no cover - the retries end in a return or an error


def _check_address(url: str) -> None:
    """Refuse what is no web address."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise BadInput(tr(EXPIRED)) from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise BadInput(tr(EXPIRED))


async def _fetch(client: httpx.AsyncClient, url: str, max_bytes: int, timeout_s: float) -> bytes:
    """Read the file once; a broken connection is trouble that passes."""
    wanted = {"Accept-Encoding": "identity"}
    try:
        async with client.stream(
            "GET", url, headers=wanted, timeout=min(timeout_s, 10.0), follow_redirects=False
        ) as response:
            _check_answer(response, max_bytes)
            return await _read(response, max_bytes)
    except httpx.TransportError as error:
        raise _Passing(type(error).__name__) from error


def _check_answer(response: httpx.Response, max_bytes: int) -> None:
    """Judge by status and headers, before a byte of the body is read."""
    status = response.status_code
    if status == 429 or status >= 500:
        raise _Passing(str(status))
    if status != 200:
        raise BadInput(tr(EXPIRED))
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UserFacingError(tr(TROUBLE))
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > max_bytes:
        raise _too_big(max_bytes)


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body; what Content-Length said is not believed."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        if len(body) + len(chunk) > max_bytes:
            raise _too_big(max_bytes)
        body += chunk
    return bytes(body)


def _too_big(max_bytes: int) -> EaselError:
    """Return the sentence that says how big a file may be."""
    size = f"{max_bytes // 1024**2} MB" if max_bytes >= 1024**2 else f"{max(1, max_bytes // 1024)} KB"
    return PictureUnusable(tr("That attachment is too big. At most {size} can be read.", size=size))
