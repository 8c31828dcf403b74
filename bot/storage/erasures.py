"""Deletions under way: a row says what is to go until it is gone, so that a restart goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.privacy import Erasure, Extent, Holdings, Span
from bot.storage import audit, refusals, wiping
from bot.storage.belongings import of_person, of_server
from bot.storage.codec import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.storage.audit import AuditLine
    from bot.storage.belongings import Belongings
    from bot.storage.database import Database, Value

BEGIN = """
    INSERT INTO erasure (user_id, guild_id, extent, since_at, before_at, asked_at, wiped)
    VALUES (:user_id, :guild_id, :extent, :since, :before, :asked, 0) RETURNING id
"""
LEFT = """
    SELECT * FROM erasure WHERE wiped = :wiped AND (:user_id IS NULL OR user_id = :user_id) ORDER BY id
"""
WIPED_ALL = "UPDATE erasure SET wiped = 1 WHERE id = :id"
END = "DELETE FROM erasure WHERE id = :id"
RETURNED = "DELETE FROM removed_server WHERE guild_id = :guild_id"
WIPED = 50
"""Jobs or turns that are wiped in one transaction, so that nobody waits for all of them."""
NAMES = 500
DISCORD_EPOCH_MS = 1_420_070_400_000
"""Discord's ids are milliseconds since 2015, and 22 bits."""


class Erasures:
    """Begins deletions, wipes what they are about a little at a time, and ends them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, erasure: Erasure, now: datetime, line: AuditLine | None = None) -> Erasure:
        """Write down what is to go. That of a removed server is due no more then."""
        values = {**_values(erasure), "extent": erasure.extent.value, "asked": to_micros(now)}

        def work(connection: sqlite3.Connection) -> int:
            if erasure.guild_id is not None:
                connection.execute(RETURNED, {"guild_id": erasure.guild_id})
            if line is not None:
                audit.insert(connection, line)
            return int(connection.execute(BEGIN, values).fetchone()["id"])

        erasure_id = await self._database.write(work)
        return Erasure(erasure.extent, erasure.span, erasure.user_id, erasure.guild_id, erasure_id)

    async def left(self, user_id: int | None = None, *, wiped: bool = False) -> tuple[Erasure, ...]:
        """Return the deletions that have not ended, of all or of one person.

        Those that are `wiped` wait for nothing but the books.
        """
        rows = await self._database.read(LEFT, {"user_id": user_id, "wiped": int(wiped)})
        return tuple(_erasure(row) for row in rows)

    async def holdings(self, erasure: Erasure) -> Holdings:
        """Return how much would go."""
        owned, values = _belongings(erasure), _values(erasure)

        def work(connection: sqlite3.Connection) -> Holdings:
            def count(sql: str) -> int:
                return int(connection.execute(sql, values).fetchone()["count"])

            talk = {"messages": count(owned.count_turns), "files": count(owned.count_files)}
            if erasure.extent is Extent.TALK:
                return Holdings(**talk)
            drawn = connection.execute(owned.count_pictures, values).fetchone()
            counts = {name: count(sql) for name, sql in owned.counts(erasure.extent).items()}
            return Holdings(pictures=drawn["count"], picture_bytes=drawn["bytes"], **talk, **counts)

        return await self._database.examine(work)

    async def unfinished(self, erasure: Erasure) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the jobs and the batches that have not ended, and would go."""
        if erasure.extent is Extent.TALK:
            return (), ()
        owned, values = _belongings(erasure), _values(erasure)
        jobs = await self._database.read(owned.unfinished_jobs, values)
        batches = await self._database.read(owned.unfinished_batches, values)
        return tuple(row["id"] for row in jobs), tuple(row["id"] for row in batches)

    async def wipe(self, erasure: Erasure) -> int:
        """Wipe some of what is to go and has ended, and return how much that was; 0 once nothing is left."""
        owned, values = _belongings(erasure), {**_values(erasure), "most": WIPED}
        turn_ids = [row["id"] for row in await self._database.read(owned.turns, values)]
        if turn_ids:
            await self._database.write(lambda connection: _wipe_turns(connection, turn_ids, values))
            return len(turn_ids)
        if owned.quoting:
            quoting = [row["turn_id"] for row in await self._database.read(owned.quoting, values)]
            if quoting:
                await self._database.write(lambda connection: wiping.wipe_quotations(connection, quoting))
                return len(quoting)
        if erasure.extent is Extent.TALK:
            return 0
        job_ids = [row["id"] for row in await self._database.read(owned.jobs, values)]
        if job_ids:
            await self._database.write(lambda connection: _wipe_jobs(connection, job_ids, erasure))
            return len(job_ids)
        statements = owned.rest(erasure.extent, whole=erasure.span.is_whole)

        def work(connection: sqlite3.Connection) -> None:
            for statement in statements:
                connection.execute(statement, values)

        await self._database.write(work)
        return 0

    async def unname(self, erasure: Erasure, until: datetime) -> bool:
        """Take the name from the ledger's rows of before a moment; False where later ones still have it."""
        if erasure.extent is Extent.TALK:
            return True
        owned, values = _belongings(erasure), _values(erasure)
        bounded = {**values, "before": min(to_micros(until), int(values["before"] or 0)), "most": NAMES}
        while await self._database.change(owned.unname, bounded) == NAMES:
            pass
        return not await self._database.read(owned.named, values)

    async def wiped(self, erasure: Erasure) -> None:
        """Note that nothing is left but names in the books."""
        await self._database.change(WIPED_ALL, {"id": erasure.id})

    async def end(self, erasure: Erasure) -> None:
        """Note that a deletion has ended: nothing says any more that there was one."""
        await self._database.change(END, {"id": erasure.id})


def _wipe_turns(connection: sqlite3.Connection, turn_ids: list[int], values: dict[str, Value]) -> None:
    for turn_id in turn_ids:
        wiping.wipe_turn(connection, turn_id, int(values["before"] or 0))


def _wipe_jobs(connection: sqlite3.Connection, job_ids: list[int], erasure: Erasure) -> None:
    for job_id in job_ids:
        if erasure.user_id is not None:
            refusals.keep(connection, job_id, erasure.user_id, to_micros(erasure.span.before))
        wiping.wipe_job(connection, job_id)


def _snowflake(micros: int) -> int:
    """Return the first id that Discord can have given at a moment, or 0 for one before there was Discord."""
    return max(0, micros // 1000 - DISCORD_EPOCH_MS) << 22


def _belongings(erasure: Erasure) -> Belongings:
    return of_person() if erasure.guild_id is None else of_server()


def _values(erasure: Erasure) -> dict[str, Value]:
    since, before = to_micros(erasure.span.since), to_micros(erasure.span.before)
    return {
        "user_id": erasure.user_id,
        "guild_id": erasure.guild_id,
        "since": since,
        "before": before,
        "since_id": _snowflake(since),
        "before_id": _snowflake(before),
    }


def _erasure(row: sqlite3.Row) -> Erasure:
    return Erasure(
        Extent(row["extent"]),
        Span(from_micros(row["since_at"]), from_micros(row["before_at"])),
        row["user_id"],
        row["guild_id"],
        row["id"],
    )
