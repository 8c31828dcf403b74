"""The loopback model: everything that tests and the sandbox's page hold on to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.model.billing import Books, RecordedCall
from sandbox.model.catalogue import Catalogue
from sandbox.model.eyes import Memory
from sandbox.model.faults import Faults
from sandbox.model.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _now() -> datetime:
    return datetime.now(UTC)


class LoopbackModel:
    """A strict imitation of OpenRouter: what it offers, how it behaves, and its own record of every call.

    `latency_s` is how long a paid call takes; `clock` returns the aware time; `credits_usd` is the account's
    whole credit; `generation_delay_s` is for how long `GET /generation` knows nothing of a finished call;
    `openapi` is OpenRouter's OpenAPI document, a further judge of every request where a copy is at hand.
    """

    def __init__(
        self,
        latency_s: float = 0.0,
        clock: Callable[[], datetime] = _now,
        *,
        credits_usd: Decimal | str = "25",
        generation_delay_s: float = 0.0,
        keep_alive_s: float = 0.5,
        openapi: Path | None = None,
    ) -> None:
        self.latency_s = latency_s
        self.clock = clock
        self.generation_delay_s = generation_delay_s
        self.keep_alive_s = keep_alive_s
        """How often a slow chat call sends whitespace, and a slow stream a comment."""
        self.word_pace_s = 0.0
        """How long a model takes for each word of a stream."""
        self.memory = Memory()
        self.catalogue = Catalogue()
        self.faults = Faults()
        self.books = Books(clock, Decimal(credits_usd))
        self.schema = None if openapi is None else Schema(openapi)
        self._going = asyncio.Event()
        self._going.set()
        self._changed = asyncio.Event()

    @property
    def calls(self) -> list[RecordedCall]:
        """Return every paid request so far, the refused ones too, the first one first."""
        return self.books.calls

    @property
    def total_cost_microusd(self) -> int:
        """Return what all calls cost together, each rounded as a ledger rounds it."""
        return sum(call.cost_microusd for call in self.calls)

    @property
    def paused(self) -> bool:
        """Tell whether calls wait for `resume`."""
        return not self._going.is_set()

    def pause(self) -> None:
        """Let every call wait, after it was recorded, until `resume`."""
        self._going.clear()

    def resume(self) -> None:
        """Let the waiting calls go on."""
        self._going.set()

    async def work(self, extra_s: float = 0.0, share: float = 1.0) -> None:
        """Take as long as a real model takes, or as a share of the work takes."""
        await asyncio.sleep((self.latency_s + extra_s) * share)
        await self._going.wait()

    def note_change(self) -> None:
        """Wake everyone who waits in `until`."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, reached: Callable[[LoopbackModel], bool], timeout_s: float = 30.0) -> None:
        """Wait until something holds of the recorded calls, or raise TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not reached(self):
                await self._changed.wait()
