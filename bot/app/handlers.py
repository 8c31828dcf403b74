"""Who handles what Discord tells: nothing that they use is closed under them."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from bot.services.endings import brought_to_an_end

log = structlog.get_logger(__name__)


class Handlers:
    """The tasks that handle commands, presses, forms and messages, each to its end."""

    def __init__(self) -> None:
        self._at_work: set[asyncio.Task[Any]] = set()

    def watch(self, task: asyncio.Task[Any]) -> None:
        """Count a task among those at work, until it ends."""
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    def join(self) -> None:
        """Count the task that runs."""
        if (task := asyncio.current_task()) is not None:
            self.watch(task)

    async def drain(self, timeout_s: float) -> None:
        """Let those at work come to their end for a while; break off the rest, and wait for their ends.

        Those that begin meanwhile are not waited for.
        """
        if at_work := set(self._at_work):
            late = await brought_to_an_end(at_work, timeout_s)
            log.info("handled", finished=len(at_work) - late, broken_off=late)
