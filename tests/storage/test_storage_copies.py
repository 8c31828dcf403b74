from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from bot.errors import DatabaseDamaged, StartupError
from bot.storage.backup import restore
from bot.storage.copies import Copies
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from migrations import files

NIGHT = datetime(2026, 11, 28, 4, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def copies(database_url, folder):
    return Copies(database_url, folder, keep=3)


async def nights(copies, count):
    """Make copies of consecutive nights, each dated as its name says."""
    made = []
    for night in range(count):
        at = NIGHT + timedelta(days=night)
        copy = await copies.make(at)
        os.utime(copy, (at.timestamp(), at.timestamp()))
        made.append(copy)
    return made


def damage(path):
    with closing(files.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'meta'").fetchone()[0]
    data = bytearray(path.read_bytes())
    data[4096 * (root - 1) : 4096 * root] = b"\xff" * 4096
    path.write_bytes(data)


@pytest.mark.further
async def test_the_newest_copies_are_kept(database, copies, folder):
    made = await nights(copies, 5)

    assert sorted(folder.iterdir()) == made[2:]


async def test_the_copy_of_a_damaged_database_is_refused_and_those_of_before_stay(
    database_path, copies, folder
):
    made = await nights(copies, 3)
    damage(database_path)

    with pytest.raises(DatabaseDamaged):
        await copies.make(NIGHT + timedelta(days=3))

    assert sorted(folder.iterdir()) == made


async def test_the_last_sound_copy_is_named_and_those_that_are_not_are_passed_over(database, copies):
    made = await nights(copies, 3)
    damage(made[2])
    made[1].write_bytes(b"no database at all")

    said = await copies.advice()

    assert f"The last good copy is {made[0]}." in said
    assert f"easel restore {made[0]}" in said


async def test_without_a_copy_no_copy_is_promised(database, copies, folder):
    assert str(folder) in await copies.advice()
    assert "no sound copy" in await copies.advice()


async def test_a_copy_that_fills_the_disk_is_not_begun(database, copies, folder, monkeypatch):
    monkeypatch.setattr("bot.storage.copies.shutil.disk_usage", lambda _: SimpleNamespace(free=1000))

    with pytest.raises(StartupError, match="no room"):
        await copies.make(NIGHT)

    assert not list(folder.iterdir())


async def test_a_night_that_was_missed_is_noticed(database, copies):
    assert copies.is_late(NIGHT)

    await nights(copies, 1)

    assert not copies.is_late(NIGHT + timedelta(hours=30))
    assert copies.is_late(NIGHT + timedelta(hours=37))


async def test_a_nightly_copy_comes_back_with_the_same_books(database, make, copies, tmp_path):
    for _ in range(5):
        await Jobs(database).open(make.job(), [], make.now)
    used = await Ledger(database).readings([make.limit(10**9)])
    copy = await copies.make(NIGHT)

    new = f"sqlite:///{tmp_path}/new/easel.db"
    report = await restore(copy, new, (tmp_path / "blobs").as_uri())

    restored = await Database.open(new)
    assert (report.files, report.missing) == (0, 0)
    assert await Ledger(restored).readings([make.limit(10**9)]) == used
    await restored.aclose()


async def test_what_is_no_copy_is_not_restored(tmp_path):
    (tmp_path / "notes.db").write_bytes(b"no database at all" * 100)

    with pytest.raises(StartupError, match="cannot be read"):
        await restore(tmp_path / "notes.db", f"sqlite:///{tmp_path}/new.db", (tmp_path / "blobs").as_uri())
    assert not (tmp_path / "new.db").exists()
