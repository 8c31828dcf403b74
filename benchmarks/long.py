"""Measures over time: taking up what a crash left (P16), and an hour's slope from a soak (P17)."""

from __future__ import annotations

import asyncio
import importlib
import signal
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks import proc
from benchmarks.load import crowd_draws, draw
from benchmarks.pictures import MIB
from benchmarks.stage import BARE, EASEL, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.figures import Values
    from benchmarks.proc import Cores
    from benchmarks.scale import Scale
    from benchmarks.stage import Contender, Stage

SMALL_BYTES = 16 * 1024
UNDER_WAY = "SELECT COUNT(*) FROM job WHERE state IN ('queued', 'sent', 'produced', 'delivered')"
GUARDS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
"""What keeps the ledger from being written over, which is just what setting it back is."""
STEP = importlib.import_module("migrations.versions.0003_words_and_more")
SUM_AGAIN = ("DELETE FROM spent", *(sql for sql in STEP.SUMMED if "TRIGGER" not in sql))
UNSETTLE = (
    "DELETE FROM ledger WHERE kind = 'settle'",
    "UPDATE job SET state = 'delivered', cost_microusd = 0",
    *SUM_AGAIN,
)
BREAK_OFF = (
    "DELETE FROM ledger WHERE kind = 'settle'",
    "DELETE FROM picture",
    "UPDATE call SET state = 'sent', cost_microusd = 0, ended_at = NULL, generation_id = NULL",
    "UPDATE job SET state = 'sent', cost_microusd = 0, card_channel_id = NULL, card_message_id = NULL",
    *SUM_AGAIN,
)
"""What turns settled jobs back into those that a crash leaves."""


async def recovery(cores: Cores, scale: Scale) -> list[tuple[str, Values]]:
    """P16: from the start until no job is under way, less what a start with nothing to do takes."""
    async with opened(EASEL, cores, picture_bytes=SMALL_BYTES, latency_s=0) as stage:
        await stage.start()
        at_once = min(50, scale.jobs)
        await crowd_draws(stage, at_once, scale.jobs // at_once)
        await stage.settled()
        idle = await _taken_up(stage, ())
        delivered = await _taken_up(stage, UNSETTLE)
        sent = await _taken_up(stage, BREAK_OFF)
    return [("P16", {"easel": delivered - idle}), ("P16 sent", {"easel": sent - idle})]


async def _taken_up(stage: Stage, statements: Sequence[str]) -> float:
    """Kill the bot, turn its jobs back, start it, and return how long it takes until all have ended."""
    await stage.stop(signal.SIGKILL)
    with closing(sqlite3.connect(stage.database, isolation_level=None)) as connection:
        guards: list[tuple[str, str]] = connection.execute(GUARDS).fetchall()
        undo = [f"DROP TRIGGER {name}" for name, _ in guards]
        for sql in (*undo, *statements, *(guard for _, guard in guards)):
            connection.execute(sql)
    started_at = time.monotonic()
    await stage.start()
    uri = f"file:{stage.database}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        async with asyncio.timeout(120):
            while connection.execute(UNDER_WAY).fetchone()[0]:  # noqa: ASYNC110 - another process's database has no event
                await asyncio.sleep(0.02)
    return time.monotonic() - started_at


async def soak(cores: Cores, scale: Scale) -> list[tuple[str, Values]]:
    """P17: small pictures at an even pace; the slope is that of the second half."""
    rss: Values = {}
    files: Values = {}
    logs: Values = {}
    for contender in (BARE, EASEL):
        seen = await _soaked(contender, cores, scale)
        half = seen[len(seen) // 2 :]
        rss[contender.name] = _slope([(at_s, memory) for at_s, memory, _, _ in half]) * 3600 / MIB
        files[contender.name] = half[-1][2] - half[0][2]
        logs[contender.name] = max(size for *_, size in seen) / MIB
    return [("P17 rss", rss), ("P17 files", files), ("P17 wal", {"easel": logs["easel"]})]


async def _soaked(contender: Contender, cores: Cores, scale: Scale) -> list[tuple[float, float, int, int]]:
    """Return, for each second: the time, memory, open files and the size of the write-ahead log."""
    seen: list[tuple[float, float, int, int]] = []
    async with opened(contender, cores, picture_bytes=SMALL_BYTES, latency_s=0.2) as stage:
        await stage.start()
        people = stage.people()
        log = stage.database.with_name("easel.db-wal")
        started_at = time.monotonic()
        async with asyncio.TaskGroup() as orders:
            number = 0
            while (now_s := time.monotonic() - started_at) < scale.soak_s:
                orders.create_task(draw(stage, people[number % len(people)]))
                number += 1
                if now_s >= len(seen):
                    size = log.stat().st_size if log.exists() else 0
                    seen.append((now_s, proc.rss_bytes(stage.pid), proc.open_files(stage.pid), size))
                await asyncio.sleep(max(0.0, number / scale.soak_per_s - now_s))
    return seen


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the line that fits points best."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0
