from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from house_kit import open_house
from provider_kit import MINI, NOW, hangs
from queue_kit import Line, job, settled
from time_kit import LoopClock, settle, until
from world_kit import World, ann, bob

from bot.domain.jobs import Job, JobState
from bot.domain.places import Places
from bot.domain.quotas import Meter
from bot.domain.standing import Standing
from bot.errors import DiscordAway

__all__ = ["job"]


async def test_people_take_turns_however_much_one_of_them_asks(job):
    line = Line()
    for job_id, person in ((1, 1), (2, 1), (3, 1), (4, 2), (5, 3)):
        line.queue.put(await job(job_id, person))

    for job_id in (1, 2, 4, 5, 3):
        await line.end(job_id)

    assert line.started == [1, 2, 4, 5, 3]


async def test_at_most_so_many_run_at_once_and_the_rest_is_counted(job):
    line = Line(max_running=2)
    for job_id in range(1, 6):
        line.queue.put(await job(job_id, job_id))
    await settled()

    assert (line.queue.running, len(line.queue), line.waiting()) == (2, 3, 3)
    await line.end(1)
    assert (line.queue.running, len(line.queue), line.waiting()) == (2, 2, 2)


async def test_what_was_delivered_and_has_only_to_be_settled_waits_for_nobody(job):
    line = Line(max_running=1)
    line.queue.put(await job(1, 1))
    shown = [replace(await job(job_id, 1), state=JobState.DELIVERED) for job_id in (2, 3)]
    for one in (*shown, *shown):
        line.queue.put(one)
    await settled()

    assert line.started == [1, 2, 3]
    assert len(line.queue) == 0


async def test_a_job_that_is_drawn_gives_its_place_to_others_however_long_discord_takes(job):
    line = Line(max_running=1)
    for job_id in (1, 2, 3):
        line.queue.put(await job(job_id, 1))
    await settled()
    assert line.started == [1]

    await line.progress.leave(1)
    await settled()
    assert line.started == [1, 2]
    await line.end(1)
    assert line.started == [1, 2], "its place was given once"
    await line.end(2)
    assert line.started == [1, 2, 3]


async def test_what_is_drawn_comes_back_though_its_model_has_no_place(job, loop_clock):
    line = Line(room_s=10.0)
    line.failing[1] = [DiscordAway("503")]
    line.queue.put(await job(1, 1))
    await settled()
    await line.progress.leave(1)
    line.models.say(MINI, Places(0, 0))
    await line.end(1)

    await loop_clock.move(10)
    await settled()

    assert line.started == [1, 1]


async def test_discord_in_trouble_is_tried_again_ever_later_and_as_late_as_it_asks(job, loop_clock, logged):
    line = Line(room_s=10.0)
    line.failing[1] = [DiscordAway("503"), DiscordAway("503"), DiscordAway("429", 500.0), DiscordAway("503")]
    line.queue.put(await job(1, 1))
    await line.end(1)

    for tries, wait_s in enumerate((10, 20, 500, 80), start=1):
        await loop_clock.move(wait_s - 1)
        assert len(line.started) == tries
        await loop_clock.move(1)
        await settled()
        assert len(line.started) == tries + 1
    assert line.queue.running == 0
    assert line.given_up == []
    assert not any(entry["log_level"] == "error" for entry in logged)


async def test_nine_jobs_of_one_person_leave_places_for_others(job):
    line = Line(max_running=5, max_each=2)
    for job_id in range(1, 10):
        line.queue.put(await job(job_id, 1))
    line.queue.put(await job(10, 2))
    await settled()

    assert sorted(line.started) == [1, 2, 10]
    await line.end(10)
    assert (line.queue.running, len(line.queue)) == (2, 7), "a free place is no reason"
    await line.end(1)
    assert line.started == [1, 2, 10, 3]


async def test_a_job_that_breaks_off_makes_room_and_comes_back(job, logged):
    line = Line()
    line.breaking = {1: 2}
    line.queue.put(await job(1, 1))
    line.queue.put(await job(2, 2))

    await line.end(1)
    await line.end(2)
    await until(lambda: len(line.started) == 4)
    await settle()

    assert Counter(line.started) == {1: 3, 2: 1}
    assert line.started[:2] == [1, 2], "others need not wait for it"
    assert line.given_up == []
    assert line.queue.running == 0
    assert sum(entry["event"] == "job broke off" for entry in logged) == 2


@pytest.mark.parametrize("fails", [3, 9], ids=["giving up works", "not even giving up works"])
async def test_a_job_that_breaks_off_again_and_again_is_given_up_once(job, fails):
    line = Line()
    line.breaking = {1: fails}
    line.queue.put(await job(1, 1))

    await line.end(1)
    await until(lambda: line.given_up)
    await settle()

    assert line.started == [1, 1, 1]
    assert line.given_up == [1]
    assert (line.queue.running, len(line.queue)) == (0, 0)


class TestStanding:
    async def test_each_job_knows_its_place_and_nobody_guesses_without_a_measure(self, job):
        line = Line()
        for job_id in (1, 2, 3):
            line.queue.put(await job(job_id, job_id))

        standings = [line.queue.standing(job_id) for job_id in (1, 2, 3, 99)]

        assert standings == [
            Standing(running_since=NOW),
            Standing(position=1),
            Standing(position=2),
            Standing(),
        ]

    async def test_times_are_measured_and_played_forward(self, job):
        line = Line()
        for job_id in (1, 2, 3, 4):
            line.queue.put(await job(job_id, job_id))
        await settled()
        line.clock.move(seconds=20)
        await line.end(1)
        line.clock.move(seconds=5)
        await line.end(99)

        line.queue.put(await job(5, 5))

        ready = [line.queue.standing(job_id).ready_at for job_id in (2, 3, 4, 5)]
        assert ready == [NOW + timedelta(seconds=20 + 20 * n) for n in (1, 2, 3, 4)]
        assert line.queue.room_at() == ready[0]

    async def test_who_waits_for_their_own_jobs_is_told_so(self, job):
        line = Line(max_running=5, max_each=1)
        for job_id, person in ((1, 1), (2, 1), (3, 1)):
            line.queue.put(await job(job_id, person))
        await settled()
        line.clock.move(seconds=20)
        await line.end(1)

        assert line.queue.standing(3) == Standing(position=1, ready_at=NOW + timedelta(seconds=60))

    async def test_a_late_job_is_expected_soon(self, job):
        line = Line()
        for job_id in (1, 2):
            line.queue.put(await job(job_id, job_id))
        await settled()
        line.clock.move(seconds=20)
        await line.end(1)
        line.clock.move(seconds=25)
        line.queue.put(await job(3, 3))

        assert line.queue.standing(2) == Standing(running_since=NOW + timedelta(seconds=20))
        assert line.queue.standing(3).ready_at == NOW + timedelta(seconds=70)

        line.clock.move(seconds=5)
        assert line.queue.standing(3) == Standing(position=1), "it is late by half, so nobody knows"

    async def test_what_is_expected_goes_with_the_time(self, job):
        line = Line()
        for job_id in (1, 2, 3):
            line.queue.put(await job(job_id, job_id))
        await settled()
        line.clock.move(seconds=20)
        await line.end(1)
        assert line.queue.standing(2).ready_at == NOW + timedelta(seconds=40)

        line.clock.move(seconds=25)

        assert line.queue.standing(2).ready_at is None
        assert line.queue.standing(3).ready_at == NOW + timedelta(seconds=70)

    async def test_what_broke_off_or_was_stopped_is_no_measure(self, job):
        line = Line(retry_s=(3600.0,))
        line.breaking = {1: 1}
        line.queue.put(await job(1, 1))
        line.queue.put(await job(2, 2))
        await settled()
        line.clock.move(seconds=20)
        await line.end(1)
        await line.queue.cancel(2)

        line.queue.put(await job(3, 3))

        assert line.queue.standing(3).ready_at is None
        assert line.queue.room_at() is None

    async def test_a_job_stands_in_the_line_once(self, job):
        line = Line()
        first, second = await job(1, 1), await job(2, 1)
        for one in (first, second, second, first):
            line.queue.put(one)

        assert (line.queue.running, len(line.queue)) == (1, 1)

    async def test_one_that_comes_back_by_itself_may_be_put_back_sooner(self, job):
        line = Line(retry_s=(3600.0,))
        line.breaking = {1: 1}
        broken = await job(1, 1)
        line.queue.put(broken)
        await line.end(1)

        line.queue.put(broken)
        await settled()

        assert line.started == [1, 1]
        assert line.queue.running == 0


class TestDrain:
    async def test_an_idle_queue_is_drained_at_once_and_starts_nothing_more(self, job):
        line = Line()

        await line.queue.drain(1)
        line.queue.put(await job(1, 1))
        await settled()

        assert line.started == []
        assert len(line.queue) == 1

    async def test_running_jobs_may_finish_and_waiting_ones_stay(self, job):
        line = Line()
        line.queue.put(await job(1, 1))
        line.queue.put(await job(2, 2))
        draining = asyncio.create_task(line.queue.drain(1))
        await settled()

        await line.end(1)
        await draining

        assert line.started == [1]
        assert len(line.queue) == 1

    async def test_jobs_that_take_longer_are_stopped(self, job):
        line = Line()
        line.queue.put(await job(1, 1))
        await settled()

        await line.queue.drain(0.01)
        await settled()

        assert line.queue.running == 0

    async def test_jobs_that_would_come_back_do_not(self, job, loop_clock: LoopClock):
        line = Line(retry_s=(60.0,))
        line.breaking = {1: 1}
        line.queue.put(await job(1, 1))
        await line.end(1)

        await line.queue.drain(0.1)
        await loop_clock.move(61)

        assert line.started == [1]

    async def test_a_job_that_breaks_off_while_draining_does_not_come_back(self, job):
        line = Line()
        line.breaking = {1: 1}
        line.queue.put(await job(1, 1))
        await settled()
        draining = asyncio.create_task(line.queue.drain(1))
        await settled()

        await line.end(1)
        await draining

        assert line.started == [1]

    async def test_a_job_stopped_by_a_drain_is_resumed_by_the_next_start(self, world: World):
        world.provider.script = [hangs]
        async with open_house(world) as house:
            job = await house.order()
            assert job is not None
            await world.provider.reached.wait()

            house.studio.close()
            await house.queue.drain(0.01)

            assert (await house.job(job.id)).state is JobState.SENT
            assert await house.used() == 1, "still held"

        async with open_house(world) as house:
            await house.take_up()

            assert await house.used() == 0


async def test_many_people_are_served_within_the_bounds(world: World):
    world.caps.max_running, world.caps.person = 3, {Meter.IMAGES_PER_DAY: 2}
    async with open_house(world) as house:
        people = [ann(user_id=1000 + n) for n in range(15)]
        orders = [house.order(who=who) for who in people for _ in range(4)]
        opened = await asyncio.gather(*orders, return_exceptions=True)
        await house.rest()

        assert sum(isinstance(one, Job) for one in opened) == 30
        assert [await house.used(who=who) for who in people] == [2] * 15
        assert await house.used(who=bob()) == 0
        assert await house.open_holds() == 0
