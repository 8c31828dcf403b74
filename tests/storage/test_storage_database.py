from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from bot.errors import StartupError
from bot.storage.database import Database

INSERT = "INSERT INTO meta (key, value) VALUES (:key, 'v')"
COUNT = "SELECT COUNT(*) FROM meta"


async def count(database):
    return (await database.read(COUNT))[0][0]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://host/easel", "PostgreSQL is not supported yet"),
        ("postgresql+psycopg://host/easel", "PostgreSQL is not supported yet"),
        ("postgres://host/easel", "PostgreSQL is not supported yet"),
        ("mysql://host/easel", "must look like"),
        ("sqlite://", "must look like"),
        ("sqlite:///", "must look like"),
        ("sqlite:///:memory:", "must look like"),
        ("sqlite://host/easel.db", "must look like"),
        ("sqlite:///easel.db?mode=ro", "must look like"),
        ("easel.db", "must look like"),
    ],
)
async def test_other_addresses_are_refused_in_a_sentence(url, sentence):
    with pytest.raises(StartupError, match=sentence):
        await Database.open(url)


async def test_driver_in_the_address_is_no_matter(database_path):
    database = await Database.open(f"sqlite+aiosqlite:///{database_path}")
    await database.aclose()


async def test_address_without_a_leading_slash_is_relative(database_path, monkeypatch):
    monkeypatch.chdir(database_path.parent)
    database = await Database.open("sqlite:///easel.db")
    await database.aclose()


async def test_file_name_may_hold_anything(database_path, tmp_path):
    path = tmp_path / "50% ünï #1.db"
    database_path.rename(path)
    database = await Database.open(f"sqlite:///{path}")
    await database.change(INSERT, {"key": "a"})
    await database.aclose()

    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name, f"{path.name}.lock"]


async def test_old_sqlite_is_refused(database_url, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))

    with pytest.raises(StartupError, match=r"3\.37"):
        await Database.open(database_url)


async def test_second_process_is_refused_until_the_first_is_gone(database_url):
    first = await Database.open(database_url)
    with pytest.raises(StartupError, match="Another process"):
        await Database.open(database_url)
    await first.aclose()

    second = await Database.open(database_url)
    await second.aclose()


async def test_missing_database_is_refused_and_not_made(tmp_path):
    with pytest.raises(StartupError, match="easel migrate"):
        await Database.open(f"sqlite:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()


async def test_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StartupError, match="cannot be written"):
        await Database.open(f"sqlite:///{tmp_path}/file/easel.db")


def newer(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def older(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM alembic_version")
        connection.commit()


def foreign(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (id)")


def no_database(path):
    path.write_bytes(b"not a database at all" * 100)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (newer, "newer Easel"),
        (older, "easel migrate"),
        (foreign, "not one of Easel's"),
        (no_database, "cannot be read"),
    ],
)
async def test_unfit_database_is_refused_and_left_free(database_path, database_url, harm, sentence):
    harm(database_path)

    for _ in range(2):
        with pytest.raises(StartupError, match=sentence):
            await Database.open(database_url)


async def test_database_that_cannot_be_set_up_is_refused_and_left_free(database_url, monkeypatch):
    monkeypatch.setattr("bot.storage.database.PRAGMAS", ("PRAGMA no syntax",))

    for _ in range(2):
        with pytest.raises(StartupError, match="cannot be opened"):
            await Database.open(database_url)


async def test_cancelled_opening_leaves_it_free(database_url, monkeypatch):
    async def interrupted(*_):
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr("bot.storage.database._connect", interrupted)
        with pytest.raises(asyncio.CancelledError):
            await Database.open(database_url)

    database = await Database.open(database_url)
    await database.aclose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("journal_size_limit", 64 * 2**20),
        ("trusted_schema", 0),
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
        go_on.wait(5)
        connection.execute(INSERT, {"key": "b"})

    task = asyncio.create_task(database.write(work))
    await asyncio.to_thread(started.wait, 5)
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
        go_on.wait(5)
        raise KeyError

    task = asyncio.create_task(database.write(work))
    await asyncio.to_thread(started.wait, 5)
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
    await asyncio.to_thread(held.wait, 5)
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

    pages = await database.write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await database.write(limit(pages + 3))
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await database.write(fill)

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


async def test_reader_beside_the_bot_sees_its_writes_and_cannot_write(database, database_url):
    beside = await Database.open_beside(database_url)
    await database.change(INSERT, {"key": "a"})

    assert await count(beside) == 1
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await beside.change(INSERT, {"key": "b"})
    await beside.aclose()
    assert await database.change(INSERT, {"key": "c"}) == 1


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [(newer, "newer Easel"), (older, "easel migrate"), (no_database, "cannot be read")],
)
async def test_unfit_database_is_refused_beside_too(database_path, database_url, harm, sentence):
    harm(database_path)

    with pytest.raises(StartupError, match=sentence):
        await Database.open_beside(database_url)


async def test_database_that_cannot_be_set_up_is_refused_beside_too(database_url, monkeypatch):
    monkeypatch.setattr("bot.storage.database.PRAGMAS", ("PRAGMA no syntax",))

    with pytest.raises(StartupError, match="cannot be opened"):
        await Database.open_beside(database_url)
