"""Which databases are opened, and which are refused."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from bot.errors import StartupError
from bot.storage.database import Database

INSERT = "INSERT INTO meta (key, value) VALUES (:key, 'v')"


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


async def test_reader_beside_the_bot_sees_its_writes_and_cannot_write(database, database_url):
    beside = await Database.open_beside(database_url)
    await database.change(INSERT, {"key": "a"})

    assert [row["key"] for row in await beside.read("SELECT key FROM meta")] == ["a"]
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
