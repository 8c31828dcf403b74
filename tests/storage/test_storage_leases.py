from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from storage_maker import NOW, Maker

from bot.domain.jobs import LEASE, JobState
from bot.storage import leases as statements
from bot.storage.jobs import Jobs
from bot.storage.leases import Leases

if TYPE_CHECKING:
    from bot.storage.database import Database


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database, "first")


@pytest.fixture
def first(database: Database) -> Leases:
    return Leases(database, "first")


@pytest.fixture
def second(database: Database) -> Leases:
    return Leases(database, "second")


LATER = NOW + LEASE + timedelta(seconds=1)


async def test_what_a_living_process_works_on_is_its_own(jobs: Jobs, second: Leases, make: Maker):
    await jobs.open(make.job(), (), NOW)

    assert await second.take_over(NOW) == []
    assert await second.take_over(NOW + LEASE - timedelta(seconds=1)) == []


async def test_what_a_silent_process_left_is_taken_once_the_oldest_first(
    jobs: Jobs, database: Database, make: Maker
):
    newer, older = make.job(created_at=NOW.replace(hour=13)), make.job()
    for job in (newer, older):
        await jobs.open(job, (), NOW)

    others = [Leases(database, f"other {n}") for n in range(8)]
    taken = await asyncio.gather(*(other.take_over(LATER) for other in others))

    assert [[job.id for job in part] for part in taken if part] == [[older.id, newer.id]]


async def test_renewing_keeps_it(jobs: Jobs, first: Leases, second: Leases, make: Maker):
    await jobs.open(make.job(), (), NOW)

    assert await first.renew(LATER) == 1

    assert await second.take_over(LATER) == []


async def test_what_was_taken_over_cannot_be_renewed_by_the_one_who_lost_it(
    jobs: Jobs, first: Leases, second: Leases, make: Maker
):
    await jobs.open(make.job(), (), NOW)
    await second.take_over(LATER)

    assert await first.renew(LATER) == 0
    assert await second.renew(LATER) == 1


async def test_what_has_ended_is_not_taken(jobs: Jobs, second: Leases, make: Maker):
    job = make.job()
    await jobs.open(job, (), NOW)
    await jobs.release(job.id, JobState.CANCELLED, None, 0, NOW)

    assert await second.take_over(LATER) == []
    assert await second.take_all(NOW) == []


async def test_what_is_freed_can_be_taken_at_once(jobs: Jobs, first: Leases, second: Leases, make: Maker):
    job = make.job()
    await jobs.open(job, (), NOW)

    assert await first.free() == 1

    assert [one.id for one in await second.take_over(NOW)] == [job.id]


async def test_where_nobody_else_can_be_alive_all_is_taken_at_once(
    jobs: Jobs, first: Leases, second: Leases, make: Maker
):
    await jobs.open(make.job(), (), NOW)

    assert await first.take_all(NOW) == [], "one's own is there already"
    assert len(await second.take_all(NOW)) == 1


async def test_what_an_older_version_left_without_a_lease_is_taken(
    database: Database, second: Leases, make: Maker
):
    await Jobs(database).open(make.job(), (), NOW)

    assert len(await second.take_over(NOW)) == 1


@pytest.mark.parametrize("statement", [statements.RENEW, statements.TAKE_OVER, statements.FREE])
async def test_what_has_ended_is_never_read(database: Database, statement: str):
    values = {"owner": "first", "until": 0, "now": 0, "is_alone": 0}

    plan = await database.read(f"EXPLAIN QUERY PLAN {statement}", values)

    assert "job_unfinished" in plan[0]["detail"]
