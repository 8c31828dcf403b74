"""The one way to the database: whole transactions on one writer, reads beside it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar, cast

import aiosqlite

from bot.errors import DatabaseDamaged, StartupError
from bot.storage.batch import LARGEST, Write, carry_out, whole
from bot.storage.disk import full_told, nobody
from bot.storage.memory import Memory
from migrations import files

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from pathlib import Path

    from bot.storage.memory import Topic

T = TypeVar("T")
Value = str | int | None
"""What a parameter may be; STRICT tables refuse the rest."""

READERS = 2
"""Measured: a second reader gains a little, a fourth loses to the interpreter's lock."""
OLDEST_SQLITE = (3, 37)
"""STRICT tables; RETURNING came before."""
PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA foreign_keys = ON",
)
WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA journal_size_limit = {64 * 1024 * 1024}",
)


class _Connection(aiosqlite.Connection):
    """A connection with a thread of its own, to which whole functions are handed.

    aiosqlite's public calls are one statement a hop, so that a transaction made of them is torn by a
    cancelled task, and two tasks on one connection roll back each other's work. Here a function is queued
    instead: once queued it runs to its end, whatever becomes of the task that waits for it.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], committed: Callable[[], None]) -> None:
        super().__init__(connect, iter_chunk_size=64)
        self._waiting: deque[Write[Any]] = deque()
        self._committed = committed

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work whole, in one transaction with what else waits; return or raise when that is durable."""
        open_connection = self._conn
        write = Write(work, asyncio.get_running_loop().create_future())
        self._waiting.append(write)
        if len(self._waiting) == 1:  # else the thread is called already, and takes this one along
            self._tx.put_nowait((None, lambda: self._carry_out(open_connection)))  # pyright: ignore[reportUnknownMemberType] - as below
        await write.told
        return write.outcome()

    def _carry_out(self, connection: sqlite3.Connection) -> None:
        """Carry out what waits until nothing does, and tell each batch when it is durable; on the thread."""
        while self._waiting:
            batch = [self._waiting.popleft()]
            while self._waiting and len(batch) < LARGEST:
                batch.append(self._waiting.popleft())
            carry_out(connection, batch)
            self._committed()
            batch[0].told.get_loop().call_soon_threadsafe(lambda told=batch: [write.tell() for write in told])

    async def examine(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run reading work on one state of the database, on the connection's thread."""
        return await self._execute(whole, self._conn, "BEGIN DEFERRED", work)  # pyright: ignore[reportUnknownMemberType] - aiosqlite does not say its types

    async def ended(self) -> None:
        """Wait for the thread of a connection that was not made; it reports to the loop until its end."""
        await asyncio.to_thread(self._thread.join)

    async def ask(self, sql: str, parameters: Mapping[str, Value]) -> list[sqlite3.Row]:
        """Run one reading statement to its end."""
        return list(await self.execute_fetchall(sql, parameters))  # pyright: ignore[reportArgumentType] - aiosqlite's signature forgets that sqlite3 takes named parameters


class Database:
    """An open database that no other process of Easel writes to."""

    def __init__(
        self,
        path: Path,
        writer: _Connection,
        readers: tuple[_Connection, ...],
        lock: files.DatabaseLock | None,
        memory: Memory | None,
    ) -> None:
        self.folder = path.parent
        self._writer = writer
        self._readers = readers
        self._turns = itertools.cycle(readers)
        self._lock = lock
        self._memory = memory
        self.when_full: Callable[[], None] = nobody
        """Called when a write finds no room on the disk."""

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open a migrated database, or raise StartupError: damaged, of another version, in use."""
        path = files.database_path(url)
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StartupError(f"SQLite {sqlite3.sqlite_version} is too old. Easel needs 3.37 or newer.")
        lock = await asyncio.to_thread(_lock_current, path)
        opened: list[_Connection] = []
        memory = Memory()
        try:
            opened.append(await _connect(path, "rw", (*WRITER_PRAGMAS, *PRAGMAS), memory))
            for _ in range(READERS):
                opened.append(await _connect(path, "ro", PRAGMAS))  # noqa: PERF401 - those opened are closed after a fault
        except BaseException as error:
            await _close(opened, lock)
            if isinstance(error, sqlite3.DatabaseError):
                raise files.failure(error)(f"The database {path} cannot be opened: {error}.") from error
            raise
        return cls(path, opened[0], tuple(opened[1:]), lock, memory)

    @classmethod
    async def open_beside(cls, url: str) -> Database:
        """Open a migrated database to read beside the bot that runs on it, or raise StartupError."""
        path = files.database_path(url)
        await asyncio.to_thread(_refuse_other_version, path)
        try:
            reader = await _connect(path, "rw", (*PRAGMAS, "PRAGMA query_only = ON"))
        except sqlite3.DatabaseError as error:
            raise files.failure(error)(f"The database {path} cannot be opened: {error}.") from error
        return cls(path, reader, (reader,), None, None)

    @property
    def is_alone(self) -> bool:
        """Tell whether no other process can be writing to it."""
        return self._lock is not None

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function whole and return its result once that is durable; any exception undoes all of it.

        Raise StorageTrouble where there is no room for it.
        The function runs on the writer's thread, after those before it, and shares a commit with those that
        wait with it; it changes nothing but the database, since it runs again where that commit fails.
        A task that is cancelled while it waits does not tear it: the function is done or undone whole.
        """
        with full_told(self.when_full):
            return await self._writer.write(work)

    async def change(self, sql: str, parameters: Mapping[str, Value]) -> int:
        """Run one writing statement as a transaction and return how many rows it touched."""
        return await self.write(lambda connection: connection.execute(sql, parameters).rowcount)

    async def read(self, sql: str, parameters: Mapping[str, Value] | None = None) -> list[sqlite3.Row]:
        """Run one reading statement; it sees every write that was awaited before."""
        return await next(self._turns).ask(sql, parameters or {})

    async def ping(self) -> None:
        """Return once the database answers."""
        await self.read("SELECT 1")

    async def examine(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a reading function whose statements all see the same moment."""
        return await next(self._turns).examine(work)

    async def recall(
        self, key: Hashable, about: tuple[Topic, ...], work: Callable[[sqlite3.Connection], T]
    ) -> T:
        """Examine, or return what that gave before by this key where none of its topics has changed.

        `about` names all that `work` reads. A change that was awaited is never missed. Beside a process that
        writes, everything is read anew.
        """
        if self._memory is None:
            return await self.examine(work)
        now = self._memory.now(about)
        if (kept := self._memory.find(key, now)) is not None:
            return cast("T", kept[0])
        answer = await self.examine(work)
        self._memory.keep(key, now, answer)
        return answer

    async def quick_check(self) -> None:
        """Raise DatabaseDamaged where SQLite finds damage; takes about a second for each gigabyte."""
        try:
            rows = await self.read("PRAGMA quick_check(1)")
            problem = rows[0][0]
        except sqlite3.DatabaseError as error:
            problem = str(error)
        if problem != "ok":
            raise DatabaseDamaged(f"The database is damaged ({problem}).")

    async def tidy(self) -> None:
        """Refresh what SQLite knows of the tables, and give back the room that its log took.

        Writes wait meanwhile: for milliseconds, or for the busy timeout where a reader does not end.
        """
        await self._writer.ask("PRAGMA optimize", {})
        await self._writer.ask("PRAGMA wal_checkpoint(TRUNCATE)", {})

    async def aclose(self) -> None:
        """Finish what is queued, let SQLite tidy up and free the database for another process."""
        if self._lock is None:
            await self._writer.close()
            return
        try:
            with contextlib.suppress(sqlite3.OperationalError):  # a backup or a shell may be in the way
                await self._writer.execute_fetchall("PRAGMA optimize")
        finally:
            await _close([*self._readers, self._writer], self._lock)


def _lock_current(path: Path) -> files.DatabaseLock:
    """Lock a database of this version, or raise StartupError."""
    lock = files.DatabaseLock.take(path)
    if lock is None:
        raise StartupError("Another process uses this database. Stop it first: two bots would spend twice.")
    try:
        _refuse_other_version(path)
    except BaseException:
        lock.free()
        raise
    return lock


def _refuse_other_version(path: Path) -> None:
    """Raise StartupError where a database has another version's schema, or none."""
    if not path.exists():
        raise StartupError(
            f"There is no database at {path} yet. The first start makes one, or do it now: easel migrate."
        )
    if not files.is_current(path):
        raise StartupError(f"The database {path} is of another version. Run: easel migrate.")


async def _connect(
    path: Path, mode: str, pragmas: tuple[str, ...], memory: Memory | None = None
) -> _Connection:
    """Open one connection and set it up; one that writes tells a memory what it changes."""

    def connect() -> sqlite3.Connection:
        connection = files.connect(path, mode=mode)
        connection.row_factory = sqlite3.Row
        try:
            for pragma in pragmas:
                connection.execute(pragma)
            if memory is not None:
                memory.watch(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    connection = _Connection(connect, nobody if memory is None else memory.committed)
    try:
        await connection
    except BaseException:
        await connection.ended()
        raise
    return connection


async def _close(connections: list[_Connection], lock: files.DatabaseLock) -> None:
    """Close connections and free the lock, whatever fails on the way."""
    try:
        for connection in connections:
            await connection.close()
    finally:
        lock.free()
