"""Jobs of a model that has no place, or is paused, let others go on."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from provider_kit import FLUX, MINI, NOW, trouble
from queue_kit import Line, job, settled
from time_kit import until
from world_kit import ann

from bot.domain.jobs import JobState
from bot.domain.places import Places
from bot.domain.requests import PictureRequest
from bot.domain.standing import NOWHERE, Standing

if TYPE_CHECKING:
    from house_kit import House
    from time_kit import LoopClock

__all__ = ["job"]


async def test_jobs_for_a_model_without_a_place_let_others_go_on(job):
    line = Line(max_running=4)
    line.models.say(MINI, Places(most=2))
    for job_id in range(1, 6):
        line.queue.put(await job(job_id, job_id))
    line.queue.put(await job(6, 6, FLUX))
    await settled()

    assert line.started == [1, 2, 6]
    assert (len(line.queue), line.waiting()) == (3, 3)
    await line.end(1)
    assert line.started == [1, 2, 6, 3]


async def test_a_paused_model_stops_nobody_and_its_jobs_start_when_the_pause_ends(job):
    line = Line(max_running=2)
    line.models.say(MINI, Places(most=2, paused_s=40))
    for job_id in (1, 2, 3):
        line.queue.put(await job(job_id, job_id))
    line.queue.put(await job(4, 4, FLUX))
    await settled()
    assert line.started == [4]
    assert line.queue.standing(1) == Standing(position=1)
    await line.queue.cancel(2)
    await line.end(4)

    line.models.say(MINI, Places(most=2))
    await settled()

    assert line.started == [4, 1, 3]


async def test_what_is_expected_of_a_paused_model_counts_its_pause(job):
    line = Line(max_running=1)
    line.queue.put(await job(1, 1))
    await settled()
    line.clock.move(seconds=20)
    await line.end(1)

    line.models.say(MINI, Places(most=1, paused_s=40))
    for job_id in (2, 3):
        line.queue.put(await job(job_id, job_id))

    ready = [line.queue.standing(job_id).ready_at for job_id in (2, 3)]
    assert ready == [NOW + timedelta(seconds=20 + 40 + 20 * n) for n in (1, 2)]


async def test_the_last_places_are_for_models_that_have_none(job):
    line = Line(max_running=3)
    for model_id in (MINI, FLUX):
        line.models.say(model_id, Places(most=2, kept=1))
    for job_id, model_id in ((1, MINI), (2, MINI), (3, MINI), (4, FLUX), (5, FLUX)):
        line.queue.put(await job(job_id, job_id, model_id))
    await settled()

    assert line.started == [1, 2, 4]


async def test_orders_of_a_model_that_asks_to_wait_stay_in_the_line_and_others_are_drawn(
    house: House, loop_clock: LoopClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(house.workshop._caller._model, "_sleep", asyncio.sleep)
    house.world.provider.script = [lambda _: trouble(429, **{"Retry-After": "40"})]
    first = await house.order(job_id=77)
    assert first is not None
    await until(lambda: house.queue.standing(77).again_at is not None)
    waiting = [await house.order(who=ann(user_id=1000 + n)) for n in range(6)]

    other = await house.order(PictureRequest("a fox", model=FLUX))
    assert other is not None
    await until(lambda: house.queue.running == 1)

    assert (await house.job(77)).state is JobState.SENT
    assert (await house.job(other.id)).state is JobState.SETTLED
    assert {job and (await house.job(job.id)).state for job in waiting} == {JobState.QUEUED}
    assert [job and house.queue.standing(job.id).position for job in waiting] == [1, 2, 3, 4, 5, 6]
    await loop_clock.move(41)
    await house.rest()
    assert {job and (await house.job(job.id)).state for job in (first, *waiting)} == {JobState.SETTLED}


@pytest.mark.parametrize(("advice", "is_said"), [("9", True), ("2", False)])
async def test_while_a_busy_model_is_waited_for_a_job_says_when_that_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch, advice: str, is_said: bool
):
    said: list[datetime | None] = []

    async def sleep(_seconds: float) -> None:
        said.append(house.queue.standing(77).again_at)

    monkeypatch.setattr(house.workshop._caller._model, "_sleep", sleep)
    house.world.provider.script = [lambda _: trouble(429, **{"Retry-After": advice})]

    await house.done(job_id=77)

    (again_at,) = said
    least = house.world.clock() + timedelta(seconds=int(advice))
    assert (again_at is not None and again_at >= least) if is_said else again_at is None
    assert house.queue.standing(77) == NOWHERE


async def test_the_time_that_a_model_made_somebody_wait_is_not_taken_for_drawing(house: House):
    house.world.provider.script = [lambda _: trouble(429, **{"Retry-After": "0"})]
    job = await house.done()

    assert job.state is JobState.SETTLED
    assert house.queue.takes_s(job.plan.model_id, None) is None
    await house.done()
    assert house.queue.takes_s(job.plan.model_id, None) is not None
