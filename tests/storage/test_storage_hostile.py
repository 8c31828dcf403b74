"""Words that were written to break something."""

from __future__ import annotations

import pytest
from storage_steps import opened, sent

from bot.domain.jobs import CallState, JobState
from bot.domain.requests import PictureRequest, Stored, Upload
from bot.storage.jobs import Jobs


@pytest.fixture
def jobs(database):
    return Jobs(database)


HOSTILE = [
    "'; DROP TABLE job; --",
    '"); DELETE FROM ledger; --',
    "{0.__class__}",
    "%s %(id)s :id ?",
    "nul \x00 inside",
    "half a pair \ud83d",
    "emoji 🎨, rtl \u202e, zalgo z̷̢̛",
    "\\u0000 \\ \" '",
    "",
    "x" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_prompt_comes_back_unharmed(jobs, make, text):
    request = PictureRequest(text, aspect=text, seed=0, references=(Upload(text, text, 1), Stored(text)))
    job = await opened(jobs, make, request=request)

    assert await jobs.get(job.id) == job


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_failure_never_keeps_a_hold(jobs, make, text):
    job = await sent(jobs, make)

    assert await jobs.fail_call(job.id, 0, CallState.FAILED, text, 0, make.now)
    assert await jobs.release(job.id, JobState.FAILED, text, 0, make.now)
    assert (await jobs.get(job.id)).failure == text.replace("\ud83d", "\ufffd")
