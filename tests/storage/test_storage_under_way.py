from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from storage_maker import NOW, Maker

from bot.domain.jobs import JobState
from bot.storage import jobs as statements
from bot.storage.jobs import Jobs

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
        (statements.COUNT_UNFINISHED, {"user_id": None, "guild_id": 70}),
    ],
    ids=["a person's", "a server's", "their number"],
)
async def test_what_has_ended_is_never_read(
    database: Database, statement: str, values: dict[str, int | None]
):
    plan = await database.read(f"EXPLAIN QUERY PLAN {statement}", values)

    assert "job_unfinished" in plan[0]["detail"]
