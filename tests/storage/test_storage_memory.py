"""What is recalled without asking the database, and that it is never older than the last change."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest
from storage_maker import NOW, Maker
from storage_steps import sent

from bot.domain.access import Ban, Family, Kind
from bot.domain.jobs import JobState
from bot.domain.manners import ChannelManner
from bot.storage import memory, refusals
from bot.storage.access import AccessRows
from bot.storage.audit import Audit, AuditLine
from bot.storage.conduct import ConductRows
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.manners import Manners
from bot.storage.memory import ROWS, TOPICS, Memory, Topic
from bot.storage.meta import Meta
from bot.storage.preferences import PreferenceRows
from bot.storage.server_settings import ServerSettings
from bot.storage.threads import ChatThread, Threads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ask = Callable[[Database], Awaitable[Any]]
    Change = Callable[[Database], Awaitable[Any]]

ANN, SERVER, CHANNEL = 7, 70, 700
DAY_AGO = NOW - timedelta(days=1)
CHOSEN = {"access.pause": '{"reason":"","until":null,"at":null}'}


def line(action: str = "access.ban", subject: str = "") -> AuditLine:
    return AuditLine(SERVER, 1, action, subject, {}, NOW)


async def refuse(database: Database) -> None:
    jobs = Jobs(database)
    job = await sent(jobs, Maker())
    assert await jobs.release(job.id, JobState.REFUSED, "No.", 0, NOW)


async def lose_name(database: Database) -> None:
    """Delete whose a refused job was, as an erasure does, and remember that somebody was refused."""

    def work(connection: sqlite3.Connection) -> None:
        (job_id,) = connection.execute("SELECT id FROM job WHERE state = 'refused'").fetchone()
        refusals.keep(connection, job_id, ANN, round(NOW.timestamp() * 1_000_000))
        connection.execute("UPDATE job SET user_id = 0 WHERE id = ?", (job_id,))

    await database.write(work)


async def no_secret(database: Database) -> None:
    await database.change("DELETE FROM meta WHERE key = :key", {"key": refusals.SECRET})


ASKS: dict[str, Ask] = {
    "preferences": lambda database: PreferenceRows(database).of_person(ANN),
    "settings": lambda database: ServerSettings(database).of(SERVER),
    "rules": lambda database: AccessRows(database).rules(SERVER, ANN, Family.DRAW),
    "manners": lambda database: Manners(database).of(CHANNEL),
    "refused": lambda database: ConductRows(database).refused(SERVER, ANN, DAY_AGO),
}
CHANGES: list[tuple[str, Change]] = [
    ("preferences", lambda database: PreferenceRows(database).change(ANN, "count", 2, NOW)),
    ("preferences", lambda database: PreferenceRows(database).change(ANN, "count", 3, NOW)),
    ("preferences", lambda database: PreferenceRows(database).clear(ANN)),
    ("settings", lambda database: ServerSettings(database).choose({"zone": "Asia/Tokyo"}, line())),
    ("settings", lambda database: ServerSettings(database).choose({"zone": "UTC"}, line())),
    ("settings", lambda database: ServerSettings(database).choose({"zone": None}, line())),
    ("rules", lambda database: AccessRows(database).ban(Ban(ANN, 1, "spam", NOW, None), line())),
    ("rules", lambda database: AccessRows(database).ban(Ban(ANN, 1, "more spam", NOW, None), line())),
    ("rules", lambda database: AccessRows(database).unban(ANN, line())),
    (
        "rules",
        lambda database: AccessRows(database).keep_to(
            Kind.CHANNEL, {Family.DRAW: frozenset({CHANNEL})}, line()
        ),
    ),
    ("rules", lambda database: ServerSettings(database).choose(CHOSEN, line())),
    ("manners", lambda database: Manners(database).set(CHANNEL, ChannelManner(persona="A pirate"), line())),
    (
        "manners",
        lambda database: Threads(database).add(ChatThread(CHANNEL, SERVER, 701, ANN, NOW)),
    ),
    ("refused", refuse),
    ("refused", lambda database: Audit(database).add(line("safety.blocked", str(ANN)))),
    ("refused", lose_name),
    ("refused", no_secret),
    ("refused", lambda database: Audit(database).add(line("safety.forgiven", str(ANN)))),
]


async def test_every_change_is_seen_at_once(database: Database, database_url: str):
    for asked, change in CHANGES:
        ask = ASKS[asked]
        before = await ask(database)
        assert await ask(database) == before
        await change(database)
        beside = await Database.open_beside(database_url)
        try:
            true = await ask(beside)
        finally:
            await beside.aclose()
        assert await ask(database) == true, (asked, before)
        if change is not lose_name:  # which changes where it is written down, and not what it says
            assert true != before, asked


@pytest.mark.parametrize("asked", ASKS)
async def test_what_has_not_changed_is_not_read_again(database: Database, asked: str, monkeypatch):
    first = await ASKS[asked](database)
    monkeypatch.setattr(database, "examine", None)

    assert await ASKS[asked](database) == first


@pytest.mark.parametrize("asked", ASKS)
async def test_all_that_is_read_is_named(database: Database, asked: str, monkeypatch):
    named: set[str] = set()
    read: set[str] = set()

    def seen(_action: int, table: str | None, *_: object) -> int:
        if _action == sqlite3.SQLITE_READ and table:
            read.add(table)
        return sqlite3.SQLITE_OK

    async def recall(
        _key: object, about: tuple[Topic, ...], work: Callable[[sqlite3.Connection], Any]
    ) -> Any:
        named.update(ROWS[topic][0] if topic in ROWS else topic for topic in about)

        def watched(connection: sqlite3.Connection) -> Any:
            connection.set_authorizer(seen)
            try:
                return work(connection)
            finally:
                connection.set_authorizer(None)

        return await database.examine(watched)

    monkeypatch.setattr(database, "recall", recall)
    await refuse(database)
    await lose_name(database)
    await ASKS[asked](database)

    assert read
    assert read <= named


async def test_what_is_undone_changes_nothing(database: Database):
    rows = PreferenceRows(database)
    await rows.change(ANN, "count", 2, NOW)

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM preference")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(work)

    assert (await rows.of_person(ANN)).count == 2


async def test_what_was_read_before_a_change_is_not_kept_as_if_after_it(database: Database):
    rows = PreferenceRows(database)
    reading, changed = threading.Event(), threading.Event()

    def slowly(connection: sqlite3.Connection) -> int:
        count = connection.execute("SELECT COUNT(*) FROM preference").fetchone()[0]
        reading.set()
        assert changed.wait(10)
        return count

    asking = asyncio.create_task(database.recall("count", ("preference",), slowly))
    await asyncio.to_thread(reading.wait, 10)
    await rows.change(ANN, "count", 2, NOW)
    changed.set()

    assert await asking == 0
    assert await database.recall("count", ("preference",), slowly) == 1


async def test_beside_a_process_that_writes_everything_is_read_anew(database: Database, database_url: str):
    beside = await Database.open_beside(database_url)
    try:
        assert (await PreferenceRows(beside).of_person(ANN)).count is None
        await PreferenceRows(database).change(ANN, "count", 2, NOW)
        assert (await PreferenceRows(beside).of_person(ANN)).count == 2
    finally:
        await beside.aclose()


def test_only_so_much_is_kept(monkeypatch):
    monkeypatch.setattr(memory, "MOST", 2)
    kept, now = Memory(), (0,)
    for key in "abc":
        kept.keep(key, now, None)

    assert [kept.find(key, now) for key in "abc"] == [None, (None,), (None,)]


def test_every_topic_is_watched_whatever_happens_to_its_rows(database_path):
    with closing(sqlite3.connect(database_path)) as connection:
        Memory().watch(connection)
        triggers = {name for (name,) in connection.execute("SELECT name FROM temp.sqlite_master")}

    assert triggers == {f"{topic}_{event}" for topic in TOPICS for event in ("INSERT", "UPDATE", "DELETE")}
    assert set(ROWS) < set(get_args(Topic))


async def test_writes_of_other_rows_leave_it_alone(database: Database, monkeypatch):
    await ASKS["refused"](database)
    await sent(Jobs(database), Maker())
    await Meta(database).set("anything", "else")
    monkeypatch.setattr(database, "examine", None)

    assert await ASKS["refused"](database) == ()
