from __future__ import annotations

import asyncio
import dataclasses

import pytest
from storage_steps import delivered, ledger_rows, opened, sent

from bot.domain.capabilities import PlannedCall
from bot.domain.images import Role
from bot.domain.jobs import CallState, JobState
from bot.domain.quotas import Charge, Meter, Owner
from bot.errors import QuotaExceeded
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.pictures import Pictures
from bot.storage.strays import Strays

ENDS = [JobState.REFUSED, JobState.FAILED, JobState.CANCELLED]


@pytest.fixture
def jobs(database):
    return Jobs(database)


async def test_exceeded_limit_leaves_no_trace(jobs, database, make):
    with pytest.raises(QuotaExceeded):
        await jobs.open(make.job(images=2), [make.limit(1)], make.now)

    assert [tuple(row) for row in await database.read("SELECT COUNT(*) FROM job")] == [(0,)]
    assert [tuple(row) for row in await database.read("SELECT COUNT(*) FROM call")] == [(0,)]
    assert [tuple(row) for row in await database.read("SELECT COUNT(*) FROM ledger")] == [(0,)]


async def test_job_comes_back_as_it_went_in(jobs, make):
    job = await opened(jobs, make, images=3)

    assert await jobs.get(job.id) == job
    assert [(call.ordinal, call.count, call.state) for call in await jobs.calls(job.id)] == [
        (0, 1, CallState.PLANNED),
        (1, 1, CallState.PLANNED),
        (2, 1, CallState.PLANNED),
    ]


async def test_unknown_job_is_none(jobs):
    assert await jobs.get(1) is None
    assert await jobs.calls(1) == ()


async def test_same_click_twice_holds_once_even_when_nothing_is_left(jobs, database, make):
    job, limits = make.job(), [make.limit(1)]

    assert await jobs.open(job, limits, make.now)
    assert not await jobs.open(job, limits, make.now)
    assert len(await ledger_rows(database, job.id)) == 1


async def test_twenty_parallel_jobs_at_allowance_one_make_one(jobs, make):
    outcomes = await asyncio.gather(
        *(jobs.open(make.job(), [make.limit(1)], make.now) for _ in range(20)), return_exceptions=True
    )

    assert outcomes.count(True) == 1
    assert sum(isinstance(outcome, QuotaExceeded) for outcome in outcomes) == 19


@pytest.mark.parametrize("step", range(1, 4), ids=lambda step: f"{step} at once")
async def test_two_hundred_tasks_never_pass_the_limit(jobs, database, make, step):
    limit = make.limit(50)
    tasks = (jobs.open(make.job(images=step), [limit], make.now) for _ in range(200))
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert outcomes.count(True) == 50 // step
    (reading,) = await Ledger(database).readings([limit])
    assert reading.used == 50 // step * step


async def test_fifty_parallel_charges_add_up_exactly(jobs, database, make):
    ready = [await delivered(jobs, make) for _ in range(50)]
    await asyncio.gather(
        *(jobs.settle(job.id, Charge(1, 1_000 + n), 0, make.now) for n, job in enumerate(ready))
    )

    (reading,) = await Ledger(database).readings([make.limit(1, meter=Meter.USD_PER_DAY)])
    assert reading.used == sum(1_000 + n for n in range(50))


async def test_settle_turns_the_hold_into_the_true_cost_once(jobs, database, make):
    job = await delivered(jobs, make, images=2, microusd=80_000)
    later = make.now.replace(month=12)

    assert await jobs.settle(job.id, Charge(1, 12_345), 500, later)
    assert not await jobs.settle(job.id, Charge(1, 12_345), 500, later)

    hold, settle = await ledger_rows(database, job.id)
    anchor = hold[-1]
    assert hold == ("hold", 7, 70, 2, 80_000, 0, anchor)
    assert settle == ("settle", 7, 70, -1, 12_345 - 80_000, 500, anchor)
    ended = await jobs.get(job.id)
    assert (ended.state, ended.cost_microusd) == (JobState.SETTLED, 12_345)


async def test_settle_above_the_hold_is_charged_in_full(jobs, database, make):
    job = await delivered(jobs, make, microusd=10)

    assert await jobs.settle(job.id, Charge(1, 30), 0, make.now)
    assert [row[4] for row in await ledger_rows(database, job.id)] == [10, 20]


@pytest.mark.parametrize("end", ENDS)
async def test_release_gives_the_hold_back_whole_and_once(jobs, database, make, end):
    job = await sent(jobs, make)

    assert await jobs.release(job.id, end, "The model refused.", 77, make.now)
    assert not await jobs.release(job.id, end, "Again.", 77, make.now)

    hold, release = await ledger_rows(database, job.id)
    assert release == ("release", 7, 70, -1, -40_000, 77, hold[-1])
    ended = await jobs.get(job.id)
    assert (ended.state, ended.failure, ended.cost_microusd) == (end, "The model refused.", 0)


async def test_settled_job_is_not_released_and_released_job_not_settled(jobs, database, make):
    charged, given_back = await delivered(jobs, make), await sent(jobs, make)
    await jobs.settle(charged.id, Charge(1, 1), 0, make.now)
    await jobs.release(given_back.id, JobState.FAILED, None, 0, make.now)

    assert not await jobs.release(charged.id, JobState.FAILED, None, 0, make.now)
    assert not await jobs.settle(given_back.id, Charge(1, 1), 0, make.now)
    assert (
        len(await ledger_rows(database, charged.id)) == len(await ledger_rows(database, given_back.id)) == 2
    )


async def test_delivered_job_can_only_be_settled(jobs, make):
    job = await delivered(jobs, make)

    assert not await jobs.release(job.id, JobState.CANCELLED, None, 0, make.now)
    assert (await jobs.get(job.id)).state is JobState.DELIVERED


async def test_queued_job_is_never_refused_by_the_model(jobs, make):
    job = await opened(jobs, make)

    assert not await jobs.release(job.id, JobState.REFUSED, None, 0, make.now)


async def test_of_two_that_take_a_step_one_does(jobs, make):
    job = await opened(jobs, make)
    outcomes = await asyncio.gather(
        jobs.mark_sent(job.id, 0, make.now),
        jobs.release(job.id, JobState.CANCELLED, None, 0, make.now),
        jobs.mark_sent(job.id, 0, make.now),
    )

    assert outcomes == [True, True, False]


async def test_job_is_sent_with_the_first_of_its_calls(jobs, make):
    job = await opened(jobs, make, images=2)
    before, calls = await jobs.whole(job.id)
    assert (before.state, [call.state for call in calls]) == (JobState.QUEUED, [CallState.PLANNED] * 2)

    assert await jobs.mark_sent(job.id, 1, make.now)

    after, calls = await jobs.whole(job.id)
    assert (after.state, [call.state for call in calls]) == (
        JobState.SENT,
        [CallState.PLANNED, CallState.SENT],
    )


async def test_job_whose_call_has_failed_before_it_was_sent_stays_queued(jobs, make):
    job = await opened(jobs, make)
    await jobs.fail_call(job.id, 0, CallState.FAILED, "The model is down.", 0, make.now)

    assert not await jobs.mark_sent(job.id, 0, make.now)
    assert (await jobs.get(job.id)).state is JobState.QUEUED


async def test_call_of_a_cancelled_job_is_not_sent(jobs, make):
    job = await opened(jobs, make)
    await jobs.release(job.id, JobState.CANCELLED, None, 0, make.now)

    assert not await jobs.mark_sent(job.id, 0, make.now)


async def test_call_is_sent_once(jobs, make):
    job = await sent(jobs, make)

    assert not await jobs.mark_sent(job.id, 0, make.now)
    assert [call.state for call in await jobs.calls(job.id)] == [CallState.SENT]


async def test_call_that_was_refused_may_be_sent_again_and_has_no_id(jobs, make):
    job = await sent(jobs, make)
    await jobs.note_generation(job.id, 0, "gen-refused")

    await jobs.mark_refused(job.id, 0)

    (call,) = await jobs.calls(job.id)
    assert (call.state, call.generation_id) == (CallState.PLANNED, None)
    assert await jobs.mark_sent(job.id, 0, make.now)


async def test_call_that_has_ended_was_not_refused(jobs, make):
    job = await sent(jobs, make)
    await jobs.receive(job.id, 0, 5, [make.picture(job.id)], make.now)

    await jobs.mark_refused(job.id, 0)

    assert [call.state for call in await jobs.calls(job.id)] == [CallState.RECEIVED]


async def test_generation_is_noted_while_the_call_is_under_way(jobs, make):
    job = await sent(jobs, make)

    assert await jobs.note_generation(job.id, 0, "gen-1")
    assert await jobs.receive(job.id, 0, 5, [make.picture(job.id)], make.now)
    assert not await jobs.note_generation(job.id, 0, "gen-2")
    assert (await jobs.calls(job.id))[0].generation_id == "gen-1"


async def test_call_and_its_pictures_are_kept_together_and_once(jobs, database, make):
    job = await sent(jobs, make)
    picture = make.picture(job.id)

    assert await jobs.receive(job.id, 0, 9_999, [picture], make.now)
    assert not await jobs.receive(job.id, 0, 9_999, [make.picture(job.id, 1)], make.now)

    (call,) = await jobs.calls(job.id)
    assert (call.state, call.cost_microusd) == (CallState.RECEIVED, 9_999)
    assert await Pictures(database).of_job(job.id, Role.RESULT) == (picture,)


async def test_pictures_of_a_cancelled_job_are_not_kept(jobs, database, make):
    job = await sent(jobs, make)
    await jobs.release(job.id, JobState.CANCELLED, None, 0, make.now)

    assert not await jobs.receive(job.id, 0, 9_999, [make.picture(job.id)], make.now)
    assert await Pictures(database).of_job(job.id, Role.RESULT) == ()


@pytest.mark.parametrize("state", [CallState.FAILED, CallState.LOST])
async def test_failed_call_keeps_why_and_what_it_cost(jobs, make, state):
    job = await sent(jobs, make)

    assert await jobs.fail_call(job.id, 0, state, "The connection broke.", 12, make.now)
    assert not await jobs.fail_call(job.id, 0, state, "Again.", 99, make.now)
    (call,) = await jobs.calls(job.id)
    assert (call.state, call.failure, call.cost_microusd) == (state, "The connection broke.", 12)


async def test_card_is_noted_when_delivered_and_once(jobs, make):
    job = await delivered(jobs, make)

    assert not await jobs.deliver(job.id, 701, 7001, make.now)
    kept = await jobs.get(job.id)
    assert (kept.state, kept.card_channel_id, kept.card_message_id) == (JobState.DELIVERED, 700, 7000)


@pytest.mark.parametrize(("found", "kept"), [(None, 20 * 2**20), (1000, 1000)])
async def test_what_a_file_may_weigh_is_kept_where_it_was_found_out(jobs, make, found, kept):
    job = await sent(jobs, make)
    await jobs.receive(job.id, 0, 0, [], make.now)
    await jobs.produce(job.id, make.now)

    assert await jobs.deliver(job.id, 700, 7000, make.now, limit_bytes=found)

    assert (await jobs.get(job.id)).origin.upload_limit_bytes == kept


async def test_forgotten_results_free_the_blobs_that_nobody_else_holds(jobs, database, make):
    job, other = await sent(jobs, make, images=3), await sent(jobs, make)
    shared, own = "aa" * 32, "bb" * 32
    reference = make.picture(job.id, role=Role.REFERENCE, blob="cc" * 32)
    await Pictures(database).add(reference, make.now)
    await jobs.receive(job.id, 0, 1, [make.picture(job.id, 0, blob=shared)], make.now)
    await jobs.receive(job.id, 1, 1, [make.picture(job.id, 1, blob=own)], make.now)
    await jobs.receive(job.id, 2, 1, [make.picture(job.id, 2, blob=own)], make.now)
    await jobs.receive(other.id, 0, 1, [make.picture(other.id, 0, blob=shared)], make.now)

    await jobs.forget_pictures(job.id)
    await jobs.forget_pictures(job.id)

    assert await Strays(database).loose(9) == (own,)
    assert await Pictures(database).of_job(job.id, Role.RESULT) == ()
    assert await Pictures(database).of_job(job.id, Role.REFERENCE) == (reference,)


async def test_each_limit_counts_for_itself(jobs, make):
    limits = [
        make.limit(9, owner=Owner.PERSON),
        make.limit(2, owner=Owner.SERVER),
        make.limit(9, owner=Owner.OPERATOR),
    ]
    await jobs.open(make.job(user_id=1), [], make.now)
    await jobs.open(make.job(user_id=2), [], make.now)

    with pytest.raises(QuotaExceeded) as caught:
        await jobs.open(make.job(), limits, make.now)
    assert caught.value.limit == limits[1]


async def test_person_is_counted_within_one_server(jobs, make):
    await jobs.open(make.job(guild_id=None), [make.limit(1, guild_id=0)], make.now)

    assert await jobs.open(make.job(guild_id=70), [make.limit(1, guild_id=70)], make.now)
    with pytest.raises(QuotaExceeded):
        await jobs.open(make.job(guild_id=None), [make.limit(1, guild_id=0)], make.now)


def new_plan(job):
    calls = (PlannedCall(0, 1, None), PlannedCall(1, 1, None))
    return dataclasses.replace(job.plan, model_id="another/model", calls=calls)


async def test_job_whose_calls_failed_for_nothing_gets_another_plan(jobs, database, make):
    job = await sent(jobs, make)
    await jobs.fail_call(job.id, 0, CallState.FAILED, "The model is gone.", 0, make.now)

    assert await jobs.replan(job.id, new_plan(job), make.now)
    assert (await jobs.get(job.id)).plan == new_plan(job)
    assert [call.state for call in await jobs.calls(job.id)] == [CallState.PLANNED] * 2
    assert len(await ledger_rows(database, job.id)) == 1


@pytest.mark.parametrize("call", ["under way", "received", "lost", "billed"])
async def test_job_whose_call_may_have_cost_keeps_its_plan(jobs, make, call):
    job = await sent(jobs, make)
    if call == "received":
        await jobs.receive(job.id, 0, 0, [make.picture(job.id)], make.now)
    elif call != "under way":
        state = CallState.LOST if call == "lost" else CallState.FAILED
        await jobs.fail_call(job.id, 0, state, "No.", call == "billed", make.now)
    before = await jobs.calls(job.id)

    assert not await jobs.replan(job.id, new_plan(job), make.now)
    assert (await jobs.get(job.id)).plan == job.plan
    assert await jobs.calls(job.id) == before
