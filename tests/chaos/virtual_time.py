"""An event loop whose clock jumps to the next timer, so that hours pass in seconds and always alike."""

from __future__ import annotations

import asyncio
import selectors
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

EPOCH = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Standstill(BaseException):
    """Nothing can happen any more: everybody waits for somebody else."""


@dataclass
class Clock:
    """Seconds since the beginning, shared by one loop after another."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class _Warp(selectors.SelectSelector):
    """Where a loop would wait for its next timer, the time has come already."""

    clock: Clock

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise Standstill
        self.clock.seconds += max(timeout, 1e-6)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs on a virtual clock, and what is meant for threads at once: nothing depends on the machine."""

    def __init__(self, clock: Clock) -> None:
        self._warp = _Warp()
        self._warp.clock = clock
        super().__init__(self._warp)

    def time(self) -> float:
        return self._warp.clock.seconds

    def leave_time(self) -> None:
        """Go on with a clock of its own: what a dead process tidies up takes nobody's time."""
        self._warp.clock = Clock(self._warp.clock.seconds)

    def run_in_executor(  # pyright: ignore[reportIncompatibleMethodOverride] - at once, and not in a thread
        self, _executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except BaseException as error:  # noqa: BLE001 - handed on as a thread's would be
            done.set_exception(error)
        return done


def clocked(module: Any, clock: Clock) -> SimpleNamespace:
    """Return a stand-in for the module `time` whose monotonic clock is the virtual one."""
    return SimpleNamespace(**{**vars(module), "monotonic": clock.monotonic})
