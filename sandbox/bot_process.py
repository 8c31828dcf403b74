"""The unmodified bot as a process of its own, pointed at the sandbox."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

STOP_S = 30.0
INHERITED = frozenset({"HOME", "LANG", "PATH", "PYTHONPATH", "PYTHONWARNINGS", "TERM", "TMPDIR", "TZ"})
"""What a process needs of its surroundings. The settings of a real bot, its database among them, stay out;
those of `.env` too, since the process runs in its own data folder."""


class BotProcess:
    """Starts `python -m bot run`, ends it with SIGTERM, starts it again."""

    def __init__(
        self,
        environment: Mapping[str, str],
        command: tuple[str, ...] = ("-m", "bot", "run"),
        *,
        folder: Path | None = None,
    ) -> None:
        self._folder = folder
        self._environment = environment
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """Return how the last process ended, negative for a signal; None while there is none ended."""
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        """Start the process unless it runs."""
        async with self._turn:
            await self._start()

    async def stop(self, timeout_s: float = STOP_S) -> None:
        """Ask the process to end, and kill it if it has not within `timeout_s`."""
        async with self._turn:
            await self._stop(timeout_s)

    async def restart(self) -> None:
        """End the process and start it anew."""
        async with self._turn:
            await self._stop(STOP_S)
            await self._start()

    async def wait(self) -> int | None:
        """Wait for the process to end by itself and return its exit code."""
        return await self._process.wait() if self._process else None

    async def _start(self) -> None:
        if self.is_running:
            return
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        # A session of its own: Ctrl-C reaches the sandbox alone, which then ends the bot in order.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            env={**_inherited(), **self._environment},
            cwd=self._folder,
            start_new_session=True,
        )

    async def _stop(self, timeout_s: float) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(timeout_s):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in INHERITED}
