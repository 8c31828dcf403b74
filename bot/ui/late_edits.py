"""Edits of cards that nobody waits for any more, and that Discord may carry out over what followed."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import discord
import structlog
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.ui.patience import TROUBLE, patiently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

T = TypeVar("T")
log = structlog.get_logger(__name__)
EDIT_S = 60.0
"""How long one edit may take."""
MOST = 8
"""Edits that go on by themselves at the same time; they hold what they send."""
FAREWELL_S = 2.0
"""How long leaving waits at least for edits under way."""


class LateEdits:
    """Lets an edit that is overtaken come to its end, and lays once more what has overtaken it.

    To break it off would not take it back: what Discord has of it may be carried out at any time.
    """

    def __init__(self) -> None:
        self._late: dict[int, asyncio.Task[Any]] = {}
        self._again: dict[int, asyncio.Task[None]] = {}
        self._sender = AsyncWebhookAdapter()
        """A sender lets the requests of one token wait for each other; these hold up none of others."""

    async def paint(self, job_id: int, edit: Coroutine[Any, Any, object]) -> None:
        """Edit the card of a job; whoever is cut off meanwhile leaves the edit to its end."""
        task = asyncio.create_task(self._by_itself(edit), name=f"paint-{job_id}")
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if len(self._late) < MOST:
                self._late[job_id] = task
                task.add_done_callback(partial(self._ended, job_id))
            else:
                task.cancel()
            raise

    async def over(self, job_id: int, lay: Callable[[], Awaitable[T]]) -> T:
        """Lay something over the card of a job: once more after an edit that was under way as it began."""
        late = self._late.get(job_id)
        laid = await lay()
        if late is not None:
            if (before := self._again.pop(job_id, None)) is not None:
                before.cancel()
            again = asyncio.create_task(self._lay_again(late, lay), name=f"again-{job_id}")
            self._again[job_id] = again
            again.add_done_callback(partial(self._laid, job_id))
        return laid

    async def aclose(self, timeout_s: float = 0.0) -> None:
        """Leave nothing running; edits under way, and what is to be laid over them, have a while for it.

        An edit that goes on after it would stay: the next start does not know of it.
        """
        if under_way := (*self._again.values(), *self._late.values()):
            _, left = await asyncio.wait(under_way, timeout=max(timeout_s, FAREWELL_S))
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _by_itself(self, edit: Coroutine[Any, Any, object]) -> None:
        async_context.set(self._sender)
        async with asyncio.timeout(EDIT_S):
            await edit

    async def _lay_again(self, late: asyncio.Task[Any], lay: Callable[[], Awaitable[object]]) -> None:
        await asyncio.wait({late})
        try:
            await patiently(lay)
        except (discord.HTTPException, *TROUBLE) as error:
            log.info("not laid again", reason=str(error))
        else:
            log.info("laid again over a late edit")

    def _ended(self, job_id: int, task: asyncio.Task[Any]) -> None:
        if self._late.get(job_id) is task:
            del self._late[job_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("late edit failed", reason=str(error))

    def _laid(self, job_id: int, task: asyncio.Task[None]) -> None:
        if self._again.get(job_id) is task:
            del self._again[job_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("not laid again", exc_info=error)
