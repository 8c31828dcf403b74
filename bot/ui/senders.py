"""discord.py's sender of what interactions and webhooks say, where it is not to try again by itself."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, cast

import discord
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    import aiohttp
    from discord.http import Route


class Once:
    """A session that raises where the other side fails: after a 5xx discord.py would wait for up to 25 s."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def request(
        self,
        method: str,
        url: str,
        **how: Any,  # noqa: ANN401 - what aiohttp takes
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Return the answer to a request, or raise DiscordServerError."""
        async with self._session.request(method, url, **how) as response:
            if response.status >= 500:
                raise discord.DiscordServerError(response, await response.text())
            yield response


class _OnceSender(AsyncWebhookAdapter):
    async def request(self, route: Route, session: aiohttp.ClientSession, **how: Any) -> Any:  # noqa: ANN401 - as discord.py has it
        return await super().request(route, cast("aiohttp.ClientSession", Once(session)), **how)


_SENDER = _OnceSender()


@contextmanager
def tried_once() -> Generator[None]:
    """Let what is sent in this block fail at once where Discord fails."""
    before = async_context.set(_SENDER)
    try:
        yield
    finally:
        async_context.reset(before)
