"""One paid exchange: from the first byte sent to a reply, or to a failure with a name."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from bot.model.diagnosis import diagnose
from bot.model.failures import Failure, failure
from bot.model.partials import Partials
from bot.model.shapes import parse_or_none
from bot.model.splitter import Splitter, UnreadableReply
from bot.model.streams import MEDIA_TYPE, PictureStream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.calls import PictureReply
    from bot.model.bodies import Body
    from bot.model.partials import PartialSeen
    from bot.model.splitter import Split

    GenerationSeen = Callable[[str], Awaitable[None]]

log = logging.getLogger(__name__)

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Nothing of the request left this machine, so nothing can have been charged."""
MAX_ERROR_BYTES = 256 * 1024
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Ask:
    """A paid request, ready to send, and how its reply is read."""

    url: str
    headers: dict[str, str]
    body: Body
    read: Callable[[Split, str | None], PictureReply | Failure]


class Attempt:
    """Sends an Ask once. Whatever breaks after sending is `lost`: it may have been charged."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        ask: Ask,
        *,
        clock: Callable[[], datetime],
        on_generation_id: GenerationSeen | None,
        on_partial: PartialSeen | None = None,
    ) -> None:
        self._http = http
        self._ask = ask
        self._clock = clock
        self._on_generation_id = on_generation_id
        self._on_partial = on_partial
        self._generation_id: str | None = None
        self._stream: PictureStream | None = None
        self._answered = False

    async def run(self, timeout_s: float) -> PictureReply | Failure:
        """Return what came within `timeout_s` in all; httpx's own read timeout starts anew with each byte."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._exchange()
        except NOT_SENT as error:
            return self._broke("unreachable", error)
        except (TimeoutError, httpx.RequestError, UnreadableReply) as error:
            if self._stream is not None and self._stream.is_whole:
                return self._stream.result()
            return self._broke("lost" if self._answered else "unanswered", error)

    async def _exchange(self) -> PictureReply | Failure:
        """Send and read."""
        ask = self._ask
        headers = {**ask.headers, **ask.body.headers()}
        async with self._http.stream("POST", ask.url, headers=headers, content=ask.body) as response:
            self._answered = True
            await self._note_generation(response)
            if not response.is_success:
                return await self._failed(response)
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if self._on_partial is not None and kind == MEDIA_TYPE:
                return await self._follow(response, self._on_partial)
            splitter = Splitter()  # where a stream was asked for too: not every provider can
            async for chunk in response.aiter_bytes():
                splitter.feed(chunk)
        return ask.read(splitter.close(), self._generation_id)

    async def _follow(self, response: httpx.Response, on_partial: PartialSeen) -> PictureReply | Failure:
        """Read a stream of events until it says that it is done, or ends."""
        async with Partials(on_partial) as partials:
            self._stream = stream = PictureStream(self._generation_id, partials.take)
            async for chunk in response.aiter_bytes():
                stream.feed(chunk)
                if stream.is_done:
                    break
            return stream.close()

    async def _note_generation(self, response: httpx.Response) -> None:
        """Pass on the id by which a lost reply's cost can be asked for later."""
        self._generation_id = response.headers.get("X-Generation-Id", "").strip()[:LONGEST_ID] or None
        if self._generation_id and self._on_generation_id:
            await self._on_generation_id(self._generation_id)

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
