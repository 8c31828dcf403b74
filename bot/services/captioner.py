"""Captions of results: what each picture shows, in words, written in the background once it is posted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.domain.asks import Purpose
from bot.domain.descriptions import captioning, read_caption
from bot.domain.images import Role
from bot.domain.jobs import JobState, drawn_of
from bot.domain.requests import Requester, Stored
from bot.domain.words import Detail
from bot.errors import NotFound, QuotaExceeded, UserFacingError, WordsBlocked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.services.sight import Sight
    from bot.services.wordsmith import Wordsmith
    from bot.storage.jobs import Jobs
    from bot.storage.pictures import Pictures

    CarryOut = Callable[[int], Coroutine[Any, Any, bool]]

log = structlog.get_logger(__name__)
BACKLOG = 200
"""Jobs that wait for their captions; what comes while it is full goes without."""
POSTED = frozenset({JobState.DELIVERED, JobState.SETTLED})


class Labels(Protocol):
    """Whoever can put alt text on what was posted; Discord's side of captions."""

    async def put(self, job: Job, captions: Mapping[str, str]) -> None:
        """Let a job's card say what its pictures show, by their ids; where it cannot, that is no matter."""
        ...


async def _always(_job: Job) -> bool:
    return True


async def _anything(_job: Job, _caption: str) -> bool:
    return True


class Captioner:
    """Writes captions, one at a time, on the account of the server that they were drawn in.

    It is a courtesy: it delays nothing, and what goes wrong is logged and left. What waits is in memory
    alone, so that a restart leaves it without captions.
    """

    def __init__(
        self,
        *,
        wordsmith: Wordsmith,
        sight: Sight,
        jobs: Jobs,
        pictures: Pictures,
        keep: Callable[[str, str], Awaitable[bool]],
        labels: Labels,
        is_on: bool,
        may_say: Callable[[Job, str], Awaitable[bool]] = _anything,
        wants: Callable[[Job], Awaitable[bool]] = _always,
        backlog: int = BACKLOG,
    ) -> None:
        self._wordsmith = wordsmith
        self._sight = sight
        self._jobs = jobs
        self._pictures = pictures
        self._keep = keep
        self._labels = labels
        self._is_on = is_on
        self._may_say = may_say
        self._wants = wants
        self._waiting = asyncio.Queue[int](backlog)
        self._writing: asyncio.Task[None] | None = None

    def after(self, carry_out: CarryOut) -> CarryOut:
        """Return what carries a job out and then lets its pictures wait for their captions."""

        async def carried_out(job_id: int) -> bool:
            result = await carry_out(job_id)
            self.note(job_id)
            return result

        return carried_out

    def note(self, job_id: int) -> None:
        """Let a job's pictures wait for their captions."""
        if not self._is_on:
            return
        try:
            self._waiting.put_nowait(job_id)
        except asyncio.QueueFull:
            log.info("too many pictures wait for captions", job=job_id)

    async def next(self) -> None:
        """Wait for a job, and write captions for its pictures."""
        job_id = await self._waiting.get()
        self._writing = asyncio.create_task(self._write(job_id), name="captions")
        try:
            await asyncio.wait({self._writing})
        finally:
            self._writing.cancel()
        if not self._writing.cancelled():
            self._writing.result()

    async def aclose(self) -> None:
        """Write no more; the caption that is being written is given up."""
        self._is_on = False
        while not self._waiting.empty():
            self._waiting.get_nowait()
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait({self._writing})

    async def _write(self, job_id: int) -> None:
        job = await self._jobs.get(job_id)
        if job is None or job.state not in POSTED or not await self._wants(job):
            return
        captions: dict[str, str] = {}
        for picture in await self._pictures.of_job(job_id, Role.RESULT):
            if picture.caption is not None:
                continue
            try:
                captions[picture.id] = await self._caption(job, picture)
            except QuotaExceeded as error:
                log.info("no budget for captions", limit=error.limit.owner.value)
                break
            except UserFacingError as error:
                log.info("no caption", job=job_id, reason=type(error).__name__)
        if captions:
            await self._labels.put(job, captions)

    async def _caption(self, job: Job, picture: Picture) -> str:
        """Write the caption of one picture; what is deleted or may not be said is charged to nobody."""
        who = Requester(job.user_id, job.guild_id, job.channel_id)
        _, seen = await self._sight.look(Stored(picture.id), Detail.LOW)
        async with self._wordsmith.bill(who, Purpose.CAPTION, messages=0, for_server=True) as bill:
            reply = await bill.answer(captioning(seen, drawn_of(job, picture)))
            caption = read_caption(reply.text)
            if not await self._may_say(job, caption):
                raise WordsBlocked("The caption holds words that are not allowed there.")
            if not await self._keep(picture.id, caption):
                raise NotFound("The picture was deleted.")
        return caption
