"""A checked copy of the database every night, and which copy is the last that is sound."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import StartupError
from migrations import files

if TYPE_CHECKING:
    from pathlib import Path

LATE_AFTER = timedelta(hours=36)
ROOM = 2
"""How many times a database's size is to be free before it is copied."""


class Copies:
    """The copies of one database in one folder. A damaged database replaces no copy of before."""

    def __init__(self, database_url: str, folder: Path, *, keep: int) -> None:
        self._path = files.database_path(database_url)
        self._folder = folder
        self._keep = keep

    async def make(self, now: datetime) -> Path:
        """Copy the database and check the copy, then delete the oldest beyond those to be kept.

        Writers go on meanwhile. Raise DatabaseDamaged where the copy is damaged, as its original then is,
        or StartupError where it could not be made.
        """
        return await asyncio.to_thread(self._make, now)

    def is_late(self, now: datetime) -> bool:
        """Tell whether the newest copy is so old that a night must have been missed."""
        made = self._daily()
        return not made or now - datetime.fromtimestamp(made[-1].stat().st_mtime, UTC) > LATE_AFTER

    async def advice(self) -> str:
        """Say what to do about a damaged database, and name the last copy that is sound."""
        copy = await asyncio.to_thread(self._last_sound)
        if copy is None:
            return f"There is no sound copy in {self._folder}. Restore a backup of your own: easel restore."
        return f"The last good copy is {copy}. Move the damaged file away, then type: easel restore {copy}"

    def _make(self, now: datetime) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < ROOM * self._path.stat().st_size:
            raise StartupError(f"There is no room for a copy of the database in {self._folder}.")
        copy = self._folder / f"{self._path.stem}-daily-{now:%Y%m%dT%H%M%SZ}.db"
        files.copy_database(self._path, copy)
        try:
            files.check(copy)
        except StartupError:
            copy.unlink()
            raise
        for old in self._daily()[: -self._keep]:
            old.unlink()
        return copy

    def _daily(self) -> list[Path]:
        """Return the nightly copies, the oldest first."""
        return sorted(self._folder.glob(f"{self._path.stem}-daily-*.db"))

    def _last_sound(self) -> Path | None:
        """Return the newest copy that is sound, those of upgrades included."""
        found = self._folder.glob(f"{self._path.stem}-*.db")
        for copy in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True):
            try:
                files.check(copy)
            except StartupError:
                continue
            return copy
        return None
