"""What is in a database of before is known to the version that comes."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import migrations
from migrations import files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OWED = """
    INSERT INTO owed VALUES (5, 1, NULL, 2, 'chat', 0, 'en', 9, 'token', 90, 8, 1, 'before', 70)
"""
TURN = """
    INSERT INTO turn
        (id, channel_id, speaker, user_id, name, text, reasoning, annotations, forgotten, awaiting, private,
        created_at)
    VALUES (:id, 2, 'person', 1, 'Ann', 'Why?', '', '[]', 0, 1, 0, :at)
"""
RETURN = """
    INSERT INTO turn_return
        (turn_id, application_id, token, token_expires_at, upload_limit_bytes, can_post_in_channel, event_id,
        manner, agreed)
    VALUES (:id, 9, 'token', 90, 8, 1, :event, '{}', 0)
"""


def upgrade_before(revision: str, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring a database to the version before a revision."""
    older = folder / "scripts"
    shutil.copytree(files.SCRIPTS, older, ignore=shutil.ignore_patterns("__pycache__"))
    for step in (older / "versions").iterdir():
        if step.name[: len(revision)] >= revision:
            step.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(files, "SCRIPTS", older)
        migrations.upgrade(url, backups=None)


def test_what_waits_for_its_answer_was_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "easel.db"
    url = f"sqlite:///{path}"
    upgrade_before("0015", tmp_path, url, monkeypatch)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(OWED)
        for turn_id, event in ((1, 5), (2, 6)):
            connection.execute(TURN, {"id": turn_id, "at": 60 + event})
            connection.execute(RETURN, {"id": turn_id, "event": event})
        connection.commit()

    migrations.upgrade(url, backups=None)

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id, at FROM heard ORDER BY id").fetchall() == [(5, 70), (6, 66)]
