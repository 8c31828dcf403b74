"""A moderation model that speaks OpenAI's API: `POST /moderations`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from bot.model.shapes import items, parse_or_none, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.model.backend import Backend

TIMEOUT_S = 5.0
"""For the whole call: somebody waits for it before anything is drawn."""
MAX_BYTES = 1024**2


class ModerationFailed(Exception):
    """No verdict came; says why in one word or a status, and never what was asked."""


class ModerationModel:
    """Tells what of texts a model flags."""

    def __init__(self, http: httpx.AsyncClient, backend: Backend, model_id: str) -> None:
        self._http = http
        self._backend = backend
        self._model_id = model_id

    async def flagged(self, texts: Sequence[str]) -> tuple[str, ...] | None:
        """Return what texts are flagged for, None where they are not, or raise ModerationFailed."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                body = await self._ask(texts)
        except (httpx.RequestError, TimeoutError) as error:
            raise ModerationFailed(type(error).__name__) from None
        return _verdict(parse_or_none(body), len(texts))

    async def _ask(self, texts: Sequence[str]) -> bytes:
        asked = {"model": self._model_id, "input": list(texts)}
        headers, body = self._backend.headers(), bytearray()
        async with self._http.stream(
            "POST", self._backend.url("/moderations"), json=asked, headers=headers, timeout=TIMEOUT_S
        ) as response:
            if not response.is_success:
                raise ModerationFailed(str(response.status_code))
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ModerationFailed("too long")
        return bytes(body)


def _verdict(reply: object, count: int) -> tuple[str, ...] | None:
    """Read a reply with a verdict on each text; raise ModerationFailed where it is none."""
    results = [record(one) for one in items(record(reply).get("results"))]
    if len(results) != count or not all(isinstance(one.get("flagged"), bool) for one in results):
        raise ModerationFailed("no verdict")
    if not any(one["flagged"] for one in results):
        return None
    named = (
        name for one in results for name, holds in record(one.get("categories")).items() if holds is True
    )
    return tuple(sorted(set(named)))
