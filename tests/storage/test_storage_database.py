from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from bot.errors import StartupError, StorageTrouble
from bot.storage.database import Database

INSERT = "INSERT INTO meta (key, value) VALUES (:key, 'v')"
COUNT = "SELECT COUNT(*) FROM meta"


async def count(database):
    return (await database.read(COUNT))[0][0]


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("journal_size_limit", 64 * 2**20),
    ],
)
async def test_writer_is_set_up_for_money(database, pragma, value):
    assert await database.write(lambda c: c.execute(f"PRAGMA {pragma}").fetchone()[0]) == value


async def test_readers_cannot_write(database):
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await database.read(INSERT, {"key": "a"})


async def test_exception_undoes_the_whole_function(database):
    def work(connection):
        connection.execute(INSERT, {"key": "a"})
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(work)
    assert await count(database) == 0


async def test_reads_see_every_write_before_them(database):
    for n in range(50):
        await database.change(INSERT, {"key": str(n)})
        assert await count(database) == n + 1


async def test_examined_statements_see_one_moment(database):
    loop = asyncio.get_running_loop()

    def work(connection):
        before = connection.execute(COUNT).fetchone()[0]
        asyncio.run_coroutine_threadsafe(database.change(INSERT, {"key": "a"}), loop).result(5)
        return before, connection.execute(COUNT).fetchone()[0]

    assert await database.examine(work) == (0, 0)
    assert await count(database) == 1


async def test_cancelled_write_is_whole_and_the_next_one_works(database):
    started, go_on = threading.Event(), threading.Event()

    def work(connection):
        connection.execute(INSERT, {"key": "a"})
        started.set()
        go_on.wait(30)
        connection.execute(INSERT, {"key": "b"})

    task = asyncio.create_task(database.write(work))
    await asyncio.to_thread(started.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()

    assert await database.change(INSERT, {"key": "c"}) == 1
    assert await count(database) == 3


async def test_cancelled_write_that_fails_is_undone_and_the_next_one_works(database):
    started, go_on = threading.Event(), threading.Event()

    def work(connection):
        connection.execute(INSERT, {"key": "a"})
        started.set()
        go_on.wait(30)
        raise KeyError

    task = asyncio.create_task(database.write(work))
    await asyncio.to_thread(started.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()

    assert await database.change(INSERT, {"key": "c"}) == 1
    assert await count(database) == 1


async def test_other_peoples_writer_is_waited_for(database, database_path):
    def hold():
        with closing(sqlite3.connect(database_path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            time.sleep(0.3)
            connection.execute("COMMIT")

    held = threading.Event()
    other = asyncio.create_task(asyncio.to_thread(hold))
    await asyncio.to_thread(held.wait, 30)
    await asyncio.gather(*(database.change(INSERT, {"key": str(n)}) for n in range(20)))

    await other
    assert await count(database) == 20


async def test_full_disk_leaves_the_old_state_and_heals(database):
    """max_page_count stands for the disk's end: SQLite answers SQLITE_FULL to both."""
    await database.change(INSERT, {"key": "kept"})

    def fill(connection):
        for n in range(10_000):
            connection.execute(INSERT, {"key": f"{n}" * 200})

    def limit(pages):
        return lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0]

    told = []
    database.when_full = lambda: told.append(True)
    pages = await database.write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await database.write(limit(pages + 3))
    with pytest.raises(StorageTrouble, match="no room"):
        await database.write(fill)

    assert told == [True]
    assert await count(database) == 1
    await database.write(limit(1_000_000))
    await database.change(INSERT, {"key": "after"})
    assert await count(database) == 2
    await database.quick_check()


async def test_failure_at_commit_undoes_everything(database):
    def work(connection):
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(
            "INSERT INTO call (job_id, ordinal, count, state, cost_microusd) VALUES (1, 0, 1, 'sent', 0)"
        )

    with pytest.raises(sqlite3.IntegrityError):
        await database.write(work)
    assert (await database.read("SELECT COUNT(*) FROM call"))[0][0] == 0
    assert await database.change(INSERT, {"key": "after"}) == 1


async def test_sound_database_passes_the_check(database):
    await database.quick_check()


async def test_damage_is_found(database_path, database_url):
    with closing(sqlite3.connect(database_path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'meta'").fetchone()[0]
    data = bytearray(database_path.read_bytes())
    data[4096 * (root - 1) : 4096 * root] = b"\xff" * 4096
    database_path.write_bytes(data)

    database = await Database.open(database_url)
    with pytest.raises(StartupError, match="damaged"):
        await database.quick_check()
    await database.aclose()


async def test_database_that_is_not_one_any_more_is_said(database, monkeypatch):
    async def malformed(*_):
        raise sqlite3.DatabaseError("malformed")

    monkeypatch.setattr(database, "read", malformed)

    with pytest.raises(StartupError, match=r"damaged \(malformed\)"):
        await database.quick_check()


async def test_closing_finishes_what_is_queued(database_path, database_url):
    database = await Database.open(database_url)
    writes = [asyncio.create_task(database.change(INSERT, {"key": str(n)})) for n in range(50)]
    await asyncio.sleep(0)
    await database.aclose()

    assert await asyncio.gather(*writes) == [1] * 50
    assert not database_path.with_name("easel.db-wal").exists()


async def test_closing_does_not_mind_who_is_in_the_way(database_url, monkeypatch):
    async def locked(*_):
        raise sqlite3.OperationalError("database is locked")

    database = await Database.open(database_url)
    monkeypatch.setattr(database._writer, "execute_fetchall", locked)
    await database.aclose()

    database = await Database.open(database_url)
    await database.aclose()


async def test_write_shuts_others_out_from_its_first_read_on(database, database_path):
    def work(connection):
        connection.execute(COUNT).fetchone()
        with closing(sqlite3.connect(database_path, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await database.write(work)
