from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from house_kit import House, open_house
from provider_kit import FLUX, GEMINI, PRICE_MICROUSD, hangs
from time_kit import until
from world_kit import GUILD, World, ann, bob, moderator

from bot.domain.images import Role
from bot.domain.jobs import CallState, Job, JobState
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest
from bot.errors import Cancelled, NotAllowed, NotFound, TooLate

if TYPE_CHECKING:
    import httpx
    from time_kit import LoopClock

ELSEWHERE = GUILD + 1


async def running(house: House, request: PictureRequest | str = "a fox", **more) -> Job:
    """Order something that the provider never answers."""
    house.world.provider.script.append(hangs)
    job = await house.order(request, **more)
    assert job is not None
    await house.world.provider.reached.wait()
    return job


async def waiting(house: House) -> Job:
    """Order something behind a job that runs."""
    await running(house)
    job = await house.order("a second fox")
    assert job is not None
    return job


class TestWhoMay:
    @pytest.mark.parametrize(
        "who", [bob(), moderator(guild_id=ELSEWHERE)], ids=["a member", "a moderator of another server"]
    )
    async def test_others_are_refused_and_the_job_goes_on(self, world: World, who):
        async with open_house(world) as house:
            job = await running(house)

            with pytest.raises((NotAllowed, NotFound)):
                await house.studio.cancel(job.id, who)

            assert house.queue.running == 1
            assert await house.used() == 1

    async def test_a_member_reads_whose_it_is_to_cancel(self, world: World):
        async with open_house(world) as house:
            job = await running(house)

            with pytest.raises(NotAllowed, match="person who asked for this, or a moderator"):
                await house.studio.cancel(job.id, bob())

    async def test_a_job_of_another_server_is_not_known_here(self, world: World):
        async with open_house(world) as house:
            job = await running(house)

            with pytest.raises(NotFound):
                await house.studio.cancel(job.id, bob(guild_id=ELSEWHERE))

    async def test_an_unknown_job_is_not_found(self, house: House):
        with pytest.raises(NotFound, match="no longer here"):
            await house.studio.cancel(5, ann())

    async def test_the_owner_may_from_another_place(self, world: World):
        async with open_house(world) as house:
            job = await running(house)

            ended = await house.studio.cancel(job.id, ann(guild_id=None, channel_id=1))

            assert ended.failure == "Cancelled. Nothing was charged."

    async def test_a_moderator_of_the_server_may_also_what_is_private(self, world: World):
        async with open_house(world) as house:
            job = await running(house, PictureRequest("a fox", private=True))

            ended = await house.studio.cancel(job.id, moderator())

            assert ended.failure == "Cancelled by a moderator. Nothing was charged."
            assert [str(error) for _, error in world.board.retracted] == [ended.failure]

    async def test_nobody_moderates_direct_messages(self, world: World):
        async with open_house(world) as house:
            job = await running(house, who=ann(guild_id=None))

            with pytest.raises(NotAllowed):
                await house.studio.cancel(job.id, moderator(guild_id=None))


class TestWaiting:
    async def test_it_is_freed_at_once_and_never_sent(self, world: World):
        world.caps.max_running = 1
        async with open_house(world) as house:
            job = await waiting(house)

            ended = await house.studio.cancel(job.id, ann())

            assert ended.state is JobState.CANCELLED
            assert len(house.queue) == 0
            assert await house.used() == 1, "the other one is still held"
            assert len(world.provider.bodies) == 1

    async def test_it_may_be_withdrawn_before_it_stands_in_the_line(self, world: World):
        async with open_house(world) as house:
            job = await house.order(start=False)
            assert job is not None

            await house.studio.cancel(job.id, ann())
            house.studio.start(job)
            await house.rest()

            assert world.provider.bodies == []
            assert await house.open_holds() == 0

    async def test_after_a_restart_it_is_cancelled_like_any_other(self, world: World):
        world.caps.max_running = 1
        async with open_house(world) as house:
            job = await waiting(house)
        async with open_house(world) as house:
            await house.studio.cancel(job.id, ann())
            await house.take_up()

            assert (await house.job(job.id)).state is JobState.CANCELLED
            assert await house.open_holds() == 0

    async def test_one_that_is_to_be_tried_again_later_is_not(self, world: World, loop_clock: LoopClock):
        world.fetch_script = [OSError("disk")]
        world.caps.retry_s = (60.0,)
        async with open_house(world) as house:
            upload = world.attach(b"x")
            job = await house.order(PictureRequest("like this", references=(upload,)))
            assert job is not None
            await house.rest()

            await house.studio.cancel(job.id, ann())
            await loop_clock.move(61)
            await house.rest()

            assert len(world.fetched) == 1


class TestRunning:
    async def test_the_request_is_aborted_and_the_money_given_back(self, world: World):
        dropped = asyncio.Event()

        async def listens(_request: httpx.Request) -> httpx.Response:
            try:
                await asyncio.Event().wait()
            finally:
                dropped.set()
            raise AssertionError

        async with open_house(world) as house:
            world.provider.script = [listens]
            job = await house.order()
            assert job is not None
            await world.provider.reached.wait()

            ended = await house.studio.cancel(job.id, ann())

            assert dropped.is_set()
            assert ended.state is JobState.CANCELLED
            assert (await house.calls(job.id))[0].state is CallState.LOST
            assert (await house.used(), await house.open_holds(), await house.absorbed()) == (0, 0, 0)
            assert world.board.sorry == []
            assert house.queue.running == 0

    async def test_a_chat_may_have_been_charged_which_the_operator_bears(self, world: World):
        async with open_house(world) as house:
            job = await running(house, PictureRequest("a fox", model=GEMINI))

            await house.studio.cancel(job.id, ann())

            assert await house.absorbed() == job.held.microusd > 0
            assert await house.used(Meter.IMAGES_PER_DAY) == 0

    async def test_what_has_come_of_a_larger_order_is_booked_and_forgotten(self, world: World):
        async with open_house(world) as house:
            receive, came = house.jobs.receive, asyncio.Event()

            async def noted(*args: Any, **more: Any) -> bool:
                kept = await receive(*args, **more)
                came.set()
                return kept

            house.jobs.receive = noted
            world.provider.script = [world.provider.draw, hangs]
            job = await house.order(PictureRequest("two", count=2, seed=1, model=FLUX))
            assert job is not None
            await came.wait()

            await house.studio.cancel(job.id, ann())

            assert await house.absorbed() == PRICE_MICROUSD
            assert await house.used() == 0
            assert await house.pictures.of_job(job.id, Role.RESULT) == ()
            assert not [file for file in (world.folder / "blobs").rglob("*") if file.is_file()]

    async def test_two_who_cancel_at_once_release_once(self, world: World):
        async with open_house(world) as house:
            job = await running(house)

            outcomes = await asyncio.gather(
                house.studio.cancel(job.id, ann()),
                house.studio.cancel(job.id, moderator()),
                return_exceptions=True,
            )

            assert sorted(type(one).__name__ for one in outcomes) == ["Job", "TooLate"]
            await house.rest()
            assert await house.open_holds() == 0
            assert len(world.provider.bodies) == 1

    async def test_others_go_on(self, world: World):
        world.caps.max_running = 1
        async with open_house(world) as house:
            first = await running(house)
            second = await house.order("a second fox")
            assert second is not None

            await house.studio.cancel(first.id, ann())
            await house.rest()

            assert (await house.job(second.id)).state is JobState.SETTLED

    async def test_one_who_is_cut_off_while_cancelling_leaves_nothing_half_done(self, world: World):
        async with open_house(world) as house:
            job = await running(house)

            stop, stopped, released = house.queue.cancel, asyncio.Event(), asyncio.Event()

            async def stops(job_id: int) -> None:
                stopped.set()
                await stop(job_id)

            async def retract(job: Job, error: Cancelled) -> bool:
                released.set()
                return True

            house.queue.cancel, world.board.retract = stops, retract
            cancelling = asyncio.create_task(house.studio.cancel(job.id, ann()))
            await stopped.wait()
            cancelling.cancel()
            await released.wait()

            assert (await house.job(job.id)).state is JobState.CANCELLED
            assert await house.open_holds() == 0


class TestTooLate:
    async def test_pictures_that_came_while_somebody_cancelled_are_delivered(self, world: World):
        async with open_house(world) as house:
            keeping, go_on = asyncio.Event(), asyncio.Event()
            receive = house.jobs.receive

            async def slow(*args: Any, **more: Any) -> bool:
                keeping.set()
                await go_on.wait()
                return await receive(*args, **more)

            house.jobs.receive = slow
            job = await house.order()
            assert job is not None
            await keeping.wait()
            cancelling = asyncio.create_task(house.studio.cancel(job.id, ann()))
            await until(house.queue._running[job.id].task.cancelling)
            go_on.set()

            with pytest.raises(TooLate, match="pictures are there already"):
                await cancelling
            await house.rest()

            assert (await house.job(job.id)).state is JobState.SETTLED
            assert len(world.board.shown) == 1
            assert len(world.provider.bodies) == 1
            assert await house.used() == 1

    async def test_a_delivery_under_way_is_not_disturbed(self, world: World):
        async with open_house(world) as house:
            posting, go_on = asyncio.Event(), asyncio.Event()
            present = world.board.present

            async def slow(result):
                posting.set()
                await go_on.wait()
                return await present(result)

            world.board.present = slow
            job = await house.order()
            assert job is not None
            await posting.wait()

            with pytest.raises(TooLate):
                await house.studio.cancel(job.id, ann())
            go_on.set()
            await house.rest()

            assert (await house.job(job.id)).state is JobState.SETTLED
            assert len(world.board.shown) == 1

    async def test_what_is_done_stays_done(self, house: House):
        job = await house.done()

        with pytest.raises(TooLate, match="pictures are there"):
            await house.studio.cancel(job.id, ann())

        assert await house.used() == 1

    async def test_what_has_failed_cannot_be_cancelled(self, world: World):
        async with open_house(world) as house:
            job = await running(house)
            await house.studio.cancel(job.id, ann())

            with pytest.raises(TooLate, match="ended already"):
                await house.studio.cancel(job.id, ann())
