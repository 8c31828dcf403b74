"""A queue whose jobs end when they are told to, and models with as many places as is said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from provider_kit import MINI
from world_kit import Board, Clock

from bot.domain.places import ANY, Places
from bot.services.progress import Progress
from bot.services.queue import JobQueue
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from house_kit import House

    from bot.domain.jobs import Job


@dataclass
class Crowd:
    """Models with as many places as is said of them, else any number."""

    said: dict[str, Places] = field(default_factory=dict)
    watchers: list[Callable[[], None]] = field(default_factory=list)

    def places(self, model_id: str) -> Places:
        return self.said.get(model_id, ANY)

    def watch(self, changed: Callable[[], None]) -> None:
        self.watchers.append(changed)

    def say(self, model_id: str, places: Places) -> None:
        self.said[model_id] = places
        for tell in self.watchers:
            tell()


class Line:
    """A queue whose jobs end when they are told to."""

    def __init__(self, **options) -> None:
        self.started: list[int] = []
        self.given_up: list[int] = []
        self.breaking: dict[int, int] = {}
        self.gates: dict[int, asyncio.Event] = {}
        self.metrics = Metrics()
        self.clock = Clock()
        self.models = Crowd()
        chosen: dict[str, Any] = {"max_running": 1, "max_each": 100, "retry_s": (0.0, 0.0)} | options
        self.failing: dict[int, list[Exception]] = {}
        self.progress = Progress(Board(), clock=self.clock)
        chosen |= {"progress": self.progress, "models": self.models}
        chosen |= {"clock": self.clock, "timer": self.clock.seconds}
        self.queue = JobQueue(self.work, self.give_up, metrics=self.metrics, **chosen)

    async def work(self, job_id: int) -> bool:
        self.started.append(job_id)
        await self.gates.setdefault(job_id, asyncio.Event()).wait()
        if failing := self.failing.get(job_id):
            raise failing.pop(0)
        if self.breaking.get(job_id, 0):
            self.breaking[job_id] -= 1
            raise OSError("broke off")
        return True

    async def give_up(self, job_id: int) -> None:
        self.given_up.append(job_id)
        if self.breaking.get(job_id, 0):
            raise OSError("not even that")

    async def end(self, job_id: int) -> None:
        self.gates.setdefault(job_id, asyncio.Event()).set()
        await settled()

    def waiting(self) -> float | None:
        return self.metrics.registry.get_sample_value("easel_queue_length")


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def job(house: House):
    """Make rows without writing them: the queue needs an id and a person."""

    async def made(job_id: int, user_id: int, model_id: str = MINI) -> Job:
        opened = await house.order(start=False, job_id=10_000 + job_id)
        assert opened is not None
        plan = replace(opened.plan, model_id=model_id)
        return replace(opened, id=job_id, user_id=user_id, plan=plan)

    return made
