"""What is asked of the database while its history grows: `python -m benchmarks.history`.

Counted are the instructions of SQLite's virtual machine, which are the same on every machine, however busy
it is; beside them stand the fastest of some runs, and the plan.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import migrations
from benchmarks import history_rooms
from benchmarks.ledgers import FIRST_ID, job
from bot.domain.jobs import Bounds
from bot.domain.quotas import Limit, Meter, Owner, Policy, window
from bot.domain.rules import Claim, Terms
from bot.storage import calls, job_rows, jobs, ledger, pictures, room, shelf, spending, tray
from bot.storage.codec import to_micros
from migrations import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.storage.entitlements import Limits

    Ask = Callable[[sqlite3.Connection], object]

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TINY = (6_000, 24_000)
NOW = datetime(2026, 11, 30, 22, tzinfo=UTC)
MONTH = window(Meter.USD_PER_MONTH, NOW, ZoneInfo("UTC"))
ZONES = {"UTC": ZoneInfo("UTC"), "Kathmandu": ZoneInfo("Asia/Kathmandu")}
PERSON, SERVER = 7, 70
UNFINISHED = 50
"""Jobs under way; how many there may be is bounded by settings."""
RUNS = 20
GROWTH = 1.2
"""How many times the steps a question may take when its history is many times as long. Sums of quarters of an
hour grow until every quarter has one, at about three thousand jobs a month."""

JOBS = """
    WITH RECURSIVE number (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM number WHERE n + 1 < :count)
    INSERT INTO job
        (id, state, user_id, guild_id, channel_id, request, plan, held_images, held_microusd, application_id,
        token, token_expires_at, upload_limit_bytes, can_post_in_channel, cost_microusd, created_at,
        updated_at)
    SELECT :first + n, CASE WHEN n < :count - :unfinished THEN 'settled' ELSE 'queued' END,
        CASE WHEN n % 2 THEN :person ELSE 1000 + n % 997 END, :server, 700, '{}', '{}', 1, 50000, 99,
        'token', 0, 1, 1, 40000, :starts_at + n * :apart, :starts_at + n * :apart
    FROM number
"""
CALLS = """
    INSERT INTO call (job_id, ordinal, count, state, cost_microusd)
    SELECT id, 0, 1, 'received', 40000 FROM job WHERE state = 'settled'
"""
PICTURES = """
    INSERT INTO picture
        (id, job_id, role, ordinal, call_ordinal, blob, media_type, width, height, size_bytes, created_at)
    SELECT id || '-0', id, 'result', 0, 0, printf('%064x', id), 'image/png', 1024, 1024, 2000000, created_at
    FROM job WHERE state = 'settled'
"""
PARENTS = """
    INSERT INTO picture_parent (picture_id, position, parent_id)
    SELECT id || '-0', 0, (id - 1) || '-0' FROM job WHERE state = 'settled' AND (id - :first) % 10
"""
HOLDS = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, microusd, absorbed_microusd, anchor_at, recorded_at)
    SELECT id, 'hold', user_id, guild_id, 1, 50000, 0, created_at, created_at FROM job
"""
POLICIES = """
    WITH RECURSIVE number (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM number WHERE n + 1 < :count / 10)
    INSERT INTO policy (guild_id, scope, subject_id, meter, cap)
    SELECT :server, CASE n % 2 WHEN 0 THEN 'role' ELSE 'person' END, :person + n, 'images_per_day', :count
    FROM number
"""
GRANTED = """
    WITH RECURSIVE number (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM number WHERE n + 1 < :count / 10)
    INSERT INTO allowance_grant
        (guild_id, user_id, meter, amount, used, reason, actor_id, created_at, expires_at)
    SELECT :server, CASE n % 2 WHEN 0 THEN :person ELSE 1000 + n END, 'images_per_day', 10, 10, 'why', 1,
        :starts_at, :starts_at + n
    FROM number
"""
"""Grants of the past, half of them of one person; how many are open moderators decide, and expiry ends."""
SETTLES = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, microusd, absorbed_microusd, anchor_at, recorded_at)
    SELECT id, 'settle', user_id, guild_id, 0, -10000, 1, created_at, created_at FROM job
    WHERE state = 'settled'
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one question took: instructions, microseconds, and how SQLite went about it."""

    steps: int
    fastest_us: float
    plan: tuple[str, ...]


def fill(path: Path, count: int) -> None:
    """Make a database of so many jobs, pictures and turns in a month, half of them one person's."""
    migrations.upgrade(f"sqlite:///{path}", backups=None)
    starts_at = to_micros(MONTH.starts_at)
    values = {
        "count": count,
        "first": FIRST_ID,
        "unfinished": UNFINISHED,
        "person": PERSON,
        "server": SERVER,
        "starts_at": starts_at,
        "apart": _apart(count),
    }
    with closing(files.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        books = (JOBS, CALLS, PICTURES, PARENTS, HOLDS, SETTLES, POLICIES, GRANTED)
        for statement in (*books, *history_rooms.FILL):
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(statement, named)
        connection.execute("COMMIT")
        connection.execute("PRAGMA optimize")


def _apart(count: int) -> int:
    """Return how many microseconds are between two jobs."""
    return (to_micros(NOW) - to_micros(MONTH.starts_at)) // count


def questions(count: int) -> dict[str, Ask]:
    """Return what is asked, by what it is for."""
    middle = FIRST_ID + count // 2 // 10 * 10
    limits = [
        Limit(owner, meter, 10**12, window(meter, NOW, zone), PERSON, SERVER)
        for owner in Owner
        for meter in (Meter.USD_PER_DAY, Meter.USD_PER_MONTH)
        for zone in ZONES.values()
    ]
    whose = {"user_id": PERSON, "guild_id": SERVER}
    now = {"now": to_micros(NOW)}
    return {
        **{
            f"used by {owner.value}, {meter.value[4:].replace('_', ' ')}, {name}": partial(
                _used, Limit(owner, meter, 10**12, window(meter, NOW, zone), PERSON, SERVER)
            )
            for owner in Owner
            for meter in (Meter.USD_PER_DAY, Meter.USD_PER_MONTH)
            for name, zone in ZONES.items()
        },
        "an order: job, bounds, 12 limits, hold": partial(_order, count, limits),
        "an order: job, bounds, rules, grants, hold": partial(_order, count, _claim()),
        "held for a server's jobs under way": _sql(ledger.HELD_BY_SERVER, guild_id=SERVER),
        "booked from the first day on": _sql(ledger.BOOKED),
        "a job": _sql(jobs.BY_ID, id=middle),
        "one person's jobs under way": _sql(jobs.UNFINISHED_OF_PERSON, user_id=PERSON),
        "a server's jobs under way": _sql(jobs.UNFINISHED_OF_SERVER, guild_id=SERVER),
        "one person's latest cards": _sql(jobs.RECENT_OF_PERSON, user_id=PERSON, most=25),
        "jobs by state (/metrics)": _sql(jobs.CENSUS),
        "results that wait": _sql(shelf.ASKED_BEFORE, moment=to_micros(NOW)),
        "a picture": _sql(pictures.BY_ID, id=f"{middle}-0"),
        "a card's pictures": _sql(pictures.OF_JOB, job_id=middle, role="result"),
        "what a picture came from": _sql(pictures.PARENTS, id=f"{middle + 1}-0"),
        "whether bytes are still needed": _sql(pictures.HOLDERS, blob=f"{middle:064x}"),
        "references at hand": _sql(tray.LIST, **whose, **now),
        **_of_rooms(count),
    }


def _of_rooms(count: int) -> dict[str, Ask]:
    """Return what the gallery and conversations ask."""
    newest = to_micros(MONTH.starts_at) + (count - UNFINISHED - 1) * _apart(count)
    asked = (*history_rooms.found(PERSON, SERVER, newest), *history_rooms.said(FIRST_ID, count // 2))
    return {name: _sql(statement, **values) for name, (statement, values) in asked}


def _sql(statement: str, **values: Any) -> Ask:  # noqa: ANN401 - parameters of SQL
    return lambda connection: connection.execute(statement, values).fetchall()


def _used(limit: Limit, connection: sqlite3.Connection) -> int:
    return spending.used(connection, limit)


def _claim() -> Claim:
    """Return whose limits an order of /imagine is checked against: all meters, and ten roles."""
    caps = Policy(tuple((meter, 10**12) for meter in Meter))
    terms = Terms(caps, caps, caps, ZONES["Kathmandu"])
    return Claim(terms, PERSON, SERVER, frozenset(range(PERSON + 100, PERSON + 110)))


def _order(count: int, limits: Limits, connection: sqlite3.Connection) -> None:
    """Open a job as /imagine does, and take it back."""
    opened = job(count)
    values = job_rows.job_to_values(opened, NOW) | {"lease_owner": "me", "lease_until": to_micros(NOW)}
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(jobs.INSERT, values)
        room.check(connection, opened.id, opened, Bounds(of_all=999, per_server=999, per_person=999))
        calls.insert_planned(connection, opened.id, opened.plan)
        ledger.hold(connection, opened.id, opened, opened.held, limits, NOW)
    finally:
        connection.execute("ROLLBACK")


def take(connection: sqlite3.Connection, ask: Ask) -> Taken:
    """Ask, and see what it took."""
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    ask(connection)
    connection.set_trace_callback(None)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(step, 1)
    ask(connection)
    connection.set_progress_handler(None, 1)
    times: list[float] = []
    for _ in range(RUNS):
        started_at = time.perf_counter()
        ask(connection)
        times.append(time.perf_counter() - started_at)
    return Taken(steps, min(times) * 1e6, tuple(dict.fromkeys(_plan(connection, statements))))


def _plan(connection: sqlite3.Connection, statements: Iterable[str]) -> Iterable[str]:
    """Yield how SQLite finds the rows of statements."""
    for statement in statements:
        if statement.lstrip().startswith(("SELECT", "WITH")):  # not "--": the full-text index's own
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
                if row["detail"].startswith(("SEARCH", "SCAN")):
                    yield row["detail"]


def measure(sizes: Sequence[int]) -> dict[str, list[Taken]]:
    """Return what every question took, by the length of the history."""
    found: dict[str, list[Taken]] = {}
    for count in sizes:
        with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
            path = Path(folder) / "easel.db"
            fill(path, count)
            with closing(files.connect(path)) as connection:
                connection.row_factory = sqlite3.Row
                for name, ask in questions(count).items():
                    found.setdefault(name, []).append(take(connection, ask))
    return found


def table(sizes: Sequence[int], found: dict[str, list[Taken]]) -> str:
    """Return it all as a table in Markdown."""
    heads = ["asked for", *(f"steps, {size:,}" for size in sizes), f"µs, {sizes[0]:,}", f"µs, {sizes[-1]:,}"]
    rows = [[*heads, "plan"], ["---"] * (len(heads) + 1)]
    for name, taken in found.items():
        steps = [str(one.steps) for one in taken]
        times = [f"{one.fastest_us:.0f}" for one in (taken[0], taken[-1])]
        rows.append([name, *steps, *times, "; ".join(taken[-1].plan)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def grown(found: dict[str, list[Taken]]) -> dict[str, tuple[int, int]]:
    """Return the questions that take more the longer the history is."""
    return {
        name: (taken[-2].steps, taken[-1].steps)
        for name, taken in found.items()
        if taken[-1].steps > GROWTH * taken[-2].steps
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="the smallest form: does it work at all?")
    sizes = TINY if parser.parse_args().tiny else SIZES
    found = measure(sizes)
    print(f"{table(sizes, found)}\n\nNot flat: {grown(found) or 'none'}.")


if __name__ == "__main__":
    main()
