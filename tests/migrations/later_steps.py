"""Steps that a later version may bring, and a process that upgrades."""

from __future__ import annotations

import migrations

HEAD = migrations.head()
NEXT = f"{int(HEAD) + 1:04}"
LATER = f"UPDATE alembic_version SET version_num = '{NEXT}'"  # noqa: S608 - a number of our own


def _numbered(step: str) -> str:
    """Return a step that follows the newest one there is."""
    return step.replace('"0002"', f'"{NEXT}"').replace('"0001"', f'"{HEAD}"')


SECOND = _numbered('''
"""A second step, as a later version may bring: a column, rows, and a table made anew."""

import os
import time

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("CREATE TABLE added (id INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT")
    op.execute("INSERT INTO added (words) VALUES ('semi;colon')")
    if marker := os.environ.get("PAUSE_IN_THE_MIDDLE"):
        open(marker, "w").close()
        time.sleep(60)
    op.execute("ALTER TABLE meta ADD COLUMN added_at INTEGER")
    op.execute("UPDATE meta SET added_at = 5")
''')
LOOSE = _numbered("""
revision = "0002"
down_revision = "0001"


def upgrade():
    from alembic import op

    op.execute("INSERT INTO call (job_id, ordinal, count, state, cost_microusd) VALUES (1, 0, 1, 'sent', 0)")
""")
UPGRADE = """
import sys
from pathlib import Path
import migrations
from migrations import files
if len(sys.argv) > 2:
    files.SCRIPTS = Path(sys.argv[2])
folder = files.database_path(sys.argv[1]).parent
print(migrations.upgrade(sys.argv[1], backups=folder / "backups"))
"""
