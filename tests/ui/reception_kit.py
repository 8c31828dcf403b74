"""Whoever takes orders, made up, for what shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ui_kit import a_job

from bot.domain.standing import NOWHERE, Standing
from bot.ui import reception
from bot.ui.first_answers import answer_surely

if TYPE_CHECKING:
    import asyncio

    import discord

    from bot.domain.jobs import Job
    from bot.domain.requests import PictureRequest


@dataclass
class Orders:
    """Whoever opens jobs, with what happened to each."""

    error: Exception | None = None
    waits: asyncio.Event | None = None
    twice: bool = False
    opened: list[Job] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    retracted: list[int] = field(default_factory=list)
    messages: dict[int, int] = field(default_factory=dict)
    standing: Standing = NOWHERE

    async def open(self, job_id, who, request, origin, *, parent_job_id=None, **_more) -> Job | None:
        if self.waits is not None:
            await self.waits.wait()
        if self.error is not None:
            raise self.error
        if self.twice:
            return None
        job = a_job(request, id=job_id, user_id=who.user_id, origin=origin, parent_job_id=parent_job_id)
        self.opened.append(job)
        return job

    def expect(self, job: Job) -> Standing:
        assert job in self.opened
        return self.standing

    def start(self, job: Job, shown: Standing) -> None:
        assert shown == self.standing
        self.started.append(job.id)

    async def shown(self, job: Job, message_id: int) -> None:
        self.messages[job.id] = message_id

    async def withdraw(self, job: Job) -> None:
        self.withdrawn.append(job.id)

    async def retract(self, job: Job) -> None:
        assert job.id in self.withdrawn
        self.retracted.append(job.id)


async def take(
    interaction: discord.Interaction, orders: Orders, request: PictureRequest, **more: int
) -> None:
    """Take an order as a command does, once the interaction was heard."""
    answer_surely()
    await reception.take(interaction, orders, request, **more)
