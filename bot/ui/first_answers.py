"""The first answer to an interaction, sent again while Discord waits for it: three seconds."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import discord
import structlog
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.ui.patience import LOST
from bot.ui.senders import Once

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aiohttp
    from discord.http import MultipartParameters

log = structlog.get_logger(__name__)
LIMIT_S = 3.0
"""How long Discord waits for a first answer, after which it does not know the interaction any more."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 0.5
ACKNOWLEDGED, UNKNOWN = 40060, 10062
"""Discord's codes where an interaction has its first answer already, and where it is too late for one."""
_came_at: ContextVar[float] = ContextVar("came_at")
"""When the interaction of this task came, by the running loop's clock."""


class FirstAnswers(AsyncWebhookAdapter):
    """Sends a first answer until it has arrived or comes too late: the one place that sends it again.

    A connection that lay idle may be closed by the other side just as it is used again; aiohttp sends nothing
    but GET and the like anew, and discord.py does so on no Linux error. After some 5xx discord.py waits for
    longer than Discord does, and it gives up at once after a 429 of the edge before Discord.
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
        once = cast("aiohttp.ClientSession", Once(session))
        way: dict[str, Any] = {"session": once, "proxy": proxy, "proxy_auth": proxy_auth, "params": params}
        return self._sent(interaction_id, token, way, params.files or ())

    async def _sent(
        self, interaction_id: int, token: str, way: dict[str, Any], files: Sequence[discord.File]
    ) -> Any:  # noqa: ANN401 - as above
        now_s = asyncio.get_running_loop().time
        came_s = _came_at.get(now_s())
        for tries in count():
            try:
                return await super().create_interaction_response(interaction_id, token, **way)
            except (discord.HTTPException, *LOST) as error:
                code = getattr(error, "code", None)
                if code == ACKNOWLEDGED and tries:  # by an earlier try, whose answer did not arrive
                    return {"interaction": {"id": str(interaction_id), "type": 2}}
                if code == UNKNOWN:
                    log.warning("acknowledged too late", after_s=round(now_s() - came_s, 2), tries=tries + 1)
                wait_s = _wait_s(error, tries)
                if wait_s is None or now_s() + wait_s >= came_s + LIMIT_S:
                    raise
                log.info("answered again", reason=type(error).__name__, wait_s=wait_s)
            await asyncio.sleep(wait_s)
            for file in files:
                file.reset(seek=True)
        raise AssertionError  # pragma: no cover - the tries end in a return or an error


SENDER = FirstAnswers()


def _wait_s(error: Exception, tries: int) -> float | None:
    """Return how long to wait before an answer is sent again, or None where that would not help."""
    wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**tries)
    if not isinstance(error, discord.HTTPException) or error.status >= 500:
        return wait_s
    if error.status != 429:
        return None
    try:
        return max(wait_s, float(error.response.headers.get("Retry-After", 0)))
    except ValueError:  # it may be a date, which is further away than Discord waits
        return None


def answer_surely() -> None:
    """Let the first answer be sent again where that is needed, counting from now, to the end of the task."""
    async_context.set(SENDER)
    _came_at.set(asyncio.get_running_loop().time())


def is_too_late(error: BaseException) -> bool:
    """Tell whether a first answer failed because Discord had given up waiting; that was logged then."""
    return isinstance(error, discord.NotFound) and error.code == UNKNOWN
