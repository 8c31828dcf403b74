"""Shows partial pictures to someone who may be slow, without making the stream wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Self

from bot.domain.calls import PictureBytes

if TYPE_CHECKING:
    from types import TracebackType

PartialSeen = Callable[[int, PictureBytes], Awaitable[None]]
log = logging.getLogger(__name__)

LAST_SHOW_S = 1.0
"""How long the one that is being shown may still take once the picture itself is there."""


class Partials:
    """Hands partial pictures on, one at a time; while one is being shown, only the latest waits.

    When the block ends nothing is being shown any more, so that whoever shows the finished picture next
    comes last. A failure to show ends the showing and nothing else.
    """

    def __init__(self, show: PartialSeen, *, last_show_s: float = LAST_SHOW_S) -> None:
        self._show = show
        self._last_show_s = last_show_s
        self._next: tuple[int, PictureBytes] | None = None
        self._showing: asyncio.Task[None] | None = None
        self._failed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._next = None
        task = self._showing
        if task is None:
            return
        try:
            if error is None:
                await asyncio.wait({task}, timeout=self._last_show_s)
        finally:
            task.cancel()
            await asyncio.wait({task})

    def take(self, index: int, picture: PictureBytes) -> None:
        """Show a picture next, in place of one that has waited so far; return at once."""
        self._next = (index, picture)
        if self._showing is None and not self._failed:
            self._begin()

    def _begin(self) -> None:
        self._showing = asyncio.create_task(self._show_all(), name="partial-pictures")
        self._showing.add_done_callback(self._ended)

    async def _show_all(self) -> None:
        """Show what waits until nothing does."""
        while (shown := self._next) is not None:
            self._next = None
            await self._show(*shown)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Go on with one that came in the last moment, unless showing does not work."""
        self._showing = None
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._failed = True
            log.error("partial picture not shown", exc_info=error)
        elif self._next is not None:
            self._begin()
