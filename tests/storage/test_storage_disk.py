from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bot.storage.disk import LEAST_BYTES, Disk

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
