"""The database as a file: its address, its lock, its revision."""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Self

from bot.errors import DatabaseDamaged, StartupError

SCRIPTS = Path(__file__).parent
"""Where Alembic finds env.py and versions/; beside this file, so that an installed package has them too."""
REVISION = re.compile(r"(\d{4})_\w+\.py")


def database_path(url: str) -> Path:
    """Return the file that `sqlite:///relative` or `sqlite:////absolute` names, or raise StartupError."""
    scheme, separator, rest = url.partition("://")
    kind = scheme.partition("+")[0].lower()
    if kind in {"postgres", "postgresql"}:
        raise StartupError("PostgreSQL is not supported yet. Set DATABASE_URL to sqlite:///path/to/easel.db.")
    name = rest.removeprefix("/")
    if kind != "sqlite" or not separator or name == rest or name in {"", ":memory:"} or "?" in name:
        raise StartupError("DATABASE_URL must look like sqlite:///path/to/easel.db.")
    return Path(name).absolute()


def known_revisions() -> tuple[str, ...]:
    """Return the revisions that this version of Easel knows, oldest first."""
    matches = (REVISION.fullmatch(file.name) for file in (SCRIPTS / "versions").iterdir())
    return tuple(sorted(match[1] for match in matches if match))


def connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """Open a database file; a URI, so that a missing one is not created (`rwc` creates)."""
    return sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None)


def current_revision(path: Path) -> str | None:
    """Return the revision of a database, None for a new one; raise StartupError where it is not Easel's.

    Opened for writing, since only a writer may roll back what a killed process left behind.
    """
    if not path.exists():
        return None
    try:
        with closing(connect(path)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if not tables:
                return None
            if "alembic_version" not in tables:
                raise StartupError(f"{path} is a database, but not one of Easel's. Choose another path.")
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise failure(error)(f"The database {path} cannot be read: {error}.") from error
    return None if row is None else str(row[0])


def failure(error: sqlite3.DatabaseError) -> type[StartupError]:
    """Return what a fault at the start is: SQLite gives damage no class of its own, but all else one."""
    return DatabaseDamaged if type(error) is sqlite3.DatabaseError else StartupError


def check(path: Path) -> None:
    """Raise DatabaseDamaged where a closed database is damaged, StartupError where it cannot be read."""
    try:
        with closing(connect(path)) as connection:
            problem = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise failure(error)(f"The copy {path} is damaged: {error}.") from error
    if problem != "ok" or loose is not None:
        raise DatabaseDamaged(f"The copy {path} is damaged: {problem if loose is None else 'loose rows'}.")


def is_current(path: Path) -> bool:
    """Tell whether a database has this version's schema; raise StartupError where it is newer than that."""
    revision = current_revision(path)
    known = known_revisions()
    if revision is not None and revision not in known:
        raise StartupError(
            f"The database {path} was made by a newer Easel. "
            "Install that version, or restore the copy made before its upgrade."
        )
    return revision == known[-1]


def copy_database(path: Path, target: Path) -> None:
    """Copy a database as of now, writers going on; under its final name the copy is whole and on the disk.

    VACUUM INTO sees one moment; an incremental backup would start again with each write.
    """
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy_into_new_file(path, partial)
            partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)
        flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        kind = failure(error) if isinstance(error, sqlite3.DatabaseError) else StartupError
        raise kind(f"The database {path} could not be copied to {target}: {error}.") from error


def _copy_into_new_file(path: Path, partial: Path) -> None:
    """Copy a database into a file for its owner alone, in place of what a killed copy left there."""
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with closing(connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(partial),))
    flush(partial)


def flush(path: Path, *, keep: bool = True) -> None:
    """Force a file's bytes, or a folder's entries, to the disk; without `keep` they leave memory."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
        if not keep and sys.platform == "linux":
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


class DatabaseLock:
    """Held by the one process that writes to a database; the system frees it when the process dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """Lock a database, or return None while someone else does. The file beside it stays for good."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartupError(f"The folder {path.parent} cannot be written to: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return cls(descriptor)

    def free(self) -> None:
        """Let the next process in."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.free()
