"""When a job has all the pictures that will come."""

from __future__ import annotations

import pytest
from storage_steps import sent

from bot.domain.jobs import CallState
from bot.storage.jobs import Jobs


@pytest.fixture
def jobs(database):
    return Jobs(database)


async def test_nothing_is_produced_before_all_calls_have_ended_or_where_none_brought_anything(jobs, make):
    job, vain = await sent(jobs, make, images=2), await sent(jobs, make)
    await jobs.receive(job.id, 0, 1, [make.picture(job.id)], make.now)
    await jobs.fail_call(vain.id, 0, CallState.FAILED, "No.", 0, make.now)

    assert await jobs.produce(job.id, make.now) is None
    assert await jobs.produce(vain.id, make.now) is None
    await jobs.fail_call(job.id, 1, CallState.FAILED, "No.", 0, make.now)
    assert await jobs.produce(job.id, make.now) is not None
