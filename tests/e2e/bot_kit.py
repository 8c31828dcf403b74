"""`easel run` in processes forked from one that has imported the bot, which takes longer than all else."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pkgutil
import sys
from typing import TYPE_CHECKING

import cogs

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping
    from pathlib import Path

COGS = tuple(f"cogs.{found.name}" for found in pkgutil.iter_modules(cogs.__path__))
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "bot.__main__",
        "bot.app",
        "bot.settings",
        "bot.telemetry.logs",
        "alembic.command",
        "migrations.columns",
        *COGS,
    ]
)


def _run(env: Mapping[str, str], log: Path) -> None:
    """Do what `python -m bot run` does, with these settings and nobody's terminal."""
    os.environ.clear()
    os.environ.update(env)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["easel", "run"]
    from bot.__main__ import main

    main()


class BotProcess:
    """One such process, with as much of asyncio's interface as tests need."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self._process = FORKS.Process(target=_run, args=(env, log))

    async def start(self) -> None:
        await asyncio.to_thread(self._process.start)

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    async def wait(self) -> int:
        await asyncio.to_thread(self._process.join)
        assert self._process.exitcode is not None
        return self._process.exitcode
