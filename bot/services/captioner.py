"""Captions: what pictures show, in words, written in the background once people have seen them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.domain.asks import Purpose
from bot.domain.conversation import Speaker, Turn
from bot.domain.descriptions import captioning, read_caption
from bot.domain.images import Role
from bot.domain.jobs import JobState, drawn_of
from bot.domain.requests import Kept, Requester, Stored
from bot.domain.words import Detail
from bot.errors import NotFound, QuotaExceeded, UserFacingError, WordsBlocked
from bot.texts import speaking, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

    from bot.domain.conversation import Attached
    from bot.domain.jobs import Job
    from bot.domain.requests import Reference
    from bot.services.sight import Sight
    from bot.services.wordsmith import Wordsmith
    from bot.storage.jobs import Jobs
    from bot.storage.pictures import Pictures
    from bot.storage.turns import Turns

    CarryOut = Callable[[int], Coroutine[Any, Any, bool]]

log = structlog.get_logger(__name__)
BACKLOG = 200
"""Jobs that wait for their captions; what comes while it is full goes without."""
REMEMBERED = 5000
"""Turns that are not tried again."""
POSTED = frozenset({JobState.DELIVERED, JobState.SETTLED})


class Labels(Protocol):
    """Whoever can put alt text on what was posted; Discord's side of captions."""

    async def put(self, job: Job, captions: Mapping[str, str]) -> None:
        """Let a job's card say what its pictures show, by their ids; where it cannot, that is no matter."""
        ...


async def _always(_job: Job) -> bool:
    return True


async def _anything(_who: Requester, _caption: str) -> bool:
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
        turns: Turns,
        labels: Labels,
        is_on: bool,
        may_say: Callable[[Requester, str], Awaitable[bool]] = _anything,
        wants: Callable[[Job], Awaitable[bool]] = _always,
        backlog: int = BACKLOG,
    ) -> None:
        self._wordsmith = wordsmith
        self._sight = sight
        self._jobs = jobs
        self._pictures = pictures
        self._keep = keep
        self._turns = turns
        self._labels = labels
        self._is_on = is_on
        self._may_say = may_say
        self._wants = wants
        self._waiting = asyncio.Queue[int | Turn](backlog)
        self._noted: dict[int, None] = {}
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
        self._wait(job_id)

    def note_turns(self, turns: Sequence[Turn]) -> None:
        """Let the pictures wait that people brought into a conversation, each turn once."""
        for turn in turns:
            if turn.id not in self._noted and _uncaptioned(turn):
                self._noted[turn.id] = None
                self._wait(turn)
        while len(self._noted) > REMEMBERED:
            del self._noted[next(iter(self._noted))]

    def _wait(self, one: int | Turn) -> None:
        if not self._is_on:
            return
        try:
            self._waiting.put_nowait(one)
        except asyncio.QueueFull:
            waits = {"turn": one.id} if isinstance(one, Turn) else {"job": one}
            log.info("too many pictures wait for captions", **waits)

    async def next(self) -> None:
        """Wait for a job or a turn, and write captions for its pictures."""
        one = await self._waiting.get()
        writing = self._write_turn(one) if isinstance(one, Turn) else self._write(one)
        self._writing = asyncio.create_task(writing, name="captions")
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
                keep = partial(self._keep, picture.id)
                captions[picture.id] = await self._caption(
                    job.requester, Stored(picture.id), drawn_of(job, picture), job.language, keep
                )
            except QuotaExceeded as error:
                log.info("no budget for captions", limit=error.limit.owner.value)
                break
            except UserFacingError as error:
                log.info("no caption", job=job_id, reason=type(error).__name__)
        if captions:
            with speaking(job.language):
                await self._labels.put(job, captions)

    async def _write_turn(self, turn: Turn) -> None:
        """Write captions for what somebody brought, for when it is not looked at any more."""
        who = Requester(turn.user_id or 0, turn.guild_id, turn.channel_id)
        for file in _uncaptioned(turn):
            keep = partial(self._turns.caption, turn.id, file.blob)
            try:
                await self._caption(who, Kept(file.blob, file.media_type), "", turn.language, keep)
            except QuotaExceeded as error:
                log.info("no budget for captions", limit=error.limit.owner.value)
                break
            except UserFacingError as error:
                log.info("no caption", turn=turn.id, reason=type(error).__name__)

    async def _caption(
        self,
        who: Requester,
        reference: Reference,
        asked: str,
        language: str | None,
        keep: Callable[[str], Awaitable[bool]],
    ) -> str:
        """Write the caption of one picture; what is deleted or may not be said is charged to nobody."""
        _, seen = await self._sight.look(reference, Detail.LOW)
        async with self._wordsmith.bill(who, Purpose.CAPTION, messages=0, for_server=True) as bill:
            reply = await bill.answer(captioning(seen, asked, language))
            caption = read_caption(reply.text)
            if not await self._may_say(who, caption):
                raise WordsBlocked(tr("The caption holds words that are not allowed there."))
            if not await keep(caption):
                raise NotFound(tr("The picture was deleted."))
        return caption


def _uncaptioned(turn: Turn) -> tuple[Attached, ...]:
    """Return the pictures that a person brought and that nobody has put into words."""
    if turn.speaker is not Speaker.PERSON or turn.forgotten:
        return ()
    return tuple(file for file in turn.pictures if file.caption is None)
