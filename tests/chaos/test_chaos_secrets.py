"""Secrets are planted, everything is made to break, and logs and books are searched."""

from __future__ import annotations

import io
import logging
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Literal

import pytest
import structlog
from database_kit import empty_database
from simulation import CANARY, KEY, TOKEN, Simulation

from bot.telemetry import logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["empty_database"]
PNG = b"\x89PNG\r\n\x1a\n"
PICTURE = (PNG.decode("latin-1"), b64encode(PNG).decode()[:10], repr(PNG)[2:-1], PNG.hex())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Let the root of all logs write into memory, and put it back."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.configure(**kept)


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("jobs", [60, pytest.param(1500, marks=pytest.mark.slow)])
def test_no_planted_secret_is_found_in_logs_or_books_whatever_breaks(
    empty_database: Path, tmp_path: Path, log: io.StringIO, form: Literal["console", "json"], jobs: int
):
    (tmp_path / "easel.db").write_bytes(empty_database.read_bytes())
    logs.configure(form=form, level="DEBUG", secrets=(TOKEN, KEY), stream=log)
    sim = Simulation(6, jobs, tmp_path, thorns=0.02)
    sim.run()
    sim.database.close()

    written = log.getvalue()
    assert written.count("Traceback") > jobs / 3, "exceptions were forced, and logged"
    secrets = (TOKEN, KEY, CANARY, *PICTURE)
    assert [secret for secret in secrets if secret in written] == []
    assert re.findall(r"(?:order|press)-\d+", written) == [], "tokens of interactions"
    books = b"".join(file.read_bytes() for file in tmp_path.glob("easel.db*"))
    assert [secret for secret in (TOKEN.encode(), KEY.encode(), PNG) if secret in books] == []
