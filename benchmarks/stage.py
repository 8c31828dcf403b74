"""Where a contender is measured: the loopback Discord and model on one core, the bot's process on another."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import proc
from benchmarks.model import MODEL_ID, FixedModel
from sandbox.discord.entities import Message
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from benchmarks.proc import Cores
    from sandbox.discord.entities import Channel, Guild, Json
    from sandbox.discord.people import Person

ROOT = Path(__file__).parents[1]
START_S, STOP_S = 60.0, 30.0
PEOPLE = 50
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


def places_for(calls: int) -> str:
    """Return the MAX_RUNNING_CALLS of which one model takes so many: seven in eight are the most."""
    return str(calls * 8 // 7 + 2)


UNLIMITED = {
    "DEFAULT_IMAGES_PER_DAY": "",
    "DEFAULT_USD_PER_MONTH": "",
    "GLOBAL_USD_PER_DAY": "",
    "MAX_RUNNING_CALLS": places_for(100),
    "MAX_WAITING_JOBS": "100000",
    "MAX_JOBS_PER_SERVER": "100000",
    "RAID_ACCOUNTS": "none",
    "MAX_JOBS_PER_PERSON": "100000",
    "MAX_RUNNING_JOBS_PER_PERSON": "100000",
    "DRAIN_SECONDS": "1",
    "LOG_FORMAT": "json",
}
"""The limits that a load test would run into. All else is as delivered."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A bot that can be measured."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()


EASEL = Contender("easel", "bot", ("run",))
BARE = Contender("bare", "benchmarks.bare")


class Watch:
    """Notes when messages changed, as Discord's gateway would tell it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._changed_at: dict[int, float] = {}
        self._waiting: dict[int, asyncio.Event] = {}
        self._tell = sandbox.world.emit
        sandbox.world.emit = self._emit

    def _emit(self, event: str, place: Channel | Guild | None, data: Json | Message) -> None:
        if event == "MESSAGE_UPDATE" and isinstance(data, Message):
            self._changed_at[data.id] = time.monotonic()
            self._waiting.setdefault(data.id, asyncio.Event()).set()
        self._tell(event, place, data)

    async def changed_at(self, message: Message, *, with_files: bool) -> float:
        """Return when a message was edited, with files or anyhow; waits where it was not yet."""
        while True:
            await self._waiting.setdefault(message.id, asyncio.Event()).wait()
            del self._waiting[message.id]
            changed_at = self._changed_at.pop(message.id)
            if message.attachments or not with_files:
                return changed_at


@dataclass
class Stage:
    """A contender's process between the loopback servers."""

    contender: Contender
    sandbox: Sandbox
    model: FixedModel
    watch: Watch
    cores: Cores
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    _process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Return the process's id."""
        if self._process is None:
            raise RuntimeError("the contender does not run")
        return self._process.pid

    @property
    def database(self) -> Path:
        """Return Easel's database."""
        return self.folder / "easel.db"

    async def start(self) -> float:
        """Start the process and return how many seconds it took until it was ready for people."""
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {**self.sandbox.environment(), **UNLIMITED, **self.settings}
        environment |= {"PYTHONPATH": str(ROOT), "IMAGE_MODELS": MODEL_ID, "DATA_DIR": str(self.folder)}
        environment |= {"CAPTION_RESULTS": "false"}  # pictures alone are measured
        environment |= {"OPENROUTER_BASE_URL": self.model.url}
        started_at = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", self.contender.module, *self.contender.arguments),
                env=environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        os.sched_setaffinity(self._process.pid, {self.cores.measured})
        world = self.sandbox.world
        await world.changed.until(lambda: world.online_sessions > 0 and world.commands, START_S)
        return time.monotonic() - started_at

    @property
    def log(self) -> Path:
        """Return what the process wrote."""
        return self.folder / "log"

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(how)
        async with asyncio.timeout(STOP_S):
            await process.wait()
        world = self.sandbox.world
        await world.changed.until(lambda: world.online_sessions == 0, STOP_S)

    def people(self) -> list[Person]:
        """Return the members of the server, each at their client."""
        world = self.sandbox.world
        guild = world.channel("studio").guild
        if guild is None:
            raise RuntimeError("the studio belongs to no server")
        missing = PEOPLE - len(guild.members)
        for number in range(max(0, missing)):
            world.add_member(guild, world.add_user(f"Guest {number}"))
        return [
            world.person(member.user.display_name)
            for member in guild.members.values()
            if not member.user.is_bot
        ]

    def forget(self, message: Message) -> None:
        """Let the servers forget a message's files, so that their memory stays small."""
        for attachment in message.attachments:
            self.sandbox.world.attachments.pop(attachment.id, None)
        message.attachments.clear()
        self.sandbox.world.requests.clear()

    async def settled(self, quiet_s: float = 0.3) -> None:
        """Wait until the process has nothing left to do."""
        before = -1.0
        while (now := proc.cpu_s(self.pid)) - before > 0.02:
            before = now
            await asyncio.sleep(quiet_s)


@asynccontextmanager
async def opened(
    contender: Contender,
    cores: Cores,
    *,
    latency_s: float = 1.0,
    picture_bytes: int,
    settings: Mapping[str, str] | None = None,
) -> AsyncGenerator[Stage]:
    """Yield a stage on fresh data whose contender is not started yet; on the way out it is killed."""
    model = FixedModel(latency_s=latency_s, picture_bytes=picture_bytes)
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        async with Sandbox(port=0, page=False, data_dir=Path(folder)) as sandbox, model.serving():
            sandbox.world.limits.enabled = False
            watch = Watch(sandbox)
            stage = Stage(contender, sandbox, model, watch, cores, Path(folder), settings or {})
            try:
                yield stage
            finally:
                await stage.stop(signal.SIGKILL)
