"""Writes that wait together share a commit, and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import Counter
from contextlib import asynccontextmanager, closing

import pytest

from bot.errors import StorageTrouble
from bot.storage.batch import LARGEST
from bot.storage.database import Database

INSERT = "INSERT INTO meta (key, value) VALUES (:key, 'v')"
ORPHAN = "INSERT INTO call (job_id, ordinal, count, state, cost_microusd) VALUES (1, 0, 1, 'sent', 0)"


@asynccontextmanager
async def busy_writer(database):
    """Hold up the writer's thread, so that what is written inside the block waits together."""
    started, go_on = threading.Event(), threading.Event()

    def hold_up(_):
        started.set()
        assert go_on.wait(5)

    holding = asyncio.create_task(database.write(hold_up))
    await asyncio.to_thread(started.wait, 5)
    try:
        yield
    finally:
        await asyncio.sleep(0)
        go_on.set()
        await holding


def writes(database, *works):
    return [asyncio.create_task(database.write(work)) for work in works]


def adds(key, then=None):
    def work(connection):
        connection.execute(INSERT, {"key": key})
        if then is not None:
            then(connection)
        return key

    return work


async def keys(database):
    return [row["key"] for row in await database.read("SELECT key FROM meta ORDER BY key")]


async def traced(database):
    """Return the list to which the writer's statements will be added."""
    statements: list[str] = []
    await database.write(lambda connection: connection.set_trace_callback(statements.append))
    return statements


async def test_those_that_wait_share_a_commit(database):
    statements = await traced(database)
    async with busy_writer(database):
        waiting = writes(database, *(adds(f"{n:02}") for n in range(20)))

    assert await asyncio.gather(*waiting) == [f"{n:02}" for n in range(20)]
    assert Counter(statements)["COMMIT"] == 2 + 1  # the trace's own, the one that held up, and one for all


async def test_a_crowd_is_told_in_parts(database):
    statements = await traced(database)
    async with busy_writer(database):
        waiting = writes(database, *(adds(str(n)) for n in range(2 * LARGEST + 1)))
    await asyncio.gather(*waiting)

    assert Counter(statements)["COMMIT"] == 2 + 3


async def test_a_failure_undoes_its_own_changes_alone(database):
    def fail(_):
        raise KeyError("mine")

    async with busy_writer(database):
        before, failing, after = writes(database, adds("a"), adds("b", fail), adds("c"))

    with pytest.raises(KeyError, match="mine"):
        await failing
    assert [await before, await after] == ["a", "c"]
    assert await keys(database) == ["a", "c"]


async def test_a_failure_of_the_commit_hits_whose_it_is_alone(database):
    def break_the_commit(connection):
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(ORPHAN)

    async with busy_writer(database):
        before, failing, after = writes(database, adds("a"), break_the_commit, adds("c"))

    with pytest.raises(sqlite3.IntegrityError):
        await failing
    assert [await before, await after] == ["a", "c"]
    assert await keys(database) == ["a", "c"]


async def test_a_statement_that_undoes_the_whole_transaction_hits_whose_it_is_alone(database):
    def roll_back(connection):
        connection.execute("INSERT OR ROLLBACK INTO meta (key, value) VALUES ('kept', 'v')")

    await database.change(INSERT, {"key": "kept"})
    async with busy_writer(database):
        before, failing, after = writes(database, adds("a"), roll_back, adds("c"))

    with pytest.raises(sqlite3.IntegrityError):
        await failing
    assert [await before, await after] == ["a", "c"]
    assert await keys(database) == ["a", "c", "kept"]


async def test_a_full_disk_is_told_to_whom_it_meets(database):
    """max_page_count stands for the disk's end."""

    def fill(connection):
        for n in range(10_000):
            connection.execute(INSERT, {"key": f"{n}" * 200})

    pages = await database.write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await database.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 3}").fetchone()[0])
    async with busy_writer(database):
        before, failing, after = writes(database, adds("a"), fill, adds("c"))

    with pytest.raises(StorageTrouble, match="no room"):
        await failing
    assert [await before, await after] == ["a", "c"]
    assert await keys(database) == ["a", "c"]


async def test_the_cancelled_are_whole_and_their_neighbours_are_told(database):
    async with busy_writer(database):
        first, cancelled, last = writes(database, adds("a"), adds("b"), adds("c"))
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled

    assert [await first, await last] == ["a", "c"]
    assert await keys(database) == ["a", "b", "c"]


async def test_nobody_is_told_before_it_is_durable(database, database_path):
    def seen_by_others():
        with closing(sqlite3.connect(database_path)) as connection:
            return connection.execute("SELECT COUNT(*) FROM meta").fetchone()[0]

    told: list[int] = []

    async def write(key):
        await database.write(adds(key))
        told.append(seen_by_others())

    async with busy_writer(database):
        waiting = [asyncio.create_task(write(str(n))) for n in range(5)]
        await asyncio.sleep(0)
        assert seen_by_others() == 0
    await asyncio.gather(*waiting)

    assert told == [5] * 5


async def test_writes_happen_in_the_order_in_which_they_were_asked_for(database):
    order: list[int] = []
    async with busy_writer(database):
        waiting = writes(database, *(lambda _, n=n: order.append(n) for n in range(2 * LARGEST)))
    await asyncio.gather(*waiting)

    assert order == list(range(2 * LARGEST))


async def test_a_write_after_the_end_is_an_error_and_not_a_wait(database_url):
    database = await Database.open(database_url)
    await database.aclose()

    for _ in range(2):
        with pytest.raises(ValueError, match="no active connection"):
            await asyncio.wait_for(database.write(adds("a")), 5)
