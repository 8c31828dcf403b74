"""Results that could not be shown: kept for their owner, charged when shown, let go after a day."""

from __future__ import annotations

import pytest
from house_kit import House, open_house
from provider_kit import PRICE_MICROUSD, hangs
from world_kit import World, ann, bob, moderator

from bot.domain.images import Role
from bot.domain.jobs import Job, JobState
from bot.domain.quotas import Meter
from bot.errors import NotFound, TooBusy, TooLate, Undeliverable, Unreachable

NO_WAY = "There is no way left to send you the pictures."


async def kept(house: House) -> Job:
    """Return a job whose pictures could not be shown."""
    house.world.board.script = [Unreachable(NO_WAY)]
    return await house.done()


async def test_what_can_be_shown_nowhere_is_neither_charged_nor_lost(house: House):
    job = await kept(house)

    assert job.state is JobState.PRODUCED
    assert job.waits_for_owner
    assert job.failure == NO_WAY
    assert await house.used() == 1, "held"
    assert await house.open_holds() == 1
    assert house.world.board.sorry == []


async def test_its_owner_fetches_it_and_is_charged_then(house: House):
    job = await kept(house)

    await house.shelf.fetch(job.id, ann(), house.origin(token="another"))
    await house.rest()

    (shown,) = house.world.board.shown
    assert shown.job.origin.token == "another"
    ended = await house.job(job.id)
    assert ended.state is JobState.SETTLED
    assert ended.failure is None
    assert await house.open_holds() == 0
    assert await house.used() == 1
    assert len(house.world.provider.bodies) == 1


async def test_it_is_fetched_once(house: House):
    job = await kept(house)
    await house.shelf.fetch(job.id, ann(), house.origin())

    with pytest.raises(TooLate):
        await house.shelf.fetch(job.id, ann(), house.origin())
    await house.rest()

    assert len(house.world.board.shown) == 1


@pytest.mark.parametrize("who", [bob(), moderator()], ids=["another member", "a moderator"])
async def test_nobody_else_gets_it(house: House, who):
    job = await kept(house)

    with pytest.raises(NotFound):
        await house.shelf.fetch(job.id, who, house.origin())

    assert (await house.job(job.id)).waits_for_owner


async def test_what_can_be_shown_nowhere_again_waits_again(house: House):
    job = await kept(house)
    house.world.board.script = [Unreachable(NO_WAY)]

    await house.shelf.fetch(job.id, ann(), house.origin())
    await house.rest()

    assert (await house.job(job.id)).waits_for_owner


async def test_a_fetched_result_waits_for_no_place_at_the_model(world: World):
    world.caps.max_running = 1
    async with open_house(world) as house:
        job = await kept(house)
        world.provider.script = [hangs]
        await house.order()
        await house.order()

        await house.shelf.fetch(job.id, ann(), house.origin())
        while (await house.job(job.id)).state is not JobState.SETTLED:
            assert house.queue.running

        assert len(house.queue) == 1


async def test_it_takes_no_room_from_others(world: World):
    world.caps.max_per_person = 1
    async with open_house(world) as house:
        await kept(house)

        await house.order(start=False)

        with pytest.raises(TooBusy):
            await house.order(start=False)


async def test_the_next_start_tries_all_ways_again(world: World):
    async with open_house(world) as house:
        job = await kept(house)

    async with open_house(world) as house:
        await house.take_up()

        assert (await house.job(job.id)).state is JobState.SETTLED


async def test_after_a_day_it_is_let_go_without_a_charge_and_its_pictures_go(house: House):
    house.world.caps.person = {Meter.IMAGES_PER_DAY: 10}
    job = await kept(house)
    (picture,) = await house.pictures.of_job(job.id, Role.RESULT)

    house.world.clock.move(hours=23, minutes=59)
    await house.shelf.clear()
    assert (await house.job(job.id)).waits_for_owner

    house.world.clock.move(minutes=2)
    await house.shelf.clear()

    ended = await house.job(job.id)
    assert ended.state is JobState.FAILED
    assert ended.failure is not None
    assert "Nothing was charged" in ended.failure
    assert await house.open_holds() == 0
    assert await house.absorbed() == PRICE_MICROUSD, "the provider was paid all the same"
    with pytest.raises(NotFound):
        await house.blobs.get(picture.blob)
    with pytest.raises(TooLate):
        await house.shelf.fetch(job.id, ann(), house.origin())


async def test_what_is_on_its_way_is_not_let_go(house: House):
    job = await kept(house)
    house.world.clock.move(hours=25)
    await house.shelf.fetch(job.id, ann(), house.origin())

    await house.shelf.clear()
    await house.rest()

    assert (await house.job(job.id)).state is JobState.SETTLED
    assert not await house.workshop.let_go(job.id)


async def test_what_could_never_be_shown_is_not_kept(house: House):
    house.world.board.script = [Undeliverable("The pictures could not be made ready.")]

    job = await house.done()

    assert job.state is JobState.FAILED
    assert await house.open_holds() == 0
