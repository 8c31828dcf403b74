"""The house below Discord, all of it real; only the provider and the presenter are made up."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import structlog.testing
from PIL import Image

import migrations
from bot.domain.jobs import Job, Origin
from bot.domain.quotas import Meter, Policy
from bot.domain.requests import PictureRequest, Requester, Upload
from bot.domain.results import Card, Result
from bot.images.pool import PicturePool
from bot.model.backend import Backend
from bot.model.catalogue import Catalogue
from bot.model.client import OpenRouter
from bot.services.allowances import Allowances
from bot.services.caller import Caller
from bot.services.planning import Planner
from bot.services.queue import JobQueue
from bot.services.references import References
from bot.services.studio import Studio
from bot.services.workshop import Workshop
from bot.storage import blobs
from bot.storage import database as storage
from bot.storage.blobs import Blobs
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.pictures import Pictures
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence
    from pathlib import Path

    from bot.domain.jobs import Call
    from bot.domain.quotas import Reading
    from bot.errors import UserFacingError

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINI, FLUX, GEMINI = (
    "openai/gpt-5-image-mini",
    "black-forest-labs/flux.2-pro",
    "google/gemini-3.1-flash-image",
)
ANN, BOB, MOD = 101, 102, 103
GUILD, CHANNEL = 70, 700
PRICE = 0.01
"""What the made-up provider asks for a picture, in dollars."""
PRICE_MICROUSD = 10_000


def picture_bytes(
    colour: tuple[int, ...] = (200, 60, 40), size: tuple[int, int] = (16, 24), kind: str = "PNG"
) -> bytes:
    """Return a real picture."""
    file = io.BytesIO()
    Image.new("RGB", size, colour[:3]).save(file, kind)
    return file.getvalue()


def noise(size: tuple[int, int] = (512, 512), start: int = 0) -> bytes:
    """Return a PNG that does not compress: about three bytes a pixel."""
    import random

    file = io.BytesIO()
    data = random.Random(start).randbytes(3 * size[0] * size[1])  # noqa: S311 - a pattern, not a secret
    Image.frombytes("RGB", size, data).save(file, "PNG")
    return file.getvalue()


def _enum(*values: str) -> dict[str, Any]:
    return {"type": "enum", "values": list(values)}


def _entry(model_id: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> dict[str, Any]:
    return {
        "id": model_id,
        "name": model_id.partition("/")[2],
        "architecture": {"input_modalities": list(inputs), "output_modalities": list(outputs)},
        **more,
    }


def pages() -> dict[str, Any]:
    """Return the provider's lists: one model by pictures, one by seed, one through chat alone."""
    both = ("text", "image")
    mini = {
        "n": {"type": "range", "min": 1, "max": 4},
        "aspect_ratio": _enum("1:1", "3:2", "2:3"),
        "quality": _enum("auto", "low", "medium", "high"),
        "background": _enum("transparent", "opaque"),
        "output_format": _enum("png", "webp"),
        "input_references": {"type": "range", "min": 0, "max": 4},
    }
    flux = {
        "aspect_ratio": _enum("1:1", "16:9"),
        "seed": {"type": "boolean"},
        "input_references": {"type": "range", "min": 0, "max": 2},
    }
    price = {"billable": "output_image", "unit": "image", "cost_usd": "0.02"}
    return {
        "models": [
            _entry(
                GEMINI,
                both,
                both,
                supported_parameters=["seed", "temperature"],
                pricing={"prompt": "0.0000003", "completion": "0.0000025", "image_output": "0.00003"},
                expiration_date="2027-01-10",
            )
        ],
        "images": [
            _entry(MINI, both, ("image",), supported_parameters=mini),
            _entry(FLUX, both, ("image",), supported_parameters=flux),
        ],
        "endpoints": {name: {"endpoints": [{"pricing": [price]}]} for name in (MINI, FLUX)},
        "read_at": NOW.isoformat(),
    }


Answer = Callable[[httpx.Request], Awaitable[httpx.Response] | httpx.Response]


@dataclass
class Provider:
    """The model's API. It draws what is asked for, unless the script has another answer first."""

    script: list[Answer] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    generations: dict[str, float] = field(default_factory=dict)
    lookups: list[str] = field(default_factory=list)
    lookup: Answer | None = None
    lists: dict[str, Any] = field(default_factory=pages)
    gates: list[asyncio.Event] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    pictures: itertools.count[int] = field(default_factory=itertools.count)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/generation"):
            return await self._generation(request)
        self.bodies.append(json.loads(await request.aread()))
        self.reached.set()
        if self.script:
            answer = self.script.pop(0)(request)
            return answer if isinstance(answer, httpx.Response) else await answer
        return self.draw(request)

    async def _generation(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params["id"]
        self.lookups.append(asked)
        if self.lookup is not None:
            answer = self.lookup(request)
            return answer if isinstance(answer, httpx.Response) else await answer
        if asked not in self.generations:
            return httpx.Response(404, json={"error": {"message": "not found", "code": 404}})
        return httpx.Response(200, json={"data": {"id": asked, "total_cost": self.generations[asked]}})

    def draw(self, request: httpx.Request, count: int | None = None) -> httpx.Response:
        """Answer as the provider does, with so many pictures."""
        body = json.loads(request.content)
        many = count if count is not None else body.get("n", 1)
        if request.url.path.endswith("/images"):
            return images(*(self.fresh() for _ in range(many)), cost=PRICE * many)
        return chat(*(self.fresh() for _ in range(many)), cost=PRICE * many)

    def fresh(self) -> bytes:
        """Return a picture that was not drawn before."""
        n = next(self.pictures)
        return picture_bytes((n % 256, n // 256 % 256, 90))


def images(
    *drawn: bytes, cost: float | None = PRICE, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Return a reply of the pictures endpoint."""
    data = [{"b64_json": base64.b64encode(one).decode(), "media_type": "image/png"} for one in drawn]
    return httpx.Response(
        200,
        headers=headers,
        json={"created": 0, "data": data, "usage": {"completion_tokens": 9, "cost": cost}},
    )


def chat(*drawn: bytes, cost: float | None = PRICE, **message: Any) -> httpx.Response:
    """Return a reply of the chat endpoint."""
    urls = [f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in drawn]
    said = {
        "role": "assistant",
        "content": "Here it is.",
        "images": [{"type": "image_url", "image_url": {"url": url}} for url in urls],
        **message,
    }
    usage = {"completion_tokens": 1290, "cost": cost}
    choice = {"index": 0, "finish_reason": "stop", "message": said}
    return httpx.Response(200, json={"id": "gen-1", "model": GEMINI, "choices": [choice], "usage": usage})


def refusal(message: str = "Rejected by the safety system.") -> httpx.Response:
    """Return the provider's way to say no."""
    return httpx.Response(
        403,
        json={
            "error": {
                "code": 403,
                "message": message,
                "error_type": "content_policy_violation",
                "metadata": {"error_type": "content_policy_violation", "reasons": ["violence"]},
            }
        },
    )


def trouble(status: int, message: str = "trouble", **headers: str) -> httpx.Response:
    """Return an error of the provider."""
    return httpx.Response(status, headers=headers, json={"error": {"code": status, "message": message}})


def breaks(_request: httpx.Request) -> httpx.Response:
    """Break the connection after sending."""
    raise httpx.ReadError("reset by peer")


async def hangs(_request: httpx.Request) -> httpx.Response:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


@dataclass
class Clock:
    """The time, which stands still unless it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Board:
    """A presenter that keeps what it is shown; `script` holds errors for the next calls."""

    shown: list[Result] = field(default_factory=list)
    sorry: list[tuple[Job, UserFacingError]] = field(default_factory=list)
    script: list[BaseException] = field(default_factory=list)

    async def present(self, result: Result) -> Card:
        if self.script:
            raise self.script.pop(0)
        self.shown.append(result)
        return Card(result.job.channel_id, 9000 + len(self.shown))

    async def apologise(self, job: Job, error: UserFacingError) -> None:
        if self.script:
            raise self.script.pop(0)
        self.sorry.append((job, error))


@dataclass
class Caps:
    """The operator's settings that tests vary."""

    person: dict[Meter, int] = field(default_factory=lambda: {Meter.IMAGES_PER_DAY: 10})
    server: dict[Meter, int] = field(default_factory=dict)
    operator: dict[Meter, int] = field(default_factory=dict)
    zone: str = "UTC"
    models: tuple[str, ...] = (MINI, FLUX, GEMINI)
    max_running: int = 4
    max_waiting: int = 100
    max_per_person: int = 50
    retry_s: tuple[float, ...] = (3600.0,)
    """After how long a job that broke off is taken up again: by default not within a test."""


def policy(caps: dict[Meter, int]) -> Policy:
    return Policy(tuple(caps.items()))


@dataclass
class World:
    """What outlives a process: the disk, the provider, the people and the time."""

    folder: Path
    caps: Caps = field(default_factory=Caps)
    provider: Provider = field(default_factory=Provider)
    board: Board = field(default_factory=Board)
    clock: Clock = field(default_factory=Clock)
    files: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    fetch_script: list[BaseException] = field(default_factory=list)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1_300_000_000_000_000_000))

    async def fetch(self, upload: Upload) -> bytes:
        """Hand over an attachment as Discord does."""
        self.fetched.append(upload.url)
        await asyncio.sleep(0)
        if self.fetch_script:
            raise self.fetch_script.pop(0)
        return self.files[upload.url]

    def attach(self, data: bytes, name: str = "cat.png") -> Upload:
        """Put a file where Discord keeps attachments."""
        url = f"https://cdn.example/{len(self.files)}/{name}"
        self.files[url] = data
        return Upload(url, name, len(data))


class Killed(Exception):
    """The process died here."""


@dataclass
class Fuse:
    """Kills the process at the n-th step that it takes."""

    at: int | None = None
    steps: int = 0
    dead: bool = False
    taken: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        if self.dead:
            raise Killed(name)
        self.steps += 1
        self.taken.append(name)
        if self.steps == self.at:
            self.dead = True
            raise Killed(name)

    def around(self, thing: Any, *names: str) -> None:
        """Put a step before and behind each of an object's methods."""
        for name in names:
            setattr(thing, name, self._wrapped(getattr(thing, name), name))

    def _wrapped(self, method: Callable[..., Awaitable[Any]], name: str) -> Callable[..., Awaitable[Any]]:
        async def fused(*args: Any, **kwargs: Any) -> Any:
            self.step(f"before {name}")
            result = await method(*args, **kwargs)
            self.step(f"after {name}")
            return result

        return fused


STEPS = (
    "advance",
    "replan",
    "mark_sent",
    "note_generation",
    "receive",
    "fail_call",
    "deliver",
    "settle",
    "release",
)


@dataclass
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
    metrics: Metrics
    ledger: Ledger

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
        left = await self.jobs.unfinished()
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


def ann(**changed: Any) -> Requester:
    known: dict[str, Any] = {"user_id": ANN, "guild_id": GUILD, "channel_id": CHANNEL}
    return Requester(**(known | changed))


def bob(**changed: Any) -> Requester:
    return ann(user_id=BOB, **changed)


def moderator(**changed: Any) -> Requester:
    return ann(user_id=MOD, may_moderate=True, **changed)


@asynccontextmanager
async def open_house(world: World, fuse: Fuse | None = None, presenter: Any = None) -> AsyncGenerator[House]:
    """Start a process on a world; with a fuse it dies at a step."""
    database = await Database.open(f"sqlite:///{world.folder / 'easel.db'}")
    pool = PicturePool(threads=1)
    http = httpx.AsyncClient(transport=httpx.MockTransport(world.provider))
    try:
        blobs = await Blobs.open(f"file://{world.folder / 'blobs'}")
        yield _build(world, database, blobs, pool, http, fuse, presenter)
    finally:
        await _stop_tasks()
        await http.aclose()
        await pool.aclose()
        await database.aclose()


async def _stop_tasks() -> None:
    """End what the process had under way: it is gone."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("job-")]
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
    caps, metrics = world.caps, Metrics()
    backend = Backend("https://model.example/api/v1", "key")
    catalogue = Catalogue(http, backend, priced=caps.models)
    catalogue.load(json.dumps(world.provider.lists))

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    model = OpenRouter(http, backend, offer_of=catalogue.offer, clock=world.clock, sleep=at_once)
    jobs, pictures, ledger = Jobs(database), Pictures(database), Ledger(database)
    board = presenter or world.board
    if fuse is not None:
        fuse.around(jobs, *STEPS)
        board = Board(world.board.shown, world.board.sorry, world.board.script)
        fuse.around(board, "present", "apologise")
    allowances = Allowances(
        ledger,
        person=policy(caps.person),
        server=policy(caps.server),
        operator=policy(caps.operator),
        zone=ZoneInfo(caps.zone),
    )
    planner = Planner(catalogue, caps.models)
    references = References(pictures=pictures, blobs=blobs, pool=pool, fetch=world.fetch, clock=world.clock)
    caller = Caller(
        model=model,
        catalogue=catalogue,
        jobs=jobs,
        blobs=blobs,
        pool=pool,
        clock=world.clock,
        secret=b"secret",
        max_running=caps.max_running,
        metrics=metrics,
    )
    workshop = Workshop(
        jobs=jobs,
        pictures=pictures,
        references=references,
        caller=caller,
        allowances=allowances,
        planner=planner,
        presenter=board,
        clock=world.clock,
        metrics=metrics,
    )
    queue = JobQueue(
        workshop.carry_out,
        workshop.give_up,
        max_running=caps.max_running,
        metrics=metrics,
        retry_s=caps.retry_s,
    )
    studio = Studio(
        planner=planner,
        jobs=jobs,
        pictures=pictures,
        blobs=blobs,
        allowances=allowances,
        queue=queue,
        clock=world.clock,
        max_waiting=caps.max_waiting,
        max_per_person=caps.max_per_person,
    )
    return House(
        world,
        database,
        blobs,
        pool,
        http,
        catalogue,
        jobs,
        pictures,
        allowances,
        planner,
        workshop,
        queue,
        studio,
        metrics,
        ledger,
    )


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "easel.db"
    migrations.upgrade(f"sqlite:///{path}", backups=None)
    return path


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
    monkeypatch.setattr(blobs, "flush", lambda _path: None)


@pytest.fixture(autouse=True)
def logged():
    """Keep log lines as values; the pretty tracebacks of the console take longer than the tests."""
    with structlog.testing.capture_logs() as lines:
        yield lines
