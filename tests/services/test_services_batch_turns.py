"""A batch among others: how many of its rows are under way, and who goes before them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from batch_kit import drawn, foxes, works
from time_kit import until
from world_kit import ann, bob, moderator

from bot.domain.jobs import JobState
from bot.domain.runs import AT_ONCE
from bot.errors import NotAllowed, TooBusy

if TYPE_CHECKING:
    from batch_kit import Factory
    from house_kit import House

__all__ = ["works"]


async def test_a_few_rows_are_held_at_a_time(works: Factory):
    works.house.world.provider.script = [_waits(works.house)] * 40
    batch_id = await works.start(foxes(40))
    await until(lambda: len(works.house.world.provider.bodies) == 2)  # half of the places
    await until(lambda: len(works.house.queue) + works.house.queue.running == AT_ONCE)

    assert await works.house.open_holds() == AT_ONCE
    snapshot = await works.batches.snapshot(batch_id, ann())
    assert (snapshot.tally.drawing, snapshot.tally.waiting) == (AT_ONCE, 40 - AT_ONCE)
    await works.batches.cancel(batch_id, ann())
    await works.rest()

    assert await works.states(batch_id) == ["cancelled"] * 40
    assert await works.house.open_holds() == 0
    assert await works.spent() == 0


def _waits(house: House):
    async def answer(request):
        gate = asyncio.Event()
        house.world.provider.gates.append(gate)
        await gate.wait()
        return house.world.provider.draw(request)

    return answer


@pytest.mark.further
@pytest.mark.parametrize("who", [bob(), ann()], ids=["another person", "the same person"])
async def test_what_somebody_asks_for_starts_at_once_during_a_batch(works: Factory, who):
    works.house.world.provider.script = [_waits(works.house)] * 2
    batch_id = await works.start(foxes(40))
    await until(lambda: len(works.house.world.provider.bodies) == 2)

    job = await works.house.order("a lighthouse", who)
    assert job is not None
    await until(lambda: "a lighthouse" in drawn(works.house))

    assert drawn(works.house)[2] == "a lighthouse"
    for gate in works.house.world.provider.gates:
        gate.set()
    await works.rest()
    assert await works.states(batch_id) == ["done"] * 40
    assert (await works.house.job(job.id)).state is JobState.SETTLED


@pytest.mark.further
async def test_pause_finishes_what_is_under_way_and_resume_goes_on(works: Factory):
    works.house.world.provider.script = [_waits(works.house)] * 2
    batch_id = await works.start(foxes(5))
    await until(lambda: len(works.house.world.provider.bodies) == 2)
    await works.batches.pause(batch_id, ann())
    for gate in works.house.world.provider.gates:
        gate.set()
    await works.rest()

    snapshot = await works.batches.snapshot(batch_id, ann())
    assert (snapshot.tally.done, snapshot.tally.waiting) == (3, 2)
    assert sorted(works.wall.rows) == [1, 2, 3]
    await works.batches.resume(batch_id, ann(), works.house.origin())
    await works.rest()

    assert await works.states(batch_id) == ["done"] * 5
    assert len(drawn(works.house)) == 5


async def test_the_queue_counts_a_batch_once_and_none_of_its_jobs(works: Factory):
    works.house.world.provider.script = [_waits(works.house)] * 2
    batch_id = await works.start(foxes(5))
    await until(lambda: len(works.house.world.provider.bodies) == 2)

    assert await works.house.studio.under_way(ann()) == ()
    assert await works.house.studio.under_way(moderator(may_manage=True), server=True) == ()
    (mine,) = await works.batches.under_way(ann())
    (everybody_s,) = await works.batches.under_way(moderator(may_manage=True), server=True)
    assert mine.batch.id == everybody_s.batch.id == batch_id
    with pytest.raises(NotAllowed):
        await works.batches.under_way(ann(), server=True)


async def test_a_batch_takes_nothing_of_what_its_owner_may_have_under_way(works: Factory):
    works.house.world.provider.script = [_waits(works.house)] * 2
    await works.start(foxes(5))
    await until(lambda: len(works.house.world.provider.bodies) == 2)
    bounds = type(works.house.studio._bounds)(of_all=10, per_server=10, per_person=1)
    works.house.studio._bounds = bounds

    assert await works.house.order("a lighthouse") is not None
    with pytest.raises(TooBusy):
        await works.house.order("one more")
