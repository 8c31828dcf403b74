"""Calls at a turnstile that stay until they are let go."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from bot.model.failures import Failure, Retry, failure

BUSY, DOWN, STRAINED = failure("rate_limit_exceeded"), failure("server"), failure("provider_overloaded")


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


class Calls:
    """Calls of models that stay until they are let go."""

    def __init__(self, turnstile):
        self.turnstile = turnstile
        self.entered = []
        self.waits = {}
        """What each was told of pauses."""
        self.ends = {}
        self.tasks = {}

    def begin(self, name, model="a"):
        self.waits[name] = []
        self.ends[name] = asyncio.get_running_loop().create_future()
        self.tasks[name] = asyncio.create_task(self._run(name, model))

    async def begin_all(self, count):
        """Begin calls of one model, by numbers from 0, and let those in that have a place."""
        for name in range(count):
            self.begin(name)
        await settle()

    async def _run(self, name, model):
        with self.turnstile.visit(model) as visit:
            async with visit.turn(self.waits[name].append) as turn:
                self.entered.append(name)
                failed = await self.ends[name]
                turn.note(failed)
            visit.conclude(failed)

    async def end(self, name, failed=None):
        self.ends[name].set_result(failed)
        await self.tasks[name]
        await settle()

    async def stop(self):
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


@asynccontextmanager
async def calls_of(turnstile):
    calls = Calls(turnstile)
    yield calls
    await calls.stop()
    assert {(load.in_flight, load.waiting) for load in turnstile.loads()} <= {(0, 0)}


def a_failure(name, retry_after_s):
    return Failure(name, Retry.SAME, retry_after_s=retry_after_s)
