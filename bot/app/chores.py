"""What is done again and again while Easel runs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
    from zoneinfo import ZoneInfo

log = structlog.get_logger(__name__)
NIGHT_HOUR = 4
"""When the fewest people draw."""


@dataclass(frozen=True, slots=True)
class Chore:
    """A piece of work, and how many seconds pass before each of its rounds."""

    name: str
    work: Callable[[], Coroutine[Any, Any, object]]
    wait_s: Callable[[], float]


def every(seconds: float) -> Callable[[], float]:
    """Let a chore rest for some seconds before each round."""

    def wait_s() -> float:
        return seconds

    return wait_s


def nightly(clock: Callable[[], datetime], zone: ZoneInfo) -> Callable[[], float]:
    """Let a chore rest until the next night."""

    def wait_s() -> float:
        now = clock()
        return (next_night(now, zone) - now).total_seconds()

    return wait_s


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
        if (error := round_.exception()) is not None:
            log.error("chore failed", chore=chore.name, exc_info=error)
