from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from storage_maker import NOW, Maker

from bot.domain.jobs import Bounds, Job, JobState
from bot.domain.quotas import Owner
from bot.storage import jobs as statements
from bot.storage import room
from bot.storage.jobs import Jobs
from bot.storage.room import NoRoom
from bot.storage.shelf import Shelf

if TYPE_CHECKING:
    from bot.storage.database import Database


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


async def test_a_person_s_jobs_are_found_in_all_places_and_a_server_s_of_all_people(jobs: Jobs, make: Maker):
    mine, elsewhere, private = make.job(), make.job(guild_id=71), make.job(guild_id=None)
    others, done = make.job(user_id=8), make.job()
    for job in (mine, elsewhere, private, others, done):
        await jobs.open(job, (), NOW)
    await jobs.release(done.id, JobState.CANCELLED, "Cancelled.", 0, NOW)

    of_person = await jobs.unfinished_of_person(7)
    of_server = await jobs.unfinished_of_server(70)

    assert [job.id for job in of_person] == [mine.id, elsewhere.id, private.id]
    assert [job.id for job in of_server] == [mine.id, others.id]


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (statements.UNFINISHED_OF_PERSON, {"user_id": 7}),
        (statements.UNFINISHED_OF_SERVER, {"guild_id": 70}),
        (room.COUNT_BESIDE, {"id": 1, "user_id": 7, "guild_id": 70, "kind": "pictures"}),
    ],
    ids=["a person's", "a server's", "the number of all"],
)
async def test_what_has_ended_is_never_read(
    database: Database, statement: str, values: dict[str, int | None]
):
    plan = await database.read(f"EXPLAIN QUERY PLAN {statement}", values)

    assert "job_unfinished" in plan[0]["detail"]


async def openings(jobs: Jobs, bounds: Bounds, *asked: Job) -> list[bool | Owner]:
    """Open jobs at one moment; return whose bound stood in the way, where one did."""

    async def opening(job: Job) -> bool | Owner:
        try:
            return await jobs.open(job, (), NOW, bounds)
        except NoRoom as full:
            return full.owner

    return await asyncio.gather(*map(opening, asked))


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("bounds", "owner"),
    [
        (Bounds(of_all=50, per_server=200, per_person=200), Owner.OPERATOR),
        (Bounds(of_all=200, per_server=50, per_person=200), Owner.SERVER),
        (Bounds(of_all=200, per_server=200, per_person=50), Owner.PERSON),
    ],
    ids=["of all", "of a server", "of a person"],
)
async def test_two_hundred_at_one_moment_do_not_pass_a_bound(
    jobs: Jobs, make: Maker, bounds: Bounds, owner: Owner
):
    outcomes = await openings(jobs, bounds, *(make.job() for _ in range(200)))

    assert outcomes == [True] * 50 + [owner] * 150
    assert await jobs.census() == {"queued": 50}


async def test_a_bound_counts_none_but_its_own(jobs: Jobs, make: Maker):
    bounds = Bounds(of_all=4, per_server=2, per_person=1)

    outcomes = await openings(
        jobs,
        bounds,
        *(make.job(user_id=1), make.job(user_id=1, guild_id=71), make.job(user_id=2), make.job(user_id=3)),
        *(make.job(user_id=4, guild_id=None), make.job(user_id=5, guild_id=None)),
        make.job(user_id=6, guild_id=None),
    )

    assert outcomes == [True, Owner.PERSON, True, Owner.SERVER, True, True, Owner.OPERATOR]


async def test_the_same_click_again_is_no_new_one_where_all_is_full(jobs: Jobs, make: Maker):
    job, bounds = make.job(), Bounds(of_all=1, per_server=1, per_person=1)

    assert await openings(jobs, bounds, job, job, make.job()) == [True, False, Owner.OPERATOR]


async def test_who_has_no_room_holds_nothing(jobs: Jobs, database: Database, make: Maker):
    with pytest.raises(NoRoom):
        await jobs.open(make.job(), (), NOW, Bounds(of_all=0, per_server=0, per_person=0))

    assert await jobs.census() == {}
    assert (await database.read("SELECT COUNT(*) FROM ledger"))[0][0] == 0


async def test_an_ended_job_makes_room(jobs: Jobs, make: Maker):
    bounds = Bounds(of_all=1, per_server=1, per_person=1)
    first = make.job()
    await jobs.open(first, (), NOW, bounds)
    await jobs.release(first.id, JobState.CANCELLED, "Cancelled.", 0, NOW)

    assert await jobs.open(make.job(), (), NOW, bounds)


async def test_what_waits_for_its_owner_is_counted_apart_and_not_as_under_way(
    database: Database, jobs: Jobs, make: Maker
):
    waiting, kept = make.job(), make.job()
    for job in (waiting, kept):
        await jobs.open(job, (), NOW)
    await jobs.mark_sent(kept.id, 0, NOW)
    await jobs.receive(kept.id, 0, 0, [], NOW)
    await jobs.produce(kept.id, NOW)
    await Shelf(database).keep(kept.id, "There is no way left.", NOW)

    assert await jobs.census() == {"queued": 1, "kept": 1}
    beside = Bounds(of_all=2, per_server=2, per_person=2)
    assert await jobs.open(make.job(), (), NOW, beside)
    with pytest.raises(NoRoom):
        await jobs.open(make.job(), (), NOW, beside)


async def test_tidying_gives_back_what_the_log_took(database: Database, jobs: Jobs, make: Maker):
    for _ in range(20):
        await jobs.open(make.job(), (), NOW)
    (log,) = database.folder.glob("*-wal")
    assert log.stat().st_size > 0

    await database.tidy()

    assert log.stat().st_size == 0
    assert await jobs.census() == {"queued": 20}
