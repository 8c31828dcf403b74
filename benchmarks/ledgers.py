"""P10: jobs opened with their price held, by Easel's storage, by awaited statements, and without a loop."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import aclosing, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosqlite

import migrations
from bot.domain.capabilities import Plan, PlannedCall, Transport
from bot.domain.jobs import Job, JobState, Origin
from bot.domain.quotas import Charge, Limit, Meter, Owner, Window
from bot.domain.requests import PictureRequest
from bot.errors import QuotaExceeded
from bot.storage import calls, job_rows, ledger, spent
from bot.storage.database import Database
from bot.storage.jobs import INSERT, Jobs

if TYPE_CHECKING:
    from benchmarks.figures import Values
    from benchmarks.scale import Scale

ROOT = Path(__file__).parents[1]
PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")
AT_ONCE = 200
FEW = 50
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=12), NOW + timedelta(hours=12))
FIRST_ID = 1_300_000_000_000_000_000


def job(number: int) -> Job:
    """Return a job as /imagine opens it."""
    plan = Plan("openai/gpt-5-image-mini", Transport.IMAGES, (PlannedCall(0, 1, None),), 50_000)
    return Job(
        id=FIRST_ID + number,
        state=JobState.QUEUED,
        user_id=7,
        guild_id=70,
        channel_id=700,
        request=PictureRequest("a lighthouse at dusk"),
        plan=plan,
        held=Charge(1, 50_000),
        origin=Origin(99, "token", NOW + timedelta(minutes=15), 20 * 2**20),
        created_at=NOW,
    )


def limits(cap: int) -> tuple[Limit, ...]:
    """Return the three limits of a default installation, all as wide as `cap` pictures."""
    return (
        Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, cap, WINDOW, 7, 70),
        Limit(Owner.PERSON, Meter.USD_PER_MONTH, cap * 50_000, WINDOW, 7, 70),
        Limit(Owner.OPERATOR, Meter.USD_PER_DAY, cap * 50_000, WINDOW),
    )


async def hold(scale: Scale) -> Values:
    """Return the rates, and how many more than allowed Easel granted where few were left."""
    rounds = max(1, scale.repeats // 2)
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        urls = [f"sqlite:///{folder}/{name}.db" for name in ("easel", "bare", "limit")]
        for url in urls:
            migrations.upgrade(url, backups=Path(folder) / "backups")
        async with aclosing(await Database.open(urls[0])) as database:
            jobs = Jobs(database)
            easel, _ = await _at_once(jobs, rounds, cap=10**9)
            _, granted = await _at_once(jobs, 1, cap=AT_ONCE * rounds + FEW, first=AT_ONCE * rounds)
        bare = await _awaited(Path(folder) / "bare.db", rounds)
        limit = await asyncio.to_thread(_in_a_row, Path(folder) / "limit.db", rounds)
    return {"easel": easel, "bare": bare, "limit": limit, "over": granted - FEW}


async def _at_once(jobs: Jobs, rounds: int, *, cap: int, first: int = 0) -> tuple[float, int]:
    """Open many jobs at one moment, a few times over; return how many a second, and how many were granted."""
    granted = 0

    async def opened(number: int) -> bool:
        try:
            return await jobs.open(job(number), limits(cap), NOW)
        except QuotaExceeded:
            return False

    started_at = time.perf_counter()
    for turn in range(rounds):
        numbers = range(first + turn * AT_ONCE, first + (turn + 1) * AT_ONCE)
        granted += sum(await asyncio.gather(*map(opened, numbers)))
    return rounds * AT_ONCE / (time.perf_counter() - started_at), granted


def _statements(number: int) -> list[tuple[str, dict[str, Any]]]:
    """Return what opening a job takes: the same statements for all."""
    opened = job(number)
    now = int(NOW.timestamp() * 1_000_000)
    midnight = now - now % spent.DAY
    bounds = {"starts_at": midnight, "ends_at": midnight + spent.DAY, "user_id": 7, "guild_id": 70}
    values = job_rows.job_to_values(opened, NOW) | {"lease_owner": "me", "lease_until": now}
    owners = dict.fromkeys(limit.owner.value for limit in limits(10**9))  # one window each: added up once
    used = [(spent.WHOLE, {**bounds, "owner": owner, "unit": spent.DAY}) for owner in owners]
    money = {"job_id": opened.id, "user_id": 7, "guild_id": 70, "images": 1, "microusd": 50_000, "now": now}
    money |= {"messages": 0, "anchor_at": now}
    call = {"job_id": opened.id, "ordinal": 0, "count": 1, "seed": None}
    return [(INSERT, values), (calls.INSERT, call), *used, (ledger.HOLD, money)]


async def _awaited(path: Path, rounds: int) -> float:
    """Do it as most bots do: one connection, one await a statement, a lock around them."""
    lock = asyncio.Lock()
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        for pragma in PRAGMAS:
            await connection.execute(pragma)

        async def opened(number: int) -> None:
            async with lock:
                await connection.execute("BEGIN IMMEDIATE")
                for sql, values in _statements(number):
                    await (await connection.execute(sql, values)).fetchall()
                await connection.execute("COMMIT")

        started_at = time.perf_counter()
        for turn in range(rounds):
            await asyncio.gather(*(opened(turn * AT_ONCE + number) for number in range(AT_ONCE)))
        return rounds * AT_ONCE / (time.perf_counter() - started_at)


def _in_a_row(path: Path, rounds: int) -> float:
    """Do it with nothing around it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        started_at = time.perf_counter()
        for number in range(rounds * AT_ONCE):
            connection.execute("BEGIN IMMEDIATE")
            for sql, values in _statements(number):
                connection.execute(sql, values).fetchall()
            connection.execute("COMMIT")
        return rounds * AT_ONCE / (time.perf_counter() - started_at)
