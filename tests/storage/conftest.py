from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from database_kit import empty_database
from storage_maker import Maker

from bot.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["empty_database"]


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def database_path(empty_database: Path, tmp_path: Path) -> Path:
    path = tmp_path / "easel.db"
    path.write_bytes(empty_database.read_bytes())
    return path


@pytest.fixture
def database_url(database_path: Path) -> str:
    return f"sqlite:///{database_path}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url)
    yield opened
    await opened.aclose()
