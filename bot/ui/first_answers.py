"""The first answer to an interaction, sent again where its connection broke: Discord waits three seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import structlog
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

if TYPE_CHECKING:
    from discord.http import MultipartParameters

log = structlog.get_logger(__name__)
ACKNOWLEDGED = 40060
"""Discord's code where an interaction has its first answer already."""


class FirstAnswers(AsyncWebhookAdapter):
    """Sends a first answer twice at most.

    A connection that lay idle may be closed by the other side just as it is used again. aiohttp sends nothing
    but GET and the like anew, and discord.py does so on no Linux error; so people were told of a fault on
    Easel's side.
    """

    def create_interaction_response(
        self,
        interaction_id: int,
        token: str,
        *,
        session: aiohttp.ClientSession,
        proxy: str | None = None,
        proxy_auth: aiohttp.BasicAuth | None = None,
        params: MultipartParameters,
    ) -> Any:  # noqa: ANN401 - discord.py keeps the type of its payload to itself
        """Return what sends an answer, as discord.py does."""
        return self._sent(interaction_id, token, session, proxy, proxy_auth, params)

    async def _sent(
        self,
        interaction_id: int,
        token: str,
        session: aiohttp.ClientSession,
        proxy: str | None,
        proxy_auth: aiohttp.BasicAuth | None,
        params: MultipartParameters,
    ) -> Any:  # noqa: ANN401 - as above
        way: dict[str, Any] = {"session": session, "proxy": proxy, "proxy_auth": proxy_auth, "params": params}
        try:
            return await super().create_interaction_response(interaction_id, token, **way)
        except aiohttp.ClientConnectionError as error:
            log.info("answered again", reason=type(error).__name__)
        for file in params.files or ():
            file.reset(seek=True)
        try:
            return await super().create_interaction_response(interaction_id, token, **way)
        except discord.HTTPException as error:
            if error.code != ACKNOWLEDGED:
                raise
        return {"interaction": {"id": str(interaction_id), "type": 2}}


SENDER = FirstAnswers()


def answer_surely() -> None:
    """Let first answers be sent again where that is needed, to the end of the task."""
    async_context.set(SENDER)
