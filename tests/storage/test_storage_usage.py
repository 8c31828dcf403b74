from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from storage_steps import drawn

from bot.domain.asks import Purpose, WordsJob
from bot.domain.jobs import Bounds, JobState
from bot.domain.quotas import Charge, Meter, window
from bot.domain.requests import Kind, PictureRequest
from bot.domain.usage import Amount, By, Report
from bot.storage.jobs import Jobs
from bot.storage.usage import UsageRows
from bot.storage.words import WordsJobs

UTC = ZoneInfo("UTC")


@pytest.fixture
def jobs(database):
    return Jobs(database)


async def settle(jobs, job, charge, absorbed=0):
    await jobs.open(job, [], job.created_at)
    await drawn(jobs, job, job.created_at)
    await jobs.produce(job.id, job.created_at)
    await jobs.deliver(job.id, 1, 2, job.created_at)
    assert await jobs.settle(job.id, charge, absorbed, job.created_at)


async def read(database, make, guild_id=None, days=1):
    today = window(Meter.USD_PER_DAY, make.now, UTC)
    windows = [(today.starts_at.date(), today)]
    while len(windows) < days:
        before = window(Meter.USD_PER_DAY, windows[0][1].starts_at - timedelta(hours=1), UTC)
        windows.insert(0, (before.starts_at.date(), before))
    entries = await UsageRows(database).entries(windows, guild_id)
    return Report(tuple(day for day, _ in windows), entries)


async def test_what_is_charged_held_and_absorbed_is_told_apart(database, jobs, make):
    await settle(jobs, make.job(images=2, microusd=100), Charge(1, 60), absorbed=25)
    await jobs.open(make.job(images=3, microusd=500), [], make.now)
    given_back = make.job(microusd=1_000)
    await jobs.open(given_back, [], make.now)
    await jobs.release(given_back.id, JobState.FAILED, None, 7, make.now)

    assert (await read(database, make)).total == Amount(3, 4, 0, 60, 500, 32)


async def test_words_and_pictures_are_told_apart_by_person_command_and_model(database, jobs, make):
    edit = PictureRequest("a fox", kind=Kind.EDIT)
    await settle(jobs, make.job(user_id=7, microusd=100, request=edit), Charge(1, 90))
    await settle(jobs, make.job(user_id=8, microusd=100), Charge(1, 40))
    words = WordsJobs(database, "us")
    asked = WordsJob(7, 70, 700, Purpose.CHAT, "openai/gpt-4o-mini", Charge(0, 50, 1))
    job_id = await words.open(asked, [], Bounds(9, 9, 9), make.now)
    await words.settle(job_id, Charge(0, 20, 1), 0, make.now)
    report = await read(database, make)

    assert {key: one.microusd for key, one in report.by(By.COMMAND).items()} == {
        "edit": 90,
        "imagine": 40,
        "chat": 20,
    }
    assert list(report.by(By.PERSON).items()) == [
        ("7", Amount(2, 1, 1, 110)),
        ("8", Amount(1, 1, 0, 40)),
    ]
    assert list(report.by(By.MODEL)) == ["openai/gpt-5-image-mini", "openai/gpt-4o-mini"]


async def test_a_server_sees_its_own_and_the_operator_all(database, jobs, make):
    await settle(jobs, make.job(guild_id=70), Charge(1, 10))
    await settle(jobs, make.job(guild_id=71), Charge(1, 20))
    await settle(jobs, make.job(guild_id=None), Charge(1, 40))

    assert (await read(database, make, 70)).total.microusd == 10
    assert {key: one.microusd for key, one in (await read(database, make)).by(By.SERVER).items()} == {
        "0": 40,
        "71": 20,
        "70": 10,
    }


async def test_a_job_counts_on_the_day_of_its_hold_and_empty_days_are_named(database, jobs, make):
    two_days_ago = make.now - timedelta(days=2)
    await settle(jobs, make.job(created_at=two_days_ago), Charge(1, 10))
    report = await read(database, make, days=3)

    assert [one.microusd for one in report.by(By.DAY).values()] == [10, 0, 0]
    assert report.of_day(By.COMMAND, "imagine") == (10, 0, 0)


async def test_spending_of_a_server_is_read_by_an_index(database, make):
    from bot.storage import usage

    plan = await database.read(
        f"EXPLAIN QUERY PLAN {usage.OF_SERVER}", {"starts_at": 0, "ends_at": 1, "guild_id": 70}
    )
    assert any("ledger_server" in row["detail"] and "anchor_at>" in row["detail"] for row in plan)
