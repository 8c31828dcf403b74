"""The schema and its history: upgrades are whole or have not happened.

Light to import: Alembic and SQLAlchemy are loaded when there is something to upgrade.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import StartupError
from migrations import files

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

POLL_S = 0.05
"""How often a starter looks whether the one that upgrades is done: flock can wait, but not with a bound."""


def head() -> str:
    """Return the revision that this version of Easel works with."""
    return files.known_revisions()[-1]


def current(database_url: str) -> str | None:
    """Return the revision of a database, None for a new one; raise StartupError where it is not Easel's."""
    return files.current_revision(files.database_path(database_url))


def upgrade(database_url: str, *, backups: Path | None, patience_s: float = 60.0) -> str | None:
    """Bring a database to this version's schema and return the revision, or None where it has it already.

    Everything happens in one transaction, so that a fault or a kill leaves the database as it was. A
    database with a history is copied into `backups` first. Raise StartupError, in one sentence, where the
    database is newer, not Easel's, in use for longer than `patience_s`, or where a step fails.
    """
    path = files.database_path(database_url)
    lock = _lock_unless_current(path, patience_s)
    if lock is None:
        return None
    with lock:
        if files.is_current(path):
            return None
        revision = files.current_revision(path)
        if revision is not None and backups is not None:
            files.copy_database(path, backups / _copy_name(path, revision))
        _run(path)
    return head()


def _lock_unless_current(path: Path, patience_s: float) -> files.DatabaseLock | None:
    """Wait for the database's lock, or return None as soon as somebody else has upgraded it."""
    deadline = time.monotonic() + patience_s
    while not files.is_current(path):
        lock = files.DatabaseLock.take(path)
        if lock is not None:
            return lock
        if time.monotonic() > deadline:
            raise StartupError("Another process uses this database. Stop it, then upgrade.")
        time.sleep(POLL_S)
    return None


def _copy_name(path: Path, revision: str) -> str:
    """Return the name of the copy that is made before an upgrade."""
    return f"{path.stem}-{revision}-before-{head()}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.db"


def _run(path: Path) -> None:
    """Run what is missing inside one transaction."""
    from sqlalchemy.exc import SQLAlchemyError

    path.touch(mode=0o600)
    engine = _engine(path)
    try:
        _upgrade_whole(engine)
    except SQLAlchemyError as error:
        cause = str(error).splitlines()[0]
        raise StartupError(f"The upgrade of {path} failed and was undone: {cause}") from error
    finally:
        engine.dispose()


def _upgrade_whole(engine: Engine) -> None:
    """Upgrade to the head, or roll everything back."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files.SCRIPTS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StartupError("The upgrade would leave rows that point nowhere; nothing was changed.")


def _engine(path: Path) -> Engine:
    """Return an engine whose transactions hold DDL too.

    By itself sqlite3 commits before DDL, which leaves half a schema after a fault; SQLAlchemy's manual
    gives this recipe ("Serializable isolation / Savepoints / Transactional DDL"). Foreign keys stay off, as
    SQLite demands of whoever rebuilds a table, and are checked before the commit.
    """
    from sqlalchemy import Connection, create_engine, event
    from sqlalchemy.pool import NullPool

    engine = create_engine("sqlite://", creator=lambda: files.connect(path, mode="rwc"), poolclass=NullPool)

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout = 5000")
        connection.exec_driver_sql("BEGIN EXCLUSIVE")

    event.listen(engine, "begin", begin)
    return engine
