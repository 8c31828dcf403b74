"""Kills, several processes and cancelled tasks: what is left is a step that was taken, or was not."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from bot.domain.images import Role
from bot.domain.jobs import UNFINISHED, JobState
from bot.domain.quotas import Charge, Meter, Owner
from bot.errors import QuotaExceeded, StartupError
from bot.storage import calls, ledger, pictures
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.pictures import Pictures
from migrations import files

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["bot.storage.jobs", "aiohttp.web", "hypothesis"])
COST = 12_345


async def steps(jobs, make, job):
    """Take a job from the click to the charge; yields the name of each step when it is acknowledged."""
    await jobs.open(job, [make.limit(1, user_id=job.user_id)], make.now)
    yield "held"
    await jobs.mark_sent(job.id, 0, make.now)
    yield "sent"
    await jobs.receive(job.id, 0, COST, [make.picture(job.id)], make.now)
    yield "received"
    await jobs.produce(job.id, make.now)
    yield "produced"
    await jobs.deliver(job.id, 1, 2, make.now)
    yield "delivered"
    await jobs.settle(job.id, Charge(1, COST), 0, make.now)
    yield "settled"


async def finish(jobs, make, job):
    """End a job as the next start does: what was produced is charged, the rest is given back."""
    if job.state is JobState.PRODUCED:
        assert await jobs.deliver(job.id, 1, 2, make.now)
    if job.state in {JobState.PRODUCED, JobState.DELIVERED}:
        assert await jobs.settle(job.id, Charge(1, COST), 0, make.now)
    else:
        assert await jobs.release(job.id, JobState.FAILED, "It was interrupted.", 0, make.now)


async def assert_books_are_right(database, make, charged):
    """Check that nothing is held, that every job ended once, and that what was charged adds up."""
    jobs = Jobs(database)
    assert await jobs.census() == {}
    counts = await database.read("SELECT COUNT(*) AS ends FROM ledger GROUP BY job_id")
    assert all(row["ends"] == 2 for row in counts)
    limits = [make.limit(0, owner=owner, meter=Meter.USD_PER_DAY) for owner in (Owner.SERVER, Owner.OPERATOR)]
    assert {reading.used for reading in await Ledger(database).readings(limits)} == {charged}
    await database.quick_check()


AFTER = {
    "held": JobState.QUEUED,
    "sent": JobState.SENT,
    "received": JobState.SENT,
    "produced": JobState.PRODUCED,
    "delivered": JobState.DELIVERED,
    "settled": JobState.SETTLED,
}
INSIDE = {
    "hold": (ledger, "hold", None),
    "mark sent": (calls, "mark_sent", JobState.QUEUED),
    "receive": (pictures, "insert", JobState.SENT),
    "settle": (ledger, "settle", JobState.DELIVERED),
}


def pause(marker):
    Path(marker).touch()
    time.sleep(60)


def pause_inside(marker, room, name):
    """Make a statement's function stop after its rows are written and before they are committed."""
    statement = getattr(room, name)

    def stop(*arguments):
        statement(*arguments)
        pause(marker)

    setattr(room, name, stop)


async def run_until(url, make, job, marker, acknowledged):
    database = await Database.open(url)
    async for step in steps(Jobs(database), make, job):
        if step == acknowledged:
            pause(marker)


def play(url, make, job, marker, acknowledged, inside):
    if inside:
        room, name, _ = INSIDE[inside]
        pause_inside(marker, room, name)
    asyncio.run(run_until(url, make, job, marker, acknowledged))


def kill_when_there(marker, *arguments):
    process = PROCESSES.Process(target=play, args=arguments)
    process.start()
    wait_until_there(process, marker)
    process.kill()
    process.join()


def wait_until_there(process, marker):
    deadline = time.monotonic() + 60
    while not marker.exists() and process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert marker.exists()


@pytest.mark.parametrize("step", AFTER)
async def test_killed_after_a_step_it_was_taken_and_the_next_start_ends_the_job_right(
    database_url, make, tmp_path, step
):
    job, marker = make.job(), tmp_path / "there"
    kill_when_there(marker, database_url, make, job, marker, step, None)

    database = await Database.open(database_url)
    jobs = Jobs(database)
    left = await jobs.get(job.id)
    assert left
    assert left.state is AFTER[step]
    kept = await Pictures(database).of_job(job.id, Role.RESULT)
    assert len(kept) == (step in {"received", "produced", "delivered", "settled"})
    if left.state in UNFINISHED:
        await finish(jobs, make, left)
    charged = COST if step in {"produced", "delivered", "settled"} else 0
    await assert_books_are_right(database, make, charged)
    if not charged:
        assert await jobs.open(make.job(), [make.limit(1)], make.now)
    await database.aclose()


@pytest.mark.parametrize("statement", INSIDE)
async def test_killed_inside_a_step_it_was_not_taken(database_url, make, tmp_path, statement):
    job, marker = make.job(), tmp_path / "there"
    kill_when_there(marker, database_url, make, job, marker, None, statement)

    database = await Database.open(database_url)
    jobs, before = Jobs(database), INSIDE[statement][2]
    left = await jobs.get(job.id)
    assert (left and left.state) is before
    assert await Pictures(database).of_job(job.id, Role.RESULT) == (
        (make.picture(job.id),) if statement == "settle" else ()
    )
    if left:
        await finish(jobs, make, left)
    await assert_books_are_right(database, make, COST if statement == "settle" else 0)
    await database.aclose()


async def open_many(url, jobs_to_open, limit, now):
    database = await Database.open(url)
    jobs = Jobs(database)
    outcomes = await asyncio.gather(
        *(jobs.open(job, [limit], now) for job in jobs_to_open), return_exceptions=True
    )
    await database.aclose()
    assert all(outcome is True or isinstance(outcome, QuotaExceeded) for outcome in outcomes), outcomes


def open_many_past_the_lock(*arguments):
    files.DatabaseLock.take = lambda path: files.DatabaseLock(os.open(path, os.O_RDONLY))
    asyncio.run(open_many(*arguments))


async def test_four_processes_never_pass_the_limit(database_url, make):
    """The lock keeps a second process out; past it, the transaction alone still holds the limit."""
    limit = make.limit(50)
    processes = [
        PROCESSES.Process(
            target=open_many_past_the_lock,
            args=(database_url, [make.job() for _ in range(50)], limit, make.now),
        )
        for _ in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        await asyncio.to_thread(process.join, 30)

    assert [process.exitcode for process in processes] == [0] * 4
    database = await Database.open(database_url)
    (reading,) = await Ledger(database).readings([limit])
    assert reading.used == sum((await Jobs(database).census()).values()) == 50
    await database.aclose()


async def hold_the_lock(url, marker):
    await Database.open(url)
    pause(marker)


def hold_until_killed(url, marker):
    asyncio.run(hold_the_lock(url, marker))


async def test_lock_of_another_process_goes_with_it(database_url, tmp_path):
    marker = tmp_path / "there"
    process = PROCESSES.Process(target=hold_until_killed, args=(database_url, marker))
    process.start()
    await asyncio.to_thread(wait_until_there, process, marker)

    with pytest.raises(StartupError, match="Another process"):
        await Database.open(database_url)
    process.kill()
    process.join()
    database = await Database.open(database_url)
    await database.aclose()


async def test_task_cancelled_at_any_moment_leaves_books_that_can_be_closed(database, make):
    jobs, states = Jobs(database), []

    async def play_on(job):
        async for _ in steps(jobs, make, job):
            pass

    for wait in range(60):
        job = make.job(user_id=1_000 + wait)
        task = asyncio.create_task(play_on(job))
        for _ in range(wait):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await database.write(lambda connection: connection.total_changes)
        left = await jobs.get(job.id)
        states.append(left.state if left else None)
        if left and left.state in UNFINISHED:
            await finish(jobs, make, left)

    charged = sum(state in {JobState.PRODUCED, JobState.DELIVERED, JobState.SETTLED} for state in states)
    await assert_books_are_right(database, make, charged * COST)
    assert len(set(states)) > 1
