"""`easel run` in processes forked from one that is ready to run, as becoming so takes the longest."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping

FORKS = multiprocessing.get_context("forkserver")


def _prepare() -> None:
    """Start the process that bots are forked from; it finds modules by PYTHONPATH alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        FORKS.set_forkserver_preload(["preloaded"])
        forkserver.ensure_running()


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
        _prepare()
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
