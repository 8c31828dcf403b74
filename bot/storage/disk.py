"""How much room there is for the database and the pictures."""

from __future__ import annotations

import asyncio
import errno
import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from obstore.exceptions import BaseError

from bot.errors import StorageTrouble
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

LEAST_BYTES = 200 * 1000 * 1000
"""With less, a few pictures fill the disk, and then no job can be ended in good order."""

NO_ROOM = mark("Easel has no room to work in right now. Its operator knows; try again later.")
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
TROUBLE = frozenset({errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE})
"""What may pass, and keeps a disk from taking anything as long as it lasts."""
PRIMARY = 0xFF
"""The part of SQLite's codes that names the kind (sqlite.org/rescode.html)."""
log = structlog.get_logger(__name__)


class Disk:
    """The room that the fullest of a few folders has left, as it was measured last."""

    def __init__(self, folders: Sequence[Path], *, least_bytes: int = LEAST_BYTES) -> None:
        self._folders = tuple(folders)
        self._least_bytes = least_bytes
        self._refused = False
        self.free_bytes: int | None = None

    @property
    def has_room(self) -> bool:
        """Tell whether new jobs may begin; while nothing was measured they may."""
        return self.free_bytes is None or self.free_bytes >= self._least_bytes

    async def measure(self) -> int:
        """Measure, and return the room in bytes: none as long as writes are refused, whatever is free."""
        free_bytes = await asyncio.to_thread(self._least_free)
        self.free_bytes = 0 if self._refused else free_bytes
        self._refused = False
        return self.free_bytes

    def filled(self) -> None:
        """Note that a write was refused; there is no room until none was from one measurement to the next."""
        self._refused = True
        self.free_bytes = 0

    def _least_free(self) -> int:
        return min(shutil.disk_usage(folder).free for folder in self._folders)


@contextmanager
def full_told(noted: Callable[[], None]) -> Generator[None]:
    """Raise what a full disk, or one in trouble, does to a write as StorageTrouble, once it is noted."""
    try:
        yield
    except (sqlite3.Error, OSError, BaseError) as error:
        if not refuses(error):
            raise
        log.warning("the disk takes nothing", kind=type(error).__name__, said=str(error))
        noted()
        raise StorageTrouble(tr(NO_ROOM)) from error


def is_full(error: Exception) -> bool:
    """Tell whether a write failed for want of room: SQLite, the system and obstore each say it their way."""
    if isinstance(error, sqlite3.Error):
        return _sqlite_code(error) == sqlite3.SQLITE_FULL
    return _is_one_of(error, NO_SPACE)


def refuses(error: Exception) -> bool:
    """Tell whether the disk took nothing of a write, for want of room or in trouble that may pass."""
    if isinstance(error, sqlite3.Error):
        return is_full(error) or _sqlite_code(error) == sqlite3.SQLITE_IOERR
    return _is_one_of(error, NO_SPACE | TROUBLE)


def _sqlite_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & PRIMARY


def _is_one_of(error: Exception, numbers: frozenset[int]) -> bool:
    if isinstance(error, OSError):
        return error.errno in numbers
    return any(f"(os error {number})" in str(error) for number in numbers)


def nobody() -> None:
    """Tell nobody that the disk is full."""
