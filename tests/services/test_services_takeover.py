"""Two processes on one disk: one goes on where the other fell silent, and nothing is done twice."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from house_kit import House, open_house
from provider_kit import hangs

from bot.domain.jobs import JobState
from bot.storage import database as storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from world_kit import World


class NoLock:
    """What lets two processes onto one database, as PostgreSQL will."""

    def free(self) -> None:
        """Free nothing."""


@pytest.fixture
async def pair(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[House, House]]:
    monkeypatch.setattr(storage, "_lock_current", lambda _path: NoLock())
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(open_house(world))
        second = await stack.enter_async_context(open_house(world))
        yield first, second


async def take_over(house: House) -> list[int]:
    jobs = await house.leases.take_over(house.world.clock())
    for job in jobs:
        house.queue.put(job)
    await house.rest()
    return [job.id for job in jobs]


async def test_what_is_being_drawn_elsewhere_is_left_alone(pair: tuple[House, House]):
    first, second = pair
    first.world.provider.script = [hangs]
    job = await first.order()
    assert job is not None
    await first.world.provider.reached.wait()

    first.world.clock.move(seconds=30)

    assert await take_over(second) == []
    assert (await second.job(job.id)).state is JobState.SENT


async def test_what_waited_in_a_silent_process_is_drawn_once(pair: tuple[House, House]):
    first, second = pair
    job = await first.order(start=False)
    assert job is not None
    first.world.clock.move(seconds=61)

    assert await take_over(second) == [job.id]
    first.studio.start(job)  # it was not dead after all
    await first.rest()

    assert (await second.job(job.id)).state is JobState.SETTLED
    assert len(first.world.provider.bodies) == 1
    assert len(first.world.board.shown) == 1
    assert await first.used() == 1


async def test_one_that_wakes_up_while_its_job_is_drawn_elsewhere_does_not_end_it(pair: tuple[House, House]):
    first, second = pair
    mark_sent, stalled, drawn = first.jobs.mark_sent, asyncio.Event(), asyncio.Event()

    async def stalls(*args):
        stalled.set()
        await drawn.wait()
        return await mark_sent(*args)

    setattr(first.jobs, "mark_sent", stalls)  # noqa: B010 - the process stands still there
    job = await first.order()
    assert job is not None
    await stalled.wait()
    first.world.clock.move(seconds=61)
    await take_over(second)
    drawn.set()
    await first.rest()

    assert (await second.job(job.id)).state is JobState.SETTLED
    assert len(first.world.provider.bodies) == 1
    assert first.world.board.sorry == []


async def test_pictures_that_come_after_the_job_was_given_up_elsewhere_are_not_shown(
    pair: tuple[House, House],
):
    first, second = pair
    answered = asyncio.Event()

    async def late(request):
        first.world.provider.reached.set()
        await answered.wait()
        return first.world.provider.draw(request)

    first.world.provider.script = [late]
    job = await first.order()
    assert job is not None
    await first.world.provider.reached.wait()
    first.world.clock.move(seconds=61)
    await take_over(second)
    answered.set()
    await first.rest()

    assert (await first.job(job.id)).state is JobState.FAILED
    assert len(first.world.board.sorry) == 1
    assert first.world.board.shown == []
    assert await first.used() == 0
    assert await first.open_holds() == 0
