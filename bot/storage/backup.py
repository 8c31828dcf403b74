"""A copy of everything while the bot runs, and the way back."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from obstore.exceptions import BaseError

from bot.errors import NotFound, StartupError, StorageTrouble
from bot.storage.blobs import Blobs, first_line
from migrations import files

DATABASE = "easel.db"
BLOBS = "blobs"
LEFTOVERS = ("", "-wal", "-shm", "-journal")
"""A database's files; a journal without its database would be played into the restored one."""
BLOB_NAMES = "SELECT blob FROM picture UNION SELECT blob FROM turn_file ORDER BY blob"


@dataclass(frozen=True, slots=True)
class Report:
    """What was copied. `missing` are files that were gone or damaged where they came from."""

    files: int
    missing: int


async def backup(database_url: str, blob_url: str, target: Path) -> Report:
    """Copy the database as of now and its files into a new folder; the bot may go on meanwhile.

    The folder appears under its name when everything in it is checked and on the disk. Raise StartupError
    where it exists already, or where something cannot be read or written.
    """
    path = files.database_path(database_url)
    await asyncio.to_thread(_refuse_backup, path, target)
    try:
        folder = await asyncio.to_thread(_folder_beside, target)
        try:
            return await _fill(path, blob_url, folder, target)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    except (OSError, BaseError, sqlite3.Error, StorageTrouble) as error:
        raise StartupError(f"The backup failed: {first_line(error)}.") from error


async def restore(source: Path, database_url: str, blob_url: str) -> Report:
    """Bring a backup, or a nightly copy of the database alone, back to where there is no database yet.

    Files are named by what they are, so that those which are there already do no harm. Raise
    StartupError where the folder is no sound backup, where a database is there or a bot runs on it.
    """
    path = files.database_path(database_url)
    is_file = await asyncio.to_thread(source.is_file)
    copy = source if is_file else source / DATABASE
    lock = await asyncio.to_thread(_lock_for_restore, copy, path)
    try:
        blobs = await Blobs.open(blob_url)
        if is_file:
            report = await _count_blobs(copy, blobs)
        else:
            kept = await Blobs.open((source / BLOBS).absolute().as_uri())
            report = await _copy_blobs(copy, kept, blobs)
        await asyncio.to_thread(files.copy_database, copy, path)
    except (OSError, BaseError, sqlite3.Error, StorageTrouble) as error:
        raise StartupError(f"The backup could not be restored: {first_line(error)}.") from error
    finally:
        lock.free()
    return report


async def _fill(path: Path, blob_url: str, folder: Path, target: Path) -> Report:
    """Copy everything into a folder and give it its name."""
    copy = folder / DATABASE
    await asyncio.to_thread(files.copy_database, path, copy)
    await asyncio.to_thread(files.check, copy)
    report = await _copy_blobs(copy, await Blobs.open(blob_url), await Blobs.open((folder / BLOBS).as_uri()))
    await asyncio.to_thread(_rename, folder, target)
    return report


async def _copy_blobs(database: Path, source: Blobs, target: Blobs) -> Report:
    """Copy the bytes of all pictures and files of conversations that a database knows, one at a time."""
    missing = 0
    names = await asyncio.to_thread(_blob_names, database)
    for name in names:
        try:
            await target.put(await source.get(name))
        except NotFound:
            missing += 1
    return Report(len(names) - missing, missing)


async def _count_blobs(database: Path, blobs: Blobs) -> Report:
    """Look for the bytes of all that a database knows, where they are kept anyway."""
    names = await asyncio.to_thread(_blob_names, database)
    missing = sum([not await blobs.exists(name) for name in names])
    return Report(len(names) - missing, missing)


def _refuse_backup(path: Path, target: Path) -> None:
    """Raise StartupError where there is nothing to copy, or something in the way."""
    if files.current_revision(path) is None:
        raise StartupError(f"There is no database at {path} to back up.")
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise StartupError(f"{target} exists already. Choose a new folder for the backup.")


def _lock_for_restore(copy: Path, path: Path) -> files.DatabaseLock:
    """Lock the place of a database that is not there yet, or raise StartupError."""
    if not copy.is_file():
        raise StartupError(f"{copy.parent} is not a backup: it has no {DATABASE}.")
    files.is_current(copy)
    files.check(copy)
    lock = files.DatabaseLock.take(path)
    if lock is None:
        raise StartupError("Another process uses this database. Stop it first.")
    if any(Path(f"{path}{ending}").exists() for ending in LEFTOVERS):
        lock.free()
        raise StartupError(f"There is a database at {path} already. Move it away first.")
    return lock


def _blob_names(database: Path) -> list[str]:
    """Return the blobs of all pictures and of all files of conversations."""
    with closing(files.connect(database)) as connection:
        return [str(name) for (name,) in connection.execute(BLOB_NAMES)]


def _folder_beside(target: Path) -> Path:
    """Make a folder for its owner alone, on the disk where the backup will be."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent.absolute()))


def _rename(folder: Path, target: Path) -> None:
    """Give a finished folder its name."""
    files.flush(folder)
    folder.rename(target)
    files.flush(target.parent)
