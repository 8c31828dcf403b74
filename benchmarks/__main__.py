"""`python -m benchmarks`: measure, print the table, write results.json."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import bots, long, proc, talks
from benchmarks.figures import gather, table
from benchmarks.rooms import Rooms, all_rooms
from benchmarks.scale import FULL, TINY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from benchmarks.figures import Outcome, Values

    Measure = Callable[[], Awaitable[list[tuple[str, Values]]]]

RESULTS = Path(__file__).with_name("results.json")
ONCE = frozenset({"soak"})
"""Measures whose length replaces their repetition."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each measure (default %(default)s)")
    parser.add_argument("--only", help="measures to take, separated by commas")
    parser.add_argument("--soak", type=int, metavar="SECONDS", help="length of the soak (default 120)")
    parser.add_argument("--tiny", action="store_true", help="the smallest form: does it work at all?")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the results go")
    return parser.parse_args(arguments)


def measures(cores: proc.Cores, *, is_tiny: bool, soak_s: int | None = None) -> dict[str, Measure]:
    """Return every measure by name, the quick ones first."""
    scale = TINY if is_tiny else FULL
    scale = replace(scale, soak_s=soak_s or scale.soak_s)
    rooms = Rooms(cores, is_tiny=is_tiny)
    return {
        "rooms": partial(all_rooms, rooms),
        "starts": partial(bots.starts, cores, scale),
        "idle": partial(bots.idle, cores, scale),
        "texts": partial(bots.texts, cores, scale),
        "flood": partial(bots.flood, cores, scale),
        "mentions": partial(talks.mentions, cores, scale),
        "few": partial(bots.few, cores, scale),
        "held": partial(bots.held, cores, scale),
        "recovery": partial(long.recovery, cores, scale),
        "busy": partial(bots.busy, cores, scale, rooms),
        "heavy": partial(bots.heavy, cores, scale),
        "soak": partial(long.soak, cores, scale),
    }


async def run(given: argparse.Namespace, cores: proc.Cores) -> list[Outcome]:
    """Take the measures, run after run, so that a slow minute of the machine meets all contenders alike."""
    chosen = measures(cores, is_tiny=given.tiny, soak_s=given.soak)
    if given.only:
        chosen = {name: chosen[name] for name in given.only.split(",")}
    measured: list[tuple[str, Values]] = []
    for number in range(given.runs):
        for name, take in chosen.items():
            if number and name in ONCE:
                continue
            started_at = time.monotonic()
            measured += await take()
            print(f"run {number + 1}: {name} took {time.monotonic() - started_at:.0f} s", flush=True)
    return gather(measured)


def machine() -> dict[str, object]:
    """Say what the figures were taken on."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    memory_kib = int(next(line for line in _lines("/proc/meminfo") if line.startswith("MemTotal")).split()[1])
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kib / 2**20, 1),
        "python": platform.python_version(),
        "system": platform.platform(),
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def _lines(name: str) -> list[str]:
    return Path(name).read_text().splitlines()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write."""
    given = parse(arguments)
    cores = proc.Cores.choose()
    before = machine()
    os.sched_setaffinity(0, {cores.servers})
    started_at, foreign_s = time.monotonic(), proc.foreign_cpu_s()
    outcomes = asyncio.run(run(given, cores))
    others = (proc.foreign_cpu_s() - foreign_s) / (time.monotonic() - started_at)
    print(f"{table(outcomes)}\n\nOthers on this machine used {others:.2f} cores meanwhile.")
    figures = {outcome.figure.key: _kept(outcome) for outcome in outcomes}
    kept = {"machine": before, "cores_used_by_others": round(others, 2), "figures": figures}
    given.output.write_text(json.dumps(kept, indent=1) + "\n")


def _kept(outcome: Outcome) -> dict[str, object]:
    """Return a figure as it is written down."""
    return {
        "ratio": outcome.ratio,
        "is_ahead": outcome.is_ahead,
        "median": {name: outcome.median(name) for name in ("bare", "easel", "limit")},
        "runs": outcome.runs,
    }


if __name__ == "__main__":
    main()
