"""Time that tests may advance, ids made from it, and a way to wait for change."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")
DISCORD_EPOCH_MS = 1_420_070_400_000


class Clock:
    """The world's time: the real one plus what it was advanced by."""

    def __init__(self, on_advance: Callable[[], None]) -> None:
        self._ahead = timedelta()
        self._on_advance = on_advance

    def now(self) -> datetime:
        """Return the world's time, aware, in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the world's time forward, as if that long had passed."""
        self._ahead += timedelta(seconds=seconds)
        self._on_advance()


class Snowflakes:
    """Discord's ids: time in the upper bits, unique and rising."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return a new id, greater than every one before it."""
        milliseconds = int(self._clock.now().timestamp() * 1000) - DISCORD_EPOCH_MS
        self._last = max(self._last + 1, milliseconds << 22)
        return self._last


class Changes:
    """Wakes whoever waits for the world to change; nobody polls."""

    def __init__(self) -> None:
        self.version = 0
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Say that something changed."""
        self.version += 1
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def until(self, predicate: Callable[[], T], timeout_s: float) -> T:
        """Return the first true result of `predicate`, looked at after each change, or raise TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                event = self._event
                if result := predicate():
                    return result
                await event.wait()

    async def stream(self) -> AsyncIterator[int]:
        """Yield the version at once and after each change; changes in between are told once."""
        while True:
            event = self._event
            yield self.version
            await event.wait()
