"""What the first card of a job says: where it will stand once it is put into the line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from provider_kit import MINI, NOW
from queue_kit import Line, job, settled

from bot.domain.places import Places
from bot.domain.requests import Kind
from bot.domain.standing import Standing

__all__ = ["job"]

LATER = NOW + timedelta(seconds=20)


async def timed(job, **options) -> Line:
    """Return a queue that knows that a job takes 20 seconds."""
    line = Line(**options)
    line.queue.put(await job(1, 1))
    await settled()
    line.clock.move(seconds=20)
    await line.end(1)
    return line


async def test_who_is_first_is_told_that_it_begins_and_how_long_it_takes(job):
    line = await timed(job)
    one = await job(2, 2)

    expected = line.queue.expect(one)
    line.queue.put(one, shown=expected)

    assert expected == Standing(running_since=LATER, ready_at=LATER + timedelta(seconds=20))
    assert line.queue.standing(2) == expected


async def test_nobody_guesses_without_a_measure(job):
    assert Line().queue.expect(await job(1, 1)) == Standing(running_since=NOW)


async def test_who_has_to_wait_is_told_the_place_and_the_time(job):
    line = await timed(job)
    for job_id in (2, 3, 4):
        line.queue.put(await job(job_id, job_id))
    one = await job(5, 5)

    expected = line.queue.expect(one)
    line.queue.put(one, shown=expected)

    assert expected == Standing(position=3, ready_at=LATER + timedelta(seconds=80))
    assert line.queue.standing(5) == expected
    assert len(line.queue) == 3, "expecting puts nobody into the line"


async def test_whose_own_jobs_take_all_their_places_waits(job):
    line = await timed(job, max_running=5, max_each=1)
    line.queue.put(await job(2, 2))

    assert line.queue.expect(await job(3, 2)).position == 1
    assert line.queue.expect(await job(4, 4)).running_since == LATER


async def test_whose_model_has_no_place_waits_and_others_pass(job):
    line = await timed(job, max_running=5)
    line.models.say(MINI, Places(0, 0))
    line.queue.put(await job(2, 2))

    assert line.queue.expect(await job(3, 3)).running_since is None
    assert line.queue.expect(await job(4, 4, "black-forest-labs/flux.2-klein-4b")).running_since == LATER


async def test_the_jobs_of_a_batch_keep_nobody_waiting(job):
    line = await timed(job, max_running=2)
    for job_id in (2, 3, 4):
        one = await job(job_id, 1)
        line.queue.put(replace(one, request=replace(one.request, kind=Kind.BATCH)))
    await settled()
    assert (line.queue.running, len(line.queue)) == (1, 2)

    assert line.queue.expect(await job(5, 5)).running_since == LATER


async def test_a_job_whose_card_says_all_is_not_followed_and_one_with_a_time_is(job):
    line = Line(max_running=5)
    first = replace(await job(1, 1), card_message_id=11)
    line.queue.put(first, shown=line.queue.expect(first))
    assert line.progress._watches == {}
    line.clock.move(seconds=20)
    await line.end(1)

    second = replace(await job(2, 2), card_message_id=12)
    line.queue.put(second, shown=line.queue.expect(second))
    assert list(line.progress._watches) == [2]
    await line.progress.aclose()


async def test_a_job_that_hangs_hides_nobody_elses_time(job):
    line = Line(max_running=2)
    for job_id in (1, 2):
        line.queue.put(await job(job_id, job_id))
    await settled()
    line.clock.move(seconds=20)
    await line.end(1)
    line.clock.move(seconds=80)
    for job_id in (3, 4):
        line.queue.put(await job(job_id, job_id))

    assert line.queue.standing(4) == Standing(position=1, ready_at=NOW + timedelta(seconds=140))


async def test_whoever_waits_is_left_to_the_next_start_once_it_is_closed(job):
    line = Line()
    for job_id in (1, 2):
        line.queue.put(await job(job_id, job_id))
    await settled()

    line.queue.close()

    assert line.queue.standing(1) == Standing(running_since=NOW)
    assert line.queue.standing(2) == Standing(position=1, is_left=True)
    assert line.queue.expect(await job(3, 3)) == Standing(position=2, is_left=True)
