"""The whole bot on a virtual clock, between a Discord and a provider that fail: one seed, one history."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import random
import sqlite3
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
import discord.http
import httpx
import pytest
import stamina
import tenacity
from discord.http import Route
from people_kit import press, slash
from provider_kit import FLUX, GEMINI, MINI, pages
from sim_discord import BASE, Discord, Interaction, aiohttp_of
from sim_model import Model
from sim_storage import Killed, Life, Shelf, VirtualDatabase
from virtual_time import EPOCH, Clock, VirtualLoop, clocked

from bot.app.client import Easel
from bot.domain.jobs import UNFINISHED
from bot.services.queue import JobQueue
from bot.settings import Settings
from bot.storage import blobs
from bot.storage.blobs import Blobs
from bot.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from bot.model.catalogue import Catalogue

run, house, resources, desk, reviewing, drawing = (
    importlib.import_module(f"bot.app.{name}")
    for name in ("run", "house", "resources", "desk", "reviewing", "drawing")
)
"""Modules by their path: the package has a function of the first one's name."""
PEOPLE = range(200, 260)
EVERY_S = 5.0
"""How far orders are apart, on average."""
DOWN_S = (2.0, 40.0)
"""How long it takes until a dead process is started again."""
KILL_EVERY = 100
"""Orders between two kills: with some five under way, each strikes one job in twenty."""
PATIENCE_S = 3600.0
"""How long the last orders are waited for; whatever is not over then never will be."""
CANARY = "canary-of-a-prompt"
TOKEN, KEY = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.canary-of-the-bot", "sk-or-v1-canary-of-the-key"
DISCORD_EPOCH_MS = 1_420_070_400_000
LIMITS = {
    "CAPTION_RESULTS": "false",
    "DEFAULT_USD_PER_MONTH": "none",
    "DEFAULT_IMAGES_PER_DAY": "none",
    "GLOBAL_USD_PER_DAY": "none",
    "COOLDOWN_AFTER": "1000",
    "MAX_JOBS_PER_SERVER": "1000",
    "MAX_WAITING_JOBS": "1000",
    "RAID_ACCOUNTS": "none",
}


@dataclass
class Order:
    """Somebody's wish, and what Discord tells of it."""

    at_s: float
    job_id: int
    user_id: int
    options: dict[str, Any]
    twice: bool
    cancel_after_s: float | None
    arrived: bool = False
    cut: bool = False
    """Whether the process died while this was under way."""

    @property
    def token(self) -> str:
        return f"order-{self.job_id}"


@dataclass
class Simulation:
    """A world and the processes that live in it, one after another."""

    seed: int
    jobs: int
    folder: Path
    clock: Clock = field(default_factory=Clock)
    thorns: float = 0.0
    """How often, besides, a call of the outside raises what nobody foresaw."""
    kills: list[float] = field(default_factory=list[float])
    struck: int = 0
    surprises: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.rng, of_discord, of_model, of_shelf = (
            random.Random(5 * self.seed + n)  # noqa: S311 - a seed is what makes a history
            for n in range(4)
        )
        self.discord = Discord(self.clock, of_discord)
        self.model = Model(of_model)
        self.shelf = Shelf(of_shelf)
        self.started_at = EPOCH.timestamp()
        self.orders = list(self._orders())
        last = self.orders[-1].at_s
        outages = [self.rng.uniform(0, last) for _ in range(self.jobs // 2500)]
        self.discord.outages = [(start, start + self.rng.uniform(60, 240)) for start in outages]
        self.deaths = sorted(self.rng.uniform(0, last + 30) for _ in range(max(2, self.jobs // KILL_EVERY)))
        self._next = 0

    def _orders(self) -> Iterator[Order]:
        at_s = 1.0
        for n in range(self.jobs):
            at_s += self.rng.expovariate(1 / EVERY_S)
            job_id = ((int(EPOCH.timestamp() * 1000 + at_s * 1000) - DISCORD_EPOCH_MS) << 22) + n % 4096
            model = self.rng.choices((MINI, FLUX, GEMINI), (8, 1, 1))[0]
            options: dict[str, Any] = {
                "prompt": f"job {job_id} {CANARY}",
                "count": self.rng.choice((1, 1, 1, 2, 4)),
            }
            if model is not MINI:
                options |= {"model": model, "count": self.rng.choice((1, 2))}
            cancel = self.rng.uniform(0.5, 20) if self.rng.random() < 0.02 else None
            yield Order(at_s, job_id, self.rng.choice(PEOPLE), options, self.rng.random() < 0.01, cancel)

    def run(self) -> None:
        """Let one process after another live until every order has its end."""
        with pytest.MonkeyPatch.context() as patch:
            self._bend(patch)
            while True:
                self.life = Life(self.rng, self.thorns)
                self.database = VirtualDatabase(self.folder / "easel.db", self.life, self.rng)
                with asyncio.Runner(loop_factory=lambda: VirtualLoop(self.clock)) as runner:
                    is_over = runner.run(self._live(patch))
                    self.life.is_over = True
                if is_over:
                    return
                self.database.close()
                self.clock.seconds += self.rng.uniform(*DOWN_S)

    def _bend(self, patch: pytest.MonkeyPatch) -> None:
        """Put the virtual clock and the made-up outside in the place of the real ones."""
        random.seed(5 * self.seed + 4)
        for module in (run, house, resources, desk, reviewing, drawing):
            patch.setattr(module, "now", self.clock.now)
        patch.setattr(drawing, "JobQueue", partial(JobQueue, timer=self.clock.monotonic))
        patch.setattr(tenacity, "time", clocked(time, self.clock))
        patch.setattr(discord.utils, "utcnow", self.clock.now)
        patch.setattr(Database, "open", self._database)
        patch.setattr(Blobs, "open", self._blobs)
        patch.setattr(blobs, "obstore", self.shelf)
        patch.setattr(resources, "open_client", self._http)
        patch.setattr(resources, "kept_catalogue", self._catalogue)
        patch.setattr(Route, "BASE", BASE)
        patch.setattr(discord.VoiceClient, "warn_nacl", False)
        patch.setattr(discord.VoiceClient, "warn_dave", False)
        patch.setattr(Easel, "stay_connected", self._stay_connected)
        stamina.set_testing(testing=False)

    async def _stay_connected(self, *_: object) -> None:
        self.online.set()
        await asyncio.Event().wait()

    async def _live(self, patch: pytest.MonkeyPatch) -> bool:
        """Be one process; return whether it ended because nothing was left to do."""
        try:
            async with AsyncExitStack() as stack:
                return await self._serve(patch, stack)
        except (OSError, RuntimeError, sqlite3.OperationalError):
            if not self.thorns:
                raise
            return False  # made to fail at its start; the next one may fare better

    async def _serve(self, patch: pytest.MonkeyPatch, stack: AsyncExitStack) -> bool:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(partial(self._surprised, self.life))
        patch.setattr(discord.http, "aiohttp", aiohttp_of(self.discord.session(self.life)))
        self.online, stopped, cut = asyncio.Event(), asyncio.Event(), asyncio.Event()
        settings = Settings.load(_settings(self.folder))
        home = await run.build(settings, await resources.Resources.open(settings, stack))
        self.bot: Any = home._bot
        if self.deaths:
            loop.call_at(max(self.deaths.pop(0), loop.time() + 0.05), self._die, cut)
        serving = asyncio.create_task(home.serve_until(stopped), name="process")
        feeding = asyncio.create_task(self._feed(stopped), name="people")
        cutting = asyncio.create_task(cut.wait(), name="power")
        await asyncio.wait({serving, cutting}, return_when=asyncio.FIRST_COMPLETED)
        if cut.is_set():
            home._queue._closed = True  # as its jobs are cancelled, the dead would start those that wait
            return False
        cutting.cancel()
        await serving
        await feeding
        return True

    def _die(self, cut: asyncio.Event) -> None:
        """Be killed: from now on nothing this process does reaches anybody."""
        self.life.is_over = True
        self.kills.append(self.clock.seconds)
        names = ", ".join(f"'{state.value}'" for state in UNFINISHED)
        rows = self.database.rows(f"SELECT id FROM job WHERE state IN ({names})")  # noqa: S608 - our own words
        struck = {row["id"] for row in rows}
        self.struck += len(struck)
        for order in self.orders[max(0, self._next - 200) : self._next]:
            order.cut |= order.job_id in struck or self.clock.seconds - order.at_s < 10
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.leave_time()
        cut.set()

    def _surprised(self, life: Life, _loop: object, context: dict[str, Any]) -> None:
        """Note what a process did not foresee; what the dead leave behind may be found in a later life."""
        error = context.get("exception")
        if not life.is_over and not isinstance(error, Killed):
            self.surprises.append(f"{context.get('message')}: {error!r}")

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.model.serve(self.life), trust_env=False)

    async def _database(self, _url: str) -> VirtualDatabase:
        return self.database

    async def _blobs(self, _url: str) -> Blobs:
        return Blobs(self.life)  # pyright: ignore[reportArgumentType] - the shelf asks whether it lives

    @asynccontextmanager
    async def _catalogue(self, catalogue: Catalogue, *_: object) -> AsyncGenerator[None]:
        catalogue.load(json.dumps(pages()))
        yield

    async def _feed(self, stopped: asyncio.Event) -> None:
        """Let people ask, as long as somebody is there to hear them; then wait for the last answer."""
        loop = asyncio.get_running_loop()
        await self.online.wait()
        while self._next < len(self.orders):
            order = self.orders[self._next]
            self._next += 1
            if order.at_s < loop.time():
                continue  # Discord says by itself that the application did not respond
            await asyncio.sleep(order.at_s - loop.time())
            if not self.discord.is_down():
                self._ask(order)
        until = loop.time() + PATIENCE_S
        while (self._unfinished() or self._to_be_asked()) and loop.time() < until:  # noqa: ASYNC110 - the books tell nobody
            await asyncio.sleep(10)
        stopped.set()

    def _ask(self, order: Order) -> None:
        loop = asyncio.get_running_loop()
        self.discord.interactions[order.token] = Interaction(loop.time(), order.job_id)
        order.arrived = True
        for _ in range(2 if order.twice else 1):
            payload = slash("imagine", order.options, user_id=order.user_id, token=order.token)
            payload["id"] = str(order.job_id)
            self.bot._connection.parse_interaction_create(payload)
        if order.cancel_after_s is not None:
            loop.call_later(order.cancel_after_s, self._cancel, order)

    def _cancel(self, order: Order) -> None:
        """Press Cancel on a card that is still there."""
        card = self.discord.interactions[order.token].message
        if self.life.is_over or card is None or card.is_deleted or not card.is_work:
            return
        token = f"press-{order.job_id}"
        self.discord.interactions[token] = Interaction(self.clock.seconds, order.job_id, card)
        payload = press(f"v1:cancel:{order.job_id}", user_id=order.user_id, token=token)
        payload["id"], payload["message"]["id"] = str(order.job_id + 5000), str(card.id)
        self.bot._connection.parse_interaction_create(payload)

    def _unfinished(self) -> int:
        names = ", ".join(f"'{state.value}'" for state in UNFINISHED)
        (row,) = self.database.rows(f"SELECT COUNT(*) FROM job WHERE state IN ({names})")  # noqa: S608 - our own words
        return int(row[0])

    def _to_be_asked(self) -> int:
        """Return of how many calls the provider is to say now what they cost."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        (row,) = self.database.rows(f"SELECT COUNT(*) FROM call WHERE ask_at <= {now}")  # noqa: S608 - a number
        return int(row[0])

    def digest(self) -> str:
        """Return a hash of everything that has come of it."""
        told = [(one.id, one.job_id, one.is_deleted, one.pictures) for one in self.discord.messages.values()]
        rows = [tuple(row) for row in self.database.rows("SELECT id, state, updated_at FROM job ORDER BY id")]
        return hashlib.sha256(repr((told, rows, self.model.asked, self.clock.seconds)).encode()).hexdigest()

    def strikes(self) -> Counter[str]:
        """Return how often each fault struck."""
        return self.model.faults + self.discord.faults + Counter({"killed": self.struck})


def _settings(folder: Path) -> dict[str, str]:
    models = f"{MINI},{FLUX},{GEMINI}"
    keys = {"DISCORD_TOKEN": TOKEN, "OPENROUTER_API_KEY": KEY, "IMAGE_MODELS": models}
    return {**LIMITS, **keys, "DATA_DIR": str(folder)}
