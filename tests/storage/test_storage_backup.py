from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing

import pytest

from bot.domain.conversation import Attached, FileKind, Speaker, Turn
from bot.errors import NotFound, StartupError
from bot.storage.backup import Report, backup, restore
from bot.storage.blobs import Blobs
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.turns import Turns
from migrations.files import DatabaseLock


@pytest.fixture
def blob_url(tmp_path):
    return (tmp_path / "blobs").as_uri()


@pytest.fixture
async def blobs(blob_url):
    return await Blobs.open(blob_url)


async def job_with_picture(database, blobs, make, data):
    jobs, job = Jobs(database), make.job()
    await jobs.open(job, [], make.now)
    await jobs.mark_sent(job.id, 0, make.now)
    blob = await blobs.put(data)
    await jobs.receive(job.id, 0, 1, [make.picture(job.id, blob=blob)], make.now)
    return job, blob


async def test_backup_under_writes_is_sound_and_comes_back_equal(
    database, database_url, blobs, blob_url, make, tmp_path
):
    job, blob = await job_with_picture(database, blobs, make, b"a picture")
    stop = asyncio.Event()

    async def write_on():
        while not stop.is_set():
            await job_with_picture(database, blobs, make, str(make.next_id()).encode())

    writers = [asyncio.create_task(write_on()) for _ in range(4)]
    report = await backup(database_url, blob_url, tmp_path / "backup")
    stop.set()
    await asyncio.gather(*writers)

    assert report.files >= 1
    assert report.missing == 0
    new_url, new_blob_url = f"sqlite:///{tmp_path}/new/easel.db", (tmp_path / "new" / "blobs").as_uri()
    assert await restore(tmp_path / "backup", new_url, new_blob_url) == report
    restored = await Database.open(new_url)
    assert await Jobs(restored).get(job.id) == await Jobs(database).get(job.id)
    assert await (await Blobs.open(new_blob_url)).get(blob) == b"a picture"
    (held,) = await Ledger(restored).readings([make.limit(10**9)])
    assert held.used == sum((await Jobs(restored).census()).values())
    await restored.aclose()


async def test_files_of_conversations_come_back_with_them(
    database, database_url, blobs, blob_url, make, tmp_path
):
    blob = await blobs.put(b"a plan")
    file = Attached(FileKind.DOCUMENT, blob, "application/pdf", "plan.pdf", 6, pages=1)
    said = Turn(0, 1, None, None, Speaker.PERSON, 1, "Ada", "look", make.now, files=(file,))
    turn = await Turns(database).add(said, [2])

    report = await backup(database_url, blob_url, tmp_path / "backup")
    shutil.rmtree(tmp_path / "blobs")
    new_url = f"sqlite:///{tmp_path}/new.db"
    assert await restore(tmp_path / "backup", new_url, blob_url) == report == Report(files=1, missing=0)

    restored = await Database.open(new_url)
    assert await Turns(restored).of_message(2, 1) == turn
    assert await (await Blobs.open(blob_url)).get(blob) == b"a plan"
    await restored.aclose()


async def test_restored_database_is_for_its_owner_alone(database, database_url, blob_url, tmp_path):
    await backup(database_url, blob_url, tmp_path / "backup")
    await restore(tmp_path / "backup", f"sqlite:///{tmp_path}/new.db", blob_url)

    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


async def test_picture_that_is_gone_is_counted_and_the_rest_is_kept(
    database, database_url, blobs, blob_url, make, tmp_path
):
    _, gone = await job_with_picture(database, blobs, make, b"gone")
    _, kept = await job_with_picture(database, blobs, make, b"kept")
    await blobs.delete(gone)

    assert await backup(database_url, blob_url, tmp_path / "backup") == Report(files=1, missing=1)
    copied = await Blobs.open((tmp_path / "backup" / "blobs").as_uri())
    assert await copied.get(kept) == b"kept"
    with pytest.raises(NotFound):
        await copied.get(gone)


async def test_empty_folder_will_do_for_a_backup(database, database_url, blob_url, tmp_path):
    (tmp_path / "backup").mkdir()
    await backup(database_url, blob_url, tmp_path / "backup")

    assert (tmp_path / "backup" / "easel.db").is_file()


@pytest.mark.parametrize("kind", ["file", "folder"])
async def test_backup_overwrites_nothing(database, database_url, blob_url, tmp_path, kind):
    target = tmp_path / "backup"
    if kind == "folder":
        target.mkdir()
        (target / "mine").write_text("keep")
    else:
        target.write_text("keep")

    with pytest.raises(StartupError, match="exists already"):
        await backup(database_url, blob_url, target)


async def test_backup_of_nothing_is_refused(tmp_path, blob_url):
    with pytest.raises(StartupError, match="no database"):
        await backup(f"sqlite:///{tmp_path}/none.db", blob_url, tmp_path / "backup")


async def test_failed_backup_leaves_nothing_behind(database, database_url, blobs, blob_url, make, tmp_path):
    _, blob = await job_with_picture(database, blobs, make, b"data")
    shutil.rmtree(tmp_path / "blobs" / blob[:2])
    (tmp_path / "blobs" / blob[:2]).touch()
    target = tmp_path / "backups" / "today"

    with pytest.raises(StartupError, match="The backup failed"):
        await backup(database_url, blob_url, target)
    assert list(target.parent.iterdir()) == []


async def test_restore_never_touches_a_database_that_is_there(database_url, blob_url, tmp_path):
    await backup(database_url, blob_url, tmp_path / "backup")

    with pytest.raises(StartupError, match="already"):
        await restore(tmp_path / "backup", database_url, blob_url)
    reopened = await Database.open(database_url)
    await reopened.aclose()


async def test_restore_is_refused_where_a_journal_is_left(database, database_url, blob_url, tmp_path):
    await backup(database_url, blob_url, tmp_path / "backup")
    (tmp_path / "new.db-wal").write_bytes(b"of another database")

    with pytest.raises(StartupError, match="already"):
        await restore(tmp_path / "backup", f"sqlite:///{tmp_path}/new.db", blob_url)


async def test_restore_is_refused_while_a_process_holds_the_place(database, database_url, blob_url, tmp_path):
    await backup(database_url, blob_url, tmp_path / "backup")
    lock = DatabaseLock.take(tmp_path / "new.db")

    assert lock
    with lock, pytest.raises(StartupError, match="Another process"):
        await restore(tmp_path / "backup", f"sqlite:///{tmp_path}/new.db", blob_url)


async def test_restore_of_something_else_is_refused(tmp_path, blob_url):
    with pytest.raises(StartupError, match="is not a backup"):
        await restore(tmp_path, f"sqlite:///{tmp_path}/new.db", blob_url)


def flip(path):
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 6] = b"\xff" * (4096 * 4)
    path.write_bytes(data)


def loosen(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO call (job_id, ordinal, count, state, cost_microusd) VALUES (1, 0, 1, 'sent', 0)"
        )
        connection.commit()


@pytest.mark.parametrize("harm", [flip, loosen])
async def test_damaged_backup_is_refused(database, database_url, blob_url, tmp_path, harm):
    await backup(database_url, blob_url, tmp_path / "backup")
    harm(tmp_path / "backup" / "easel.db")

    with pytest.raises(StartupError, match=r"damaged|cannot be read"):
        await restore(tmp_path / "backup", f"sqlite:///{tmp_path}/new.db", blob_url)
    assert not (tmp_path / "new.db").exists()


async def test_restore_that_fails_leaves_no_database(database, database_url, blobs, blob_url, make, tmp_path):
    _, blob = await job_with_picture(database, blobs, make, b"data")
    await backup(database_url, blob_url, tmp_path / "backup")
    in_the_way = tmp_path / "new-blobs" / blob[:2] / blob
    in_the_way.mkdir(parents=True)
    (in_the_way / "file").touch()

    with pytest.raises(StartupError, match="could not be restored"):
        await restore(tmp_path / "backup", f"sqlite:///{tmp_path}/new.db", (tmp_path / "new-blobs").as_uri())
    assert not (tmp_path / "new.db").exists()
    lock = DatabaseLock.take(tmp_path / "new.db")
    assert lock
    lock.free()
