"""How many large things are in memory at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Gate:
    """Lets a few in at a time, in order of arrival.

    It bounds memory, not what people get: where nobody has come out for `patience_s`, the next goes in all
    the same. So those who stand still inside (a server, a disk) never stop the rest for good.
    """

    def __init__(self, at_once: int, patience_s: float = 5.0) -> None:
        self._room = at_once
        self._patience_s = patience_s
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._impatience: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def inside(self) -> AsyncGenerator[None]:
        """Wait for room, and take it while the block runs."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._let_in()
        try:
            await turn
            yield
        finally:
            if not turn.cancelled():
                self._room += 1
            self._let_in()

    def _let_in(self, *, anyway: bool = False) -> None:
        """Let in who has room, or the first anyway; then be patient anew with those who wait."""
        while self._waiting and (self._room > 0 or anyway):
            turn = self._waiting.popleft()
            if turn.cancelled():
                continue
            anyway = False
            self._room -= 1
            turn.set_result(None)
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
        if self._waiting:
            loop = asyncio.get_running_loop()
            self._impatience = loop.call_later(self._patience_s, lambda: self._let_in(anyway=True))
