from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from house_kit import House, open_house
from provider_kit import (
    FLUX,
    GEMINI,
    PRICE_MICROUSD,
    images,
    picture_bytes,
    trouble,
)

from bot.domain.images import Role
from bot.domain.jobs import CallState, JobState
from bot.domain.quotas import Meter
from bot.domain.requests import MAX_COUNT, PictureRequest

if TYPE_CHECKING:
    from world_kit import World


class TestCounts:
    async def test_four_of_four_come_and_are_charged_at_the_true_cost(self, house: House):
        job = await house.done(PictureRequest("a fox", count=4))

        (shown,) = house.world.board.shown
        assert len(shown.pictures) == 4
        assert shown.shortfall is None
        assert (job.state, job.cost_microusd) == (JobState.SETTLED, 4 * PRICE_MICROUSD)
        assert await house.used() == 4

    async def test_fewer_than_asked_say_so_and_only_they_are_charged(self, world: World):
        world.provider.script = [lambda request: world.provider.draw(request, 3)]
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox", count=4))

            (shown,) = world.board.shown
            assert shown.shortfall == (
                "3 of 4 pictures came; the rest was not charged. The model sent fewer than it was asked for."
            )
            assert await house.used() == 3
            assert job.cost_microusd == 3 * PRICE_MICROUSD

    async def test_a_call_that_fails_among_others_gives_its_reason_and_its_money_back(self, world: World):
        world.caps.person = {Meter.IMAGES_PER_DAY: 10, Meter.USD_PER_DAY: 1_000_000}
        world.caps.max_running = 1
        world.provider.script = [world.provider.draw, lambda _: trouble(400, "no"), world.provider.draw]
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox", count=3, seed=0, model=FLUX))

            (shown,) = world.board.shown
            assert [picture.seed for picture in shown.pictures] == [0, 2]
            assert shown.shortfall is not None
            assert shown.shortfall.startswith(
                "2 of 3 pictures came; the rest was not charged. The model does"
            )
            assert [call.state for call in await house.calls(job.id)] == [
                CallState.RECEIVED,
                CallState.FAILED,
                CallState.RECEIVED,
            ]
            assert await house.used() == 2
            assert await house.used(Meter.USD_PER_DAY) == 2 * PRICE_MICROUSD

    async def test_more_than_asked_are_never_charged_as_more(self, world: World):
        world.provider.script = [lambda request: world.provider.draw(request, 3)]
        async with open_house(world) as house:
            await house.done(PictureRequest("a fox", model=GEMINI))

            assert await house.used() == 1

    async def test_a_card_never_gets_more_pictures_than_a_message_holds(self, world: World):
        world.provider.script = [lambda request: world.provider.draw(request, 2)] * 6
        async with open_house(world) as house:
            job = await house.done(PictureRequest("a fox", count=6, model=GEMINI))

            (shown,) = world.board.shown
            assert len(shown.pictures) <= MAX_COUNT
            assert len(await house.pictures.of_job(job.id, Role.RESULT)) <= MAX_COUNT
            assert job.state is JobState.SETTLED
            assert await house.used() == 6

    async def test_a_cost_that_is_not_said_is_the_operator_s_at_the_estimate(self, world: World):
        world.provider.script = [lambda _: images(picture_bytes(), cost=None)]
        async with open_house(world) as house:
            job = await house.done()

            assert job.cost_microusd == 0
            assert await house.absorbed() == job.held.microusd > 0

    @pytest.mark.parametrize("factor", [0, 0.5, 1, 3], ids=["free", "half", "as held", "three times"])
    async def test_the_true_cost_is_settled_whatever_was_held(self, world: World, factor: float):
        world.caps.person = {Meter.USD_PER_DAY: 1_000_000}
        async with open_house(world) as house:
            planned = house.planner.plan(PictureRequest("a lighthouse"))
            cost = planned.upper_microusd * factor / 1_000_000
            world.provider.script = [lambda _: images(picture_bytes(), cost=cost)]

            job = await house.done()

            assert job.cost_microusd == round(cost * 1_000_000)
            assert await house.used(Meter.USD_PER_DAY) == job.cost_microusd


class TestReadings:
    async def test_a_card_counts_its_own_pictures_and_not_what_was_held(self, world: World):
        world.provider.script = [lambda request: world.provider.draw(request, 3)]
        async with open_house(world) as house:
            await house.done(PictureRequest("a fox", count=4))

            (shown,) = world.board.shown
            assert [(reading.used, reading.left) for reading in shown.readings] == [(3, 7)]

    async def test_a_card_after_midnight_does_not_promise_more_than_the_cap(self, world: World):
        world.clock.now = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
        world.caps.person = {Meter.IMAGES_PER_DAY: 10, Meter.IMAGES_PER_MONTH: 100}
        async with open_house(world) as house:

            def late(request):
                world.clock.now = datetime(2026, 11, 21, 0, 1, tzinfo=UTC)
                return world.provider.draw(request, 1)

            world.provider.script = [late]
            await house.done(PictureRequest("a fox", count=4))

            (shown,) = world.board.shown
            assert [(reading.used, reading.left) for reading in shown.readings] == [(0, 10), (1, 99)]
            assert [await house.used(meter) for meter in world.caps.person] == [0, 1]
