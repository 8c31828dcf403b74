"""A database with people who have something of everything in it, and what of them stands where."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storage_maker import NOW
from things import Things

from bot.domain.privacy import BEGINNING, Erasure, Extent, Span, names_until
from bot.storage.database import Database
from bot.storage.erasures import Erasures
from bot.storage.strays import Strays

if TYPE_CHECKING:
    from collections.abc import Iterable

ANN, BOB, EVE = 7_000_000_007, 8_000_000_008, 9_000_000_009
HERE, THERE = 70, 71
LONG_AGO = NOW - timedelta(days=100)
SHADOWS = re.compile(r"gallery_text_|sqlite_|alembic_version")
ROOT = Path(__file__).parents[2]

Rows = dict[str, list[dict[str, object]]]


def tables_of(path: Path) -> dict[str, set[str]]:
    """Return the columns of every table."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
            for name in names
            if not SHADOWS.match(name)
        }


def dump(path: Path) -> Rows:
    """Return all rows of all tables, but for the index of words."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608 - names of the schema
            for name in tables_of(path)
            if name != "gallery_text"
        }


def fill(path: Path, people: Iterable[int] = (ANN, BOB, EVE)) -> None:
    """Let people have something of everything, a while ago and now, in two servers and in direct messages."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.row_factory = sqlite3.Row
        things = Things(connection)
        drawn: dict[int, str] = {}
        for user_id in people:
            things.settings(user_id, LONG_AGO)
            for at in (LONG_AGO, NOW - timedelta(hours=1)):
                for guild_id in (HERE, THERE, None):
                    _fill_place(things, user_id, guild_id, at, drawn)
        for user_id in people:
            for other in drawn.values():
                connection.execute(
                    "INSERT INTO favourite VALUES (?, ?, 5) ON CONFLICT DO NOTHING", (user_id, other)
                )
        things.server(HERE, ANN, BOB, LONG_AGO)
        things.server(THERE, BOB, ANN, LONG_AGO)


def _fill_place(things: Things, user_id: int, guild_id: int | None, at, drawn: dict[int, str]) -> None:
    job_id = things.job(user_id, guild_id, at)
    parents = [things.reference(job_id, at, 100 + user_id % 10, *drawn.values())]
    drawn[user_id] = things.picture(job_id, user_id, guild_id, at, user_id % 10, *parents)
    if guild_id is not None:
        things.moderated(job_id, user_id, guild_id, EVE, at)
    things.job(user_id, guild_id, at, words=True)
    things.belongings(user_id, guild_id or 0 or HERE, at, drawn[user_id])
    asked = things.turn(user_id, guild_id, at, blob=50)
    answer = things.turn(user_id, guild_id, at, parent=asked, speaker="easel")
    other = BOB if user_id != BOB else EVE
    followed = things.turn(other, guild_id, at, parent=answer)
    things.quote(followed, user_id, at)
    things.put("turn_summary", turn_id=followed, text=things.mark(user_id), created_at=5)


def mentions(rows: Rows, user_id: int) -> set[tuple[str, str]]:
    """Return in which columns a person's id or words stand."""
    words = (f"zq{user_id}qz", str(user_id))
    return {
        (table, column)
        for table, all_rows in rows.items()
        for row in all_rows
        for column, value in row.items()
        if any(word in str(value) for word in words)
    }


async def erase(path: Path, erasure: Erasure) -> None:
    database = await Database.open(f"sqlite:///{path}")
    try:
        rows = Erasures(database)
        begun = await rows.begin(erasure, NOW)
        while await rows.wipe(begun):
            pass
        await rows.unname(begun, names_until(NOW + timedelta(days=62)))
        await rows.end(begun)
        strays = Strays(database)
        for blob in await strays.loose(1000):
            assert not await strays.is_held_again(blob)
            await strays.freed([blob])
    finally:
        await database.aclose()


def all_of(user_id: int, extent: Extent = Extent.EVERYTHING) -> Erasure:
    return Erasure(extent, Span(BEGINNING, NOW), user_id=user_id)
