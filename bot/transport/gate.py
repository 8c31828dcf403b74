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

    It bounds memory, not what people get: who has been inside for `patience_s` counts no more. So those who
    stand still there (a server, a disk) stop the rest for no longer than that, all together.
    """

    def __init__(self, at_once: int, patience_s: float = 5.0) -> None:
        self._at_once = at_once
        self._patience_s = patience_s
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._inside: dict[asyncio.Future[None], float] = {}
        """Those who count, the first to come in first, and when that was by the loop's clock."""
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
            self._inside.pop(turn, None)
            self._let_in()

    def _let_in(self) -> None:
        """Let in who has room now, and look again when the next may have."""
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
        loop = asyncio.get_running_loop()
        while self._waiting:
            if self._waiting[0].cancelled():
                self._waiting.popleft()
                continue
            if len(self._inside) >= self._at_once:
                first, since_s = next(iter(self._inside.items()))
                if loop.time() < since_s + self._patience_s:
                    self._impatience = loop.call_at(since_s + self._patience_s, self._let_in)
                    return
                del self._inside[first]
            turn = self._waiting.popleft()
            self._inside[turn] = loop.time()
            turn.set_result(None)
