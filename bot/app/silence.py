"""The gateway's connection, whose silence is told as discord.py wants it, by one timer for all messages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord.gateway
import discord.http

if TYPE_CHECKING:
    import aiohttp


class Socket(discord.gateway.DiscordClientWebSocketResponse):
    """A connection that raises TimeoutError where nothing is heard for as long as `receive` may wait.

    aiohttp sets a timer for each message that is waited for, as its source says at half the price of
    receiving it, and discord.py asks for one.
    """

    _waits: asyncio.Task[object] | None = None
    _since = 0.0
    _timer: asyncio.TimerHandle | None = None
    _is_silent = False

    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:  # noqa: ASYNC109 - aiohttp's own
        """Return what comes next, or raise TimeoutError."""
        if timeout is None:
            return await super().receive()
        loop, self._waits = asyncio.get_running_loop(), asyncio.current_task()
        self._since = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(timeout, self._look, timeout)
        try:
            return await super().receive()
        except asyncio.CancelledError:
            if not self._is_silent or self._waits is None or self._waits.uncancel():
                raise
            raise TimeoutError from None
        finally:
            self._waits = None

    def _look(self, timeout_s: float) -> None:
        """End a wait that has taken too long, or look again when it will have."""
        loop, self._timer = asyncio.get_running_loop(), None
        if self.closed:
            return
        left_s = timeout_s if self._waits is None else self._since + timeout_s - loop.time()
        if self._waits is not None and left_s <= 0:
            self._is_silent = True
            self._waits.cancel()
        else:
            self._timer = loop.call_later(left_s, self._look, timeout_s)


def watch() -> None:
    """Let discord.py connect to the gateway by such sockets: it takes its class from there."""
    discord.http.DiscordClientWebSocketResponse = Socket  # pyright: ignore[reportPrivateImportUsage] - where it looks
