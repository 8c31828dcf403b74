from __future__ import annotations

import errno
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from obstore.exceptions import GenericError

from bot.errors import StorageTrouble
from bot.storage.disk import LEAST_BYTES, Disk, full_told, is_full, refuses

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("free", "has_room"), [(LEAST_BYTES - 1, False), (LEAST_BYTES, True)])
async def test_the_fullest_disk_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, has_room: bool
):
    roomy, tight = tmp_path / "a", tmp_path / "b"
    usage = type(shutil.disk_usage(tmp_path))

    def disk_usage(folder: Path):
        return usage(10**12, 0, free if folder == tight else 10**12)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    disk = Disk([roomy, tight])

    assert disk.has_room, "nothing is known yet"
    assert await disk.measure() == free
    assert disk.has_room is has_room


async def test_it_measures_the_machine(tmp_path: Path):
    assert await Disk([tmp_path]).measure() > 0


async def test_a_write_that_found_no_room_counts_until_it_is_measured_anew(tmp_path: Path):
    disk = Disk([tmp_path], least_bytes=1)

    disk.filled()
    assert not disk.has_room
    assert await disk.measure() == 0
    assert not disk.has_room, "a write was refused since the last measurement, whatever is free"
    assert await disk.measure() > 0
    assert disk.has_room


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("told by SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), True),
        (sqlite_error(sqlite3.SQLITE_BUSY), False),
        (sqlite3.ProgrammingError("closed"), False),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (GenericError("Generic LocalFileSystem error: No space left on device (os error 28)"), True),
        (GenericError("Generic LocalFileSystem error: File too large (os error 27)"), True),
        (GenericError("Generic S3 error: timeout"), False),
    ],
)
def test_a_full_disk_is_known_by_what_each_says(error: Exception, full: bool):
    assert is_full(error) is full
    assert refuses(error) is full


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error(sqlite3.SQLITE_IOERR_WRITE),
        OSError(errno.EIO, "Input/output error"),
        OSError(errno.EMFILE, "Too many open files"),
        GenericError("Generic LocalFileSystem error: Read-only file system (os error 30)"),
    ],
)
def test_a_disk_in_trouble_is_not_full_and_takes_nothing(error: Exception):
    noted: list[bool] = []

    with pytest.raises(StorageTrouble), full_told(lambda: noted.append(True)):
        raise error

    assert noted == [True]
    assert not is_full(error)
