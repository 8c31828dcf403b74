"""The house below Discord, all of it real; only the provider and the presenter are made up."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import structlog.testing

from bot.domain.jobs import Bounds, Job, Origin
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest, Requester
from bot.images.pool import PicturePool
from bot.model.backend import Backend
from bot.services.caller import Caller
from bot.services.inquiry import Inquiry
from bot.services.planning import Planner
from bot.services.progress import Progress
from bot.services.pseudonyms import Pseudonyms
from bot.services.shelf import Shelf
from bot.services.studio import Studio
from bot.services.workshop import Workshop
from bot.storage import blobs
from bot.storage import database as storage
from bot.storage.blobs import Blobs
from bot.storage.database import Database
from bot.storage.estimates import Estimates
from bot.storage.jobs import Jobs
from bot.storage.leases import Leases
from bot.storage.ledger import Ledger
from bot.storage.pictures import Pictures
from bot.storage.shelf import Shelf as ShelfRows
from bot.storage.strays import Strays
from bot.storage.words import WordsJobs
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from bot.domain.jobs import Call
    from bot.domain.quotas import Reading
    from bot.model.catalogue import Catalogue
    from bot.model.client import OpenRouter
    from bot.services.allowances import Allowances
    from bot.services.authority import Authority
    from bot.services.conduct import Conduct
    from bot.services.describer import Describer
    from bot.services.gate import Gate
    from bot.services.intake import Intake
    from bot.services.moderation import Moderation
    from bot.services.queue import JobQueue
    from bot.services.reviews import Reviews
    from bot.services.safety import BlockedWords
    from bot.services.showing import Showings
    from bot.services.sweeper import Sweeper
    from bot.services.till import Till
    from bot.services.watchfulness import Watchfulness
    from bot.services.wordsmith import Wordsmith
from review_kit import review_rooms
from rooms_kit import (
    build_allowances,
    build_catalogue,
    build_model,
    build_queue,
    build_references,
    words_rooms,
)
from world_kit import STEPS, Board, Fuse, World, ann


@dataclass(repr=False)  # asyncio writes out a fixture's result, for an error that nobody reads
class House:
    """One process: everything between Discord and the provider."""

    world: World
    database: Database
    blobs: Blobs
    pool: PicturePool
    http: httpx.AsyncClient
    catalogue: Catalogue
    jobs: Jobs
    pictures: Pictures
    allowances: Allowances
    planner: Planner
    workshop: Workshop
    queue: JobQueue
    studio: Studio
    shelf: Shelf
    leases: Leases
    inquiry: Inquiry
    metrics: Metrics
    ledger: Ledger
    till: Till
    wordsmith: Wordsmith
    describer: Describer
    words: BlockedWords
    watchfulness: Watchfulness
    gate: Gate
    reviews: Reviews
    conduct: Conduct
    intake: Intake
    moderation: Moderation
    showings: Showings
    sweeper: Sweeper
    authority: Authority

    async def order(
        self,
        request: PictureRequest | str = "a lighthouse",
        who: Requester | None = None,
        *,
        job_id: int | None = None,
        origin: Origin | None = None,
        start: bool = True,
        **more: Any,
    ) -> Job | None:
        """Open a job as a command does, and let it take its turn."""
        asked = PictureRequest(request) if isinstance(request, str) else request
        job = await self.studio.open(
            next(self.world.ids) if job_id is None else job_id,
            who or ann(),
            asked,
            origin or self.origin(),
            **more,
        )
        if job is not None and start:
            self.studio.start(job)
        return job

    async def done(
        self, request: PictureRequest | str = "a lighthouse", who: Requester | None = None, **more: Any
    ) -> Job:
        """Order and wait for the end."""
        job = await self.order(request, who, **more)
        assert job is not None
        await self.rest()
        return await self.job(job.id)

    async def rest(self) -> None:
        """Wait until nothing runs and nothing waits."""
        while self.queue.running or len(self.queue):  # noqa: ASYNC110 - the queue tells nobody, and need not
            await asyncio.sleep(0.001)

    async def job(self, job_id: int) -> Job:
        job = await self.jobs.get(job_id)
        assert job is not None
        return job

    async def calls(self, job_id: int) -> tuple[Call, ...]:
        return await self.jobs.calls(job_id)

    async def used(self, meter: Meter = Meter.IMAGES_PER_DAY, who: Requester | None = None) -> int:
        """Return what is used of someone's own meter."""
        return (await self.reading(meter, who)).used

    async def reading(self, meter: Meter = Meter.IMAGES_PER_DAY, who: Requester | None = None) -> Reading:
        readings = await self.allowances.readings(who or ann(), self.world.clock())
        return next(reading for reading in readings if reading.limit.meter is meter)

    async def absorbed(self) -> int:
        """Return what the operator paid for nothing."""
        rows = await self.database.read("SELECT COALESCE(SUM(absorbed_microusd), 0) AS sum FROM ledger")
        return int(rows[0]["sum"])

    async def open_holds(self) -> int:
        """Return how many holds have no end."""
        rows = await self.database.read(
            "SELECT COUNT(*) AS n FROM (SELECT job_id FROM ledger GROUP BY job_id HAVING COUNT(*) = 1)"
        )
        return int(rows[0]["n"])

    async def take_up(self) -> list[Job]:
        """Do what the start of a process does: take up what an earlier one left."""
        left = await Leases(self.database, secrets.token_hex(4)).take_all(self.world.clock())
        for job in left:
            self.queue.put(job)
        await self.rest()
        return left

    def origin(self, **changed: Any) -> Origin:
        values: dict[str, Any] = {
            "application_id": 99,
            "token": "token",
            "token_expires_at": self.world.clock() + timedelta(minutes=15),
            "upload_limit_bytes": 20 * 2**20,
        }
        return Origin(**(values | changed))


@asynccontextmanager
async def open_house(world: World, fuse: Fuse | None = None, presenter: Any = None) -> AsyncGenerator[House]:
    """Start a process on a world; with a fuse it dies at a step."""
    database = await Database.open(f"sqlite:///{world.folder / 'easel.db'}")
    pool = PicturePool(threads=1)
    http = httpx.AsyncClient(transport=httpx.MockTransport(world.provider))
    try:
        blobs = await Blobs.open(f"file://{world.folder / 'blobs'}")
        Strays(database).follow(blobs, world.clock)
        yield _build(world, database, blobs, pool, http, fuse, presenter)
    finally:
        await _stop_tasks()
        await http.aclose()
        await pool.aclose()
        await database.aclose()


async def _stop_tasks() -> None:
    """End what the process had under way: it is gone."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith(("job-", "progress-"))]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _build(
    world: World,
    database: Database,
    blobs: Blobs,
    pool: PicturePool,
    http: httpx.AsyncClient,
    fuse: Fuse | None,
    presenter: Any,
) -> House:
    backend = Backend("https://model.example/api/v1", "key")
    catalogue = build_catalogue(world, http, backend)
    owner = secrets.token_hex(4)
    jobs, ledger = Jobs(database, owner), Ledger(database)
    board = presenter or world.board if fuse is None else _fused(fuse, world, jobs)
    common: dict[str, Any] = {
        "world": world,
        "blobs": blobs,
        "pool": pool,
        "catalogue": catalogue,
        "jobs": jobs,
        "pictures": Pictures(database),
        "allowances": build_allowances(ledger, database, world),
        "planner": Planner(catalogue, world.caps.models),
        "metrics": Metrics(),
    }
    progress, model = Progress(board, clock=world.clock), build_model(world, http, backend, catalogue)
    shelf, refs, estimates = ShelfRows(database), build_references(**common), Estimates(database)
    looks = review_rooms(database, owner, **common)
    made: dict[str, Any] = {"gate": looks["gate"], "shelf": shelf, "progress": progress, "references": refs}
    inquiry = Inquiry(model=model, estimates=estimates, metrics=common["metrics"], clock=world.clock)
    workshop = _workshop(**common, **made, model=model, board=board, inquiry=inquiry)
    queue = build_queue(world, workshop, progress, common["metrics"], model)
    looks["reviews"].wakes = queue.hurry
    works: dict[str, Any] = {"workshop": workshop, "queue": queue}
    opens = {name: looks[name] for name in ("authority", "showings", "sweeper")}
    keeps: dict[str, Any] = {"jobs": jobs, "rows": shelf, "sweeper": looks["sweeper"], "clock": world.clock}
    rooms = {**works, "leases": Leases(database, owner), "shelf": Shelf(**keeps, **works)}
    rooms["studio"] = _studio(**common, **opens, **works)
    rooms |= words_rooms(model=model, words_jobs=WordsJobs(database, owner), references=refs, **common)
    return House(**common, **rooms, **looks, database=database, http=http, ledger=ledger, inquiry=inquiry)


def _fused(fuse: Fuse, world: World, jobs: Jobs) -> Board:
    """Let the process die at a step of its jobs, or of the presenter that is returned."""
    fuse.around(jobs, *STEPS)
    board = Board(world.board.shown, world.board.sorry, world.board.script)
    fuse.around(board, "present", "apologise")
    return board


def _workshop(
    *,
    world: World,
    blobs: Blobs,
    pool: PicturePool,
    catalogue: Catalogue,
    jobs: Jobs,
    model: OpenRouter,
    board: Any,
    inquiry: Inquiry,
    **more: Any,
) -> Workshop:
    clock, metrics, progress = world.clock, more["metrics"], more["progress"]
    return Workshop(
        jobs=jobs,
        caller=Caller(
            model=model,
            catalogue=catalogue,
            jobs=jobs,
            blobs=blobs,
            pool=pool,
            clock=clock,
            pseudonyms=Pseudonyms(b"secret"),
            metrics=metrics,
            progress=progress,
            inquiry=inquiry,
        ),
        presenter=board,
        clock=clock,
        **more,
    )


def _studio(
    *, world: World, pool: PicturePool, catalogue: Catalogue, metrics: Metrics, blobs: Blobs, **more: Any
) -> Studio:
    return Studio(
        clock=world.clock,
        bounds=Bounds(
            of_all=world.caps.max_waiting + world.caps.max_running,
            per_server=world.caps.max_per_server,
            per_person=world.caps.max_per_person,
        ),
        **more,
    )


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> World:
    (tmp_path / "easel.db").write_bytes(empty_database.read_bytes())
    return World(tmp_path)


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    async with open_house(world) as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_flushing(monkeypatch: pytest.MonkeyPatch):
    """Leave out the waits for the disk, which tests of storage hold to their promise."""
    fast = tuple(line.replace("synchronous = FULL", "synchronous = OFF") for line in storage.WRITER_PRAGMAS)
    monkeypatch.setattr(storage, "WRITER_PRAGMAS", fast)
    monkeypatch.setattr(blobs, "flush", lambda _path, **_: None)


@pytest.fixture(autouse=True)
def logged():
    """Keep log lines as values; the pretty tracebacks of the console take longer than the tests."""
    with structlog.testing.capture_logs() as lines:
        yield lines
