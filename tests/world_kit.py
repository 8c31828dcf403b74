"""What outlives a process: the disk, the people, the time; and how a process dies."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.overrides import Override, Target
from bot.domain.quotas import Meter, Policy
from bot.domain.requests import Requester, Upload
from bot.domain.results import Card, Result
from bot.errors import Undeliverable
from bot.texts import language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.domain.reviews import Review
    from bot.domain.standing import Glimpse
    from bot.errors import Cancelled, UserFacingError
from provider_kit import FLUX, GEMINI, MINI, NOW, Provider

ANN, BOB, MOD = 101, 102, 103
GUILD, CHANNEL = 70, 700


@dataclass
class Clock:
    """The time, which stands still unless it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        """Return the time as a timer does."""
        return self.now.timestamp()

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Board:
    """A presenter that keeps what it is shown; `script` holds errors for the next calls."""

    shown: list[Result] = field(default_factory=list)
    sorry: list[tuple[Job, UserFacingError]] = field(default_factory=list)
    script: list[BaseException] = field(default_factory=list)
    painted: list[tuple[int, Glimpse]] = field(default_factory=list)
    retracted: list[tuple[Job, Cancelled]] = field(default_factory=list)

    async def present(self, result: Result) -> Card:
        if self.script:
            raise self.script.pop(0)
        self.shown.append(result)
        return Card(result.job.channel_id, 9000 + len(self.shown))

    async def apologise(self, job: Job, error: UserFacingError) -> bool:
        if self.script:
            raise self.script.pop(0)
        self.sorry.append((job, error))
        return True

    async def repaint(self, job: Job, glimpse: Glimpse) -> bool:
        self.painted.append((job.id, glimpse))
        return True

    async def withheld(self, job: Job) -> None:
        pass

    async def retract(self, job: Job, error: Cancelled) -> bool:
        self.retracted.append((job, error))
        return True


@dataclass
class Seats:
    """Moderators who are shown what waits for them; nobody sits there while it is empty."""

    posted: list[tuple[int, int, int]] = field(default_factory=list)
    """Jobs, how many pictures of each, and in which channel."""
    held: list[int] = field(default_factory=list)
    closed: list[Review] = field(default_factory=list)
    is_empty: bool = False
    is_mute: bool = False
    """Whether cards cannot be changed just now."""
    adults: set[int] = field(default_factory=set)
    """Channels that are age-restricted."""
    spoken: list[str] = field(default_factory=list)
    """In which language somebody was told that moderators look first."""
    shut: str = ""
    """Why the channel takes nothing."""
    tried: int = 0
    seen: list[bool] = field(default_factory=list)
    told: list[tuple[int, int, str]] = field(default_factory=list)

    def is_for_adults(self, job: Job) -> bool:
        return job.channel_id in self.adults

    async def post(
        self, review: Review, job: Job, pictures: Sequence[Picture], channel_id: int
    ) -> int | None:
        assert review.job_id == job.id
        if self.shut:
            self.tried += 1
            raise Undeliverable(self.shut)
        if self.is_empty:
            return None
        self.posted.append((review.job_id, len(pictures), channel_id))
        return 8000 + len(self.posted)

    async def tell_lost(self, guild_id: int, channel_id: int, reason: str) -> bool:
        self.told.append((guild_id, channel_id, reason))
        return True

    async def hold(self, job: Job, *, is_seen: bool) -> None:
        self.held.append(job.id)
        self.spoken.append(language())
        self.seen.append(is_seen)

    async def close(self, review: Review) -> bool:
        self.closed.append(review)
        return not self.is_mute


@dataclass
class Caps:
    """The operator's settings that tests vary."""

    person: dict[Meter, int] = field(default_factory=lambda: {Meter.IMAGES_PER_DAY: 10})
    server: dict[Meter, int] = field(default_factory=dict)
    operator: dict[Meter, int] = field(default_factory=dict)
    zone: str = "UTC"
    models: tuple[str, ...] = (MINI, FLUX, GEMINI)
    context_tokens: int = 24_000
    raid_accounts: int | None = 20
    max_running: int = 4
    max_each: int = 100
    max_waiting: int = 100
    max_per_server: int = 80
    max_per_person: int = 50
    retry_s: tuple[float, ...] = (3600.0,)
    """After how long a job that broke off is taken up again: by default not within a test."""


def policy(caps: dict[Meter, int]) -> Policy:
    return Policy(tuple(caps.items()))


@dataclass
class Integrations:
    """What servers set about /manage in their own settings; tests add to it."""

    set: dict[int, list[Override]] = field(default_factory=dict[int, "list[Override]"])

    async def of(self, guild_id: int) -> Sequence[Override]:
        return tuple(self.set.get(guild_id, ()))

    def choose(self, target: Target, target_id: int, *, allows: bool) -> None:
        """Give /manage to somebody of the server, or take it away."""
        self.set.setdefault(GUILD, []).append(Override(target, target_id, allows))


@dataclass
class World:
    """What outlives a process: the disk, the provider, the people and the time."""

    folder: Path
    caps: Caps = field(default_factory=Caps)
    provider: Provider = field(default_factory=Provider)
    board: Board = field(default_factory=Board)
    bench: Seats = field(default_factory=Seats)
    clock: Clock = field(default_factory=Clock)
    integrations: Integrations = field(default_factory=Integrations)
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
    "replan",
    "mark_sent",
    "note_generation",
    "mark_refused",
    "receive",
    "fail_call",
    "deliver",
    "settle",
    "release",
    "told",
)


def ann(**changed: Any) -> Requester:
    known: dict[str, Any] = {"user_id": ANN, "guild_id": GUILD, "channel_id": CHANNEL}
    return Requester(**(known | changed))


def bob(**changed: Any) -> Requester:
    return ann(user_id=BOB, **changed)


def moderator(**changed: Any) -> Requester:
    return ann(user_id=MOD, may_moderate=True, **changed)
