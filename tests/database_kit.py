"""A database with the whole schema and nothing in it, made once and copied for every test."""

from __future__ import annotations

import fcntl
import functools
from typing import TYPE_CHECKING

import pytest

import migrations

if TYPE_CHECKING:
    from pathlib import Path


@functools.cache
def upgraded_once(folder: Path) -> Path:
    """Return the database of a folder; whichever process comes first makes it, and the others wait."""
    path = folder / "empty.db"
    with (folder / "empty.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            unfinished = folder / "unfinished.db"
            migrations.upgrade(f"sqlite:///{unfinished}", backups=None)
            unfinished.rename(path)
    return path


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    folder = tmp_path_factory.getbasetemp()
    return upgraded_once(folder if worker_id == "master" else folder.parent)
