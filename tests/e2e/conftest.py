"""The real bot process, driven as people drive it, through the loopback Discord and model."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bot_kit import BotProcess
from database_kit import empty_database

from sandbox.discord.faults import Fault
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person

__all__ = ["empty_database"]
START_S = 60.0
MODELS = (
    "openai/gpt-5-image-mini",
    "openai/gpt-image-2.5-flare",
    "google/gemini-3.1-flash-image",
    "black-forest-labs/flux.2-pro",
)
KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "COVERAGE_PROCESS_START", "COVERAGE_FILE")


@dataclass
class Bot:
    """One `easel run` after another, on one data folder."""

    sandbox: Sandbox
    data_dir: Path
    settings: dict[str, str] = field(default_factory=dict[str, str])
    process: BotProcess | None = None

    async def start(self, **settings: str) -> None:
        """Start the process and wait until it is connected and has told its commands."""
        await self.spawn(**settings)
        world = self.sandbox.world
        await world.changed.until(lambda: world.online_sessions > 0 and world.commands, START_S)

    async def spawn(self, **settings: str) -> None:
        """Start the process."""
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env |= self.sandbox.environment()
        env |= {"DATA_DIR": str(self.data_dir), "LOG_FORMAT": "json", "DRAIN_SECONDS": "2"}
        env |= {"IMAGE_MODELS": ",".join(MODELS), "CAPTION_RESULTS": "false"}
        env |= self.settings | settings
        self.process = BotProcess(env, self.log)
        await self.process.start()

    @property
    def log(self) -> Path:
        """Return where every process of this bot writes its log."""
        return self.data_dir.parent / "bot.log"

    async def kill(self) -> None:
        """End the process as a power cut would."""
        await self._end(signal.SIGKILL)

    async def killed_before_posting(self, person: Person) -> Interaction:
        """Let somebody order, and end the process when the pictures are there and Discord takes none."""
        faults = self.sandbox.world.faults.rest
        faults.append(Fault("PATCH", "@original", 503, times=1000))
        order = await person.slash("imagine", {"prompt": "a harbour"})
        await self.until_states("produced")
        await self.kill()
        faults.clear()
        return order

    async def stop(self) -> int:
        """Ask the process to stop, and return its exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(how)
        async with asyncio.timeout(60):
            status = await process.wait()
        world = self.sandbox.world
        await world.changed.until(lambda: world.online_sessions == 0, 60)
        return status

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Read the bot's database, beside it."""
        uri = f"file:{self.data_dir / 'easel.db'}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return connection.execute(sql).fetchall()

    def held(self) -> tuple[int, int]:
        """Return what people were charged: pictures and micro-dollars, holds included."""
        ((images, microusd),) = self.rows(
            "SELECT COALESCE(SUM(images), 0), COALESCE(SUM(microusd), 0) FROM ledger"
        )
        return int(str(images)), int(str(microusd))

    def booked(self) -> int:
        """Return what the ledger says the provider charged: to people, and to the operator alone."""
        ((microusd,),) = self.rows("SELECT COALESCE(SUM(microusd + absorbed_microusd), 0) FROM ledger")
        return int(str(microusd))

    def states(self) -> list[str]:
        """Return the states of all jobs, the oldest first."""
        return [str(state) for (state,) in self.rows("SELECT state FROM job ORDER BY created_at, id")]

    async def until_states(self, *states: str, timeout_s: float = 60) -> None:
        """Wait until the jobs stand so."""
        await self.until(lambda: self.states() == list(states), timeout_s)

    async def until_ended(self, timeout_s: float = 60) -> None:
        """Wait until no job is under way."""
        under_way = {"queued", "sent", "produced", "delivered"}
        await self.until(lambda: under_way.isdisjoint(self.states()), timeout_s)

    async def until_priced(self, timeout_s: float = 60) -> None:
        """Wait until the provider was asked what the calls have cost of which nobody heard the end."""
        estimated = "SELECT COUNT(*) FROM call WHERE estimate_microusd > 0"
        await self.until(lambda: self.rows(estimated) == [(0,)], timeout_s)

    async def until(self, reached: Callable[[], bool], timeout_s: float = 60) -> None:
        """Wait until something holds of the database."""
        async with asyncio.timeout(timeout_s):
            while not reached():  # noqa: ASYNC110 - another process's database has no event to wait for
                await asyncio.sleep(0.05)


def document(name: str) -> Path | None:
    """Return an official OpenAPI document that lies beside the checkout, or None where it does not."""
    path = Path(__file__).parents[3] / "shared" / "data" / name
    return path if path.exists() else None


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(
        port=0,
        page=False,
        discord_openapi=document("discord-openapi.json"),
        model_openapi=document("openrouter-openapi.json"),
    ) as running:
        yield running


@asynccontextmanager
async def running_bot(sandbox: Sandbox, data_dir: Path) -> AsyncGenerator[Bot]:
    """Yield a bot that is not started yet, and end what runs of it."""
    bot = Bot(sandbox, data_dir)
    try:
        yield bot
    finally:
        if bot.process is not None:
            await bot.kill()


@pytest.fixture
async def new_bot(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Bot]:
    """Yield a bot that has never been started: it makes its folder and its database itself."""
    async with running_bot(sandbox, tmp_path / "data") as bot:
        yield bot


@pytest.fixture
def idle_bot(new_bot: Bot, empty_database: Path) -> Bot:
    """Return a bot whose database has its tables; making them takes as long as all else of a start."""
    new_bot.data_dir.mkdir(mode=0o700)
    (new_bot.data_dir / "easel.db").write_bytes(empty_database.read_bytes())
    return new_bot


@pytest.fixture
async def bot(idle_bot: Bot) -> Bot:
    await idle_bot.start()
    return idle_bot


@pytest.fixture
def ada(sandbox: Sandbox) -> Person:
    return sandbox.world.person("Ada").at("studio")


@pytest.fixture
def grace(sandbox: Sandbox) -> Person:
    return sandbox.world.person("Grace").at("studio")


@pytest.fixture
def linus(sandbox: Sandbox) -> Person:
    return sandbox.world.person("Linus").at("studio")
