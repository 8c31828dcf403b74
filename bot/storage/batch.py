"""Writes that wait at the same time, carried out in one transaction: one fsync for all of them."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Generic, TypeVar, cast

if TYPE_CHECKING:
    import asyncio
    import sqlite3
    from collections.abc import Callable, Sequence

T = TypeVar("T")
LARGEST = 64
"""How many writes share a transaction at most, so that nobody waits for a whole crowd's."""


class Write(Generic[T]):
    """A function that waits for its transaction, and then what came of it."""

    def __init__(self, work: Callable[[sqlite3.Connection], T], told: asyncio.Future[None]) -> None:
        self.told = told
        self._work = work
        self._context = copy_context()  # so that a refusal is said in the language of who asked
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """Run the function; what it changed stays part of the transaction around it."""
        self._error = None
        self._result = self._context.run(self._work, connection)

    def fail(self, error: BaseException) -> None:
        """Note that all the function changed is undone."""
        self._error = error

    def tell(self) -> None:
        """Wake up who waits, if they still do; on the event loop's thread."""
        if not self.told.done():
            self.told.set_result(None)

    def outcome(self) -> T:
        """Return or raise what the function did."""
        if self._error is not None:
            raise self._error
        return cast("T", self._result)


def whole(connection: sqlite3.Connection, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run work inside a transaction: all of it happens, or none."""
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def carry_out(connection: sqlite3.Connection, writes: Sequence[Write[object]]) -> None:
    """Carry out writes in their order, each whole or not at all; on return they survive a power cut.

    They share a transaction. Where that fails as a whole (a full disk, a fault seen at the commit), all of it
    is undone, and each is carried out again in one of its own: the fault is told to whose it is alone.
    """
    if len(writes) > 1:
        try:
            whole(connection, "BEGIN IMMEDIATE", lambda _: [_apart(connection, write) for write in writes])
        except BaseException:  # noqa: BLE001, S110 - whatever it is, it comes again below to whose it is
            pass
        else:
            return
    for write in writes:
        try:
            whole(connection, "BEGIN IMMEDIATE", write.run)
        except BaseException as error:  # noqa: BLE001 - raised where the write is awaited
            write.fail(error)


def _apart(connection: sqlite3.Connection, write: Write[object]) -> None:
    """Run one write of several; its failure undoes its own changes, or is raised where SQLite undid all."""
    connection.execute("SAVEPOINT one")
    try:
        write.run(connection)
    except BaseException as error:
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO one")
        write.fail(error)
    connection.execute("RELEASE one")
