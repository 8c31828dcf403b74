"""What is done again and again while Easel runs."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import StorageTrouble

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
    from zoneinfo import ZoneInfo

    from bot.storage.meta import Meta

log = structlog.get_logger(__name__)
DONE = "chores_done"
"""The key under which it stands when chores of the night were done last."""
SOON_S, APART_S = 120.0, 30.0
"""How long after a start what is late is done, and how far one thing is from the next."""
A_NIGHT = timedelta(hours=25)
"""After how long a chore of the night is late: nights are as long as the clocks make them."""
NIGHT_HOUR = 4
"""When the fewest people draw."""


@dataclass(frozen=True, slots=True)
class Chore:
    """A piece of work, and how many seconds pass before each of its rounds."""

    name: str
    work: Callable[[], Coroutine[Any, Any, object]]
    wait_s: Callable[[], float]


def every(seconds: float, *, first_s: float | None = None) -> Callable[[], float]:
    """Let a chore rest for some seconds before each round, and `first_s` before the first one."""
    waits = iter(() if first_s is None else (first_s,))

    def wait_s() -> float:
        return next(waits, seconds)

    return wait_s


def nightly(clock: Callable[[], datetime], zone: ZoneInfo) -> Callable[[], float]:
    """Let a chore rest until the next night."""

    def wait_s() -> float:
        now = clock()
        return (next_night(now, zone) - now).total_seconds()

    return wait_s


class Nights:
    """What is done at night, and when it was done last: what missed its night is done soon after a start.

    One thing after the other, so that a start is not slowed by all of them.
    """

    def __init__(self, meta: Meta, clock: Callable[[], datetime], zone: ZoneInfo) -> None:
        self._meta = meta
        self._clock = clock
        self._night = nightly(clock, zone)
        self._done: dict[str, str] = {}
        self._late = 0

    async def load(self) -> None:
        """Read when chores were done last."""
        self._done = json.loads(await self._meta.get(DONE) or "{}")

    def chore(self, name: str, work: Callable[[], Coroutine[Any, Any, object]]) -> Chore:
        """Return a chore of the night; ask for it once `load` has been."""
        waits = iter((self._soon(),) if self._is_late(name) else ())

        async def noted() -> None:
            await work()
            self._done[name] = self._clock().isoformat()
            await self._meta.set(DONE, json.dumps(self._done))

        return Chore(name, noted, lambda: next(waits, None) or self._night())

    def _is_late(self, name: str) -> bool:
        last = self._done.get(name)
        return last is None or self._clock() - datetime.fromisoformat(last) > A_NIGHT

    def _soon(self) -> float:
        self._late += 1
        return SOON_S + self._late * APART_S


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next time at which a zone's clocks show NIGHT_HOUR."""
    local = now.astimezone(zone)
    night = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return (night if night > local else night + timedelta(days=1)).astimezone(now.tzinfo)


@asynccontextmanager
async def kept_up(chores: Sequence[Chore]) -> AsyncGenerator[None]:
    """Do chores while the block runs, each on its own. One that fails is logged, and tried the next time."""
    tasks = [asyncio.create_task(_keep(chore), name=f"chore-{chore.name}") for chore in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _keep(chore: Chore) -> None:
    while True:
        await asyncio.sleep(chore.wait_s())
        round_ = asyncio.create_task(chore.work(), name=f"round-{chore.name}")
        try:
            await asyncio.wait({round_})
        except asyncio.CancelledError:
            round_.cancel()
            await asyncio.gather(round_, return_exceptions=True)
            raise
        if isinstance(error := round_.exception(), StorageTrouble):
            log.warning("chore put off, for want of room", chore=chore.name)
        elif error is not None:
            log.error("chore failed", chore=chore.name, exc_info=error)
