"""How much room there is for the database and the pictures."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LEAST_BYTES = 200 * 1000 * 1000
"""With less, a few pictures fill the disk, and then no job can be ended in good order."""


class Disk:
    """The room that the fullest of a few folders has left, as it was measured last."""

    def __init__(self, folders: Sequence[Path], *, least_bytes: int = LEAST_BYTES) -> None:
        self._folders = tuple(folders)
        self._least_bytes = least_bytes
        self.free_bytes: int | None = None

    @property
    def has_room(self) -> bool:
        """Tell whether new jobs may begin; while nothing was measured they may."""
        return self.free_bytes is None or self.free_bytes >= self._least_bytes

    async def measure(self) -> int:
        """Measure, and return the room in bytes."""
        self.free_bytes = await asyncio.to_thread(self._least_free)
        return self.free_bytes

    def _least_free(self) -> int:
        return min(shutil.disk_usage(folder).free for folder in self._folders)
