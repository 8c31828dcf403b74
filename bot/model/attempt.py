"""One paid exchange: from the first byte sent to a reply, or to a failure with a name."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import httpx

from bot.model.diagnosis import diagnose
from bot.model.failures import Failure, failure
from bot.model.shapes import parse_or_none
from bot.model.splitter import Splitter, UnreadableReply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from bot.model.bodies import Body
    from bot.model.splitter import Caps, Split

    GenerationSeen = Callable[[str], None]

log = logging.getLogger(__name__)

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Nothing of the request left this machine, so nothing can have been charged."""
MAX_ERROR_BYTES = 256 * 1024
LONGEST_ID = 200
LONGEST_LENGTH = 15
"""Digits; a petabyte is no reply."""
SMALL_BYTES = 16 * 1024
"""What a reply may hold before it counts as one with a picture: spaces keep a silent connection alive."""
EVENTS = "text/event-stream"
END_S = 0.05
"""How long the end of a stream is waited for after its last event."""
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Follower(Protocol[R_co]):
    """Reads one reply that comes as a stream of events."""

    async def follow(self, chunks: AsyncIterator[bytes], generation_id: str | None) -> R_co | Failure:
        """Read until the stream is done; raise UnreadableReply where it ends too soon."""
        ...

    def salvage(self, name: str) -> R_co | Failure | None:
        """Return what is worth keeping of a stream that broke: a reply, or the named failure with more."""
        ...


@dataclass(frozen=True, slots=True)
class Ask(Generic[R]):
    """A paid request, ready to send, and how its reply is read: in one piece, or by a follower."""

    url: str
    headers: dict[str, str]
    body: Body
    read: Callable[[Split, str | None], R | Failure]
    caps: Caps | None = None
    follower: Callable[[], Follower[R]] | None = None
    """Makes one for each attempt, where a stream was asked for; not every provider can."""


class Attempt(Generic[R]):
    """Sends an Ask once. Whatever breaks after sending is `lost`: it may have been charged."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        ask: Ask[R],
        *,
        clock: Callable[[], datetime],
        on_generation_id: GenerationSeen | None,
        on_reply: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._http = http
        self._ask = ask
        self._clock = clock
        self._on_generation_id = on_generation_id
        self._on_reply = on_reply
        self._generation_id: str | None = None
        self._follower = ask.follower() if ask.follower else None
        self._answered = False

    async def run(self, timeout_s: float) -> R | Failure:
        """Return what came within `timeout_s` in all; httpx's own read timeout starts anew with each byte."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._exchange()
        except NOT_SENT as error:
            return self._broke("unreachable", error)
        except (TimeoutError, httpx.RequestError, UnreadableReply) as error:
            broke = self._broke("lost" if self._answered else "unanswered", error)
            kept = self._follower.salvage(broke.name) if self._follower else None
            return broke if kept is None else kept

    async def _exchange(self) -> R | Failure:
        """Send and read."""
        ask = self._ask
        headers = {**ask.headers, **ask.body.headers()}
        async with self._http.stream("POST", ask.url, headers=headers, content=ask.body) as response:
            self._answered = True
            self._note_generation(response)
            if not response.is_success:
                return await self._failed(response)
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if self._follower is not None and kind == EVENTS:
                chunks = response.aiter_bytes()
                reply = await self._follower.follow(chunks, self._generation_id)
                await _let_end(chunks)
                return reply
            split = await self._split(response)  # where a stream was asked for too: not every provider can
        return ask.read(split, self._generation_id)

    async def _split(self, response: httpx.Response) -> Split:
        """Read a reply; only its first bytes may come before `on_reply` lets it in."""
        splitter = Splitter(self._ask.caps, _said_length(response))
        received, on_reply = 0, self._on_reply
        async for chunk in response.aiter_bytes():
            splitter.feed(chunk)
            received += len(chunk)
            if on_reply is not None and received > SMALL_BYTES:
                await on_reply()
                on_reply = None
        return splitter.close()

    def _note_generation(self, response: httpx.Response) -> None:
        """Pass on the id by which a lost reply's cost can be asked for later."""
        self._generation_id = response.headers.get("X-Generation-Id", "").strip()[:LONGEST_ID] or None
        if self._generation_id and self._on_generation_id:
            self._on_generation_id(self._generation_id)

    async def _failed(self, response: httpx.Response) -> Failure:
        """Read an error. Its status decides already, so a body that breaks off is taken as it came."""
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ERROR_BYTES:
                    break
        except httpx.RequestError as error:
            log.info("error body broke off kind=%s", type(error).__name__)
        parsed = parse_or_none(bytes(body))
        failed = diagnose(
            response.status_code, parsed, response.headers, self._clock(), generation_id=self._generation_id
        )
        log.warning("model answered status=%s reason=%s", response.status_code, failed.name)
        return failed

    def _broke(self, name: str, error: Exception) -> Failure:
        """Name a broken connection. The exception itself is left behind: it may quote headers."""
        log.warning("model call broke kind=%s reason=%s", type(error).__name__, name)
        return failure(name, generation_id=self._generation_id)


async def _let_end(chunks: AsyncIterator[bytes]) -> None:
    """Read a stream to its end, if that comes at once: only then the next call finds the connection open."""
    with suppress(TimeoutError, httpx.RequestError):
        async with asyncio.timeout(END_S):
            async for _ in chunks:
                pass


def _said_length(response: httpx.Response) -> int:
    """Return how many bytes a reply is said to have once it is unpacked, 0 where nothing says so."""
    said = response.headers.get("Content-Length", "")
    is_number = said.isdecimal() and len(said) <= LONGEST_LENGTH
    return int(said) if is_number and "Content-Encoding" not in response.headers else 0
