"""SQLite and blobs below the simulation: the real statements, on the virtual clock."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any, TypeVar

from bot.storage.database import PRAGMAS, Database
from bot.storage.memory import Memory
from migrations import files

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from pathlib import Path

T = TypeVar("T")


class Killed(Exception):
    """The process is dead: nothing that it does reaches anybody."""


class Life:
    """Whether a process lives; what it left on the way does not arrive once it is dead."""

    def __init__(self, rng: random.Random, thorns: float) -> None:
        self.is_over = False
        self._rng = rng
        self._thorns = thorns

    def check(self, kind: type[Exception] = OSError, message: str = "made to fail") -> None:
        if self.is_over:
            raise Killed
        if self._thorns and self._rng.random() < self._thorns:
            raise kind(message)


class VirtualDatabase(Database):
    """One writer that takes turns, as the real one; each write commits some way between call and answer.

    So a process may die before a commit, or after it and before it has heard of it.
    """

    def __init__(self, path: Path, life: Life, rng: random.Random) -> None:
        self.folder = path.parent  # the threads and the lock of the real one are not wanted
        self._connection = files.connect(path)
        self._connection.row_factory = sqlite3.Row
        for pragma in (*PRAGMAS, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF"):
            self._connection.execute(pragma)
        self._memory = Memory()
        self._memory.watch(self._connection)
        self._turn = asyncio.Lock()
        self._rng = rng
        self._life = life

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function whole; once it has its turn it is done, whoever still waits for it."""
        return await asyncio.shield(asyncio.ensure_future(self._write(work)))

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        async with self._turn:
            await self._pass_time()
            result = self._whole(work)
            await self._pass_time()
            return result

    async def read(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[sqlite3.Row]:
        await self._pass_time()
        return self._connection.execute(sql, parameters or {}).fetchall()

    async def examine(self, work: Callable[[sqlite3.Connection], T]) -> T:
        await self._pass_time()
        return self._whole(work)

    async def quick_check(self) -> None:
        (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        assert found == "ok"

    @property
    def is_alone(self) -> bool:
        return True

    async def tidy(self) -> None:
        await self._pass_time()

    async def aclose(self) -> None:
        """Stay open: the books are looked at when all is over."""

    def rows(self, sql: str) -> list[sqlite3.Row]:
        """Look at the books from outside, in no time."""
        return self._connection.execute(sql).fetchall()

    def close(self) -> None:
        self._connection.close()

    async def _pass_time(self) -> None:
        if not self._life.is_over:
            await asyncio.sleep(self._rng.uniform(0.0002, 0.004))
        self._life.check(sqlite3.OperationalError)

    def _whole(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(self._connection)
            self._connection.execute("COMMIT")
            self._memory.committed()
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return result


class Shelf:
    """obstore's functions over a dictionary, which outlives the processes."""

    def __init__(self, rng: random.Random) -> None:
        self.kept: dict[str, bytes] = {}
        self._rng = rng

    async def put_async(self, store: Life, key: str, data: bytes) -> None:
        await self._pass_time(store)
        self.kept[key] = bytes(data)

    async def get_async(self, store: Life, key: str) -> _Found:
        await self._pass_time(store)
        return _Found(self._found(key))

    async def head_async(self, store: Life, key: str) -> None:
        await self._pass_time(store)
        self._found(key)

    async def delete_async(self, store: Life, key: str) -> None:
        await self._pass_time(store)
        self.kept.pop(key, None)

    def _found(self, key: str) -> bytes:
        if key not in self.kept:
            raise FileNotFoundError(key)
        return self.kept[key]

    async def _pass_time(self, store: Life) -> None:
        store.check()
        await asyncio.sleep(self._rng.uniform(0.0005, 0.01))
        store.check()


class _Found:
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def bytes_async(self) -> _Bytes:
        return _Bytes(self._data)


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def to_bytes(self) -> bytes:
        return self._data
