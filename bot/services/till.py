"""The money of answers in words: one job for each paid call, held, sent, and settled or released once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from bot.domain.asks import WordsJob
from bot.domain.chat_models import upper_cost_of_words
from bot.domain.jobs import Bounds, JobState
from bot.domain.quotas import Charge, Owner, charged
from bot.errors import (
    Cancelled,
    ModelError,
    OutcomeUnknown,
    PictureRefused,
    Superseded,
    TooBusy,
    UserFacingError,
)
from bot.services.endings import beside
from bot.services.inquiry import known_cost
from bot.services.unwritten import Unwritten
from bot.storage.room import NoRoom
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime

    from bot.domain.asks import Purpose, Unanswered
    from bot.domain.chat_models import ChatModel
    from bot.domain.requests import Requester
    from bot.domain.words import WordsCall, WordsReply
    from bot.model.client import OpenRouter
    from bot.services.allowances import Allowances
    from bot.storage.jobs import End
    from bot.storage.words import WordsJobs
    from bot.telemetry.metrics import Metrics

    TextSeen = Callable[[str], Awaitable[None]]
    Priced = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)
BOUNDS = Bounds(of_all=1000, per_server=500, per_person=8)
"""Answers under way at once."""
DRAWN = 1
"""Pictures that are held for an answer that may draw; normally one comes, or none."""
FULL = {
    Owner.OPERATOR: mark("Easel has its hands full right now. Ask again in a moment."),
    Owner.SERVER: mark("This server has many questions under way. Ask again in a moment."),
    Owner.PERSON: mark("You have several answers under way. Ask again when one of them is there."),
}
RESTARTED = mark("The answer broke off when Easel was restarted.")
BROKE_OFF = mark("The answer broke off.")


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks for words, what for, and who pays: the person, or their server (the operator in messages)."""

    who: Requester
    purpose: Purpose
    for_server: bool = False


@dataclass(slots=True)
class Entry:
    """One paid call, and what it has come to."""

    job_id: int
    model_id: str
    charge: Charge
    """What is held until the answer is there; then what it cost."""
    surplus_microusd: int = 0
    """What is held beyond what it cost, until it is settled."""
    generation_id: str | None = None
    is_sent: bool = False
    is_answered: bool = False
    """The answer is there, though what it cost may not be known yet."""
    is_received: bool = False
    pictures: int = 0
    """How many came with the answer."""


class Till:
    """Opens, sends and closes entries; one whose price has to be asked of the provider in its own time."""

    def __init__(
        self,
        *,
        model: OpenRouter,
        jobs: WordsJobs,
        allowances: Allowances,
        metrics: Metrics,
        clock: Callable[[], datetime],
        unwritten: Unwritten | None = None,
    ) -> None:
        self._unwritten = unwritten or Unwritten()
        self._model = model
        self._jobs = jobs
        self._allowances = allowances
        self._metrics = metrics
        self._clock = clock
        self._asking: set[asyncio.Task[None]] = set()

    async def open(self, account: Account, call: WordsCall, model: ChatModel, messages: int) -> Entry:
        """Hold what a call may cost at most, or raise TooBusy or QuotaExceeded."""
        now, who = self._clock(), account.who
        held = Charge(DRAWN if call.draws else 0, upper_cost_of_words(call, model), messages)
        user_id = None if account.for_server else who.user_id
        job = WordsJob(user_id, who.guild_id, who.channel_id, account.purpose, model.id, held)
        try:
            async with self._allowances.claimed(who, now, is_personal=not account.for_server) as claim:
                return Entry(await self._jobs.open(job, claim, BOUNDS, now), model.id, held)
        except NoRoom as full:
            raise TooBusy(FULL[full.owner]) from None

    async def send(
        self, entry: Entry, call: WordsCall, on_text: TextSeen | None, on_wait: Callable[[float], None]
    ) -> WordsReply:
        """Make the call of an entry and note what it cost; what goes wrong is raised as it came."""
        started_at: list[datetime] = []

        async def note_sent() -> None:
            if not await self._jobs.mark_sent(entry.job_id, self._clock()):
                raise Superseded(f"job {entry.job_id} has ended elsewhere")
            started_at.append(self._clock())
            entry.is_sent = True

        outcome, cost = "broken", 0
        try:
            async with beside() as begin:
                reply = await self._model.answer(
                    call,
                    on_sent=note_sent,
                    on_generation_id=lambda found: begin(self._note_generation(entry, found)),
                    on_refused=partial(self._refused, entry),
                    on_text=on_text,
                    on_wait=on_wait,
                )
            outcome, cost = "ok", reply.cost_microusd or 0
        except ModelError as error:
            outcome, cost = error.kind, error.billed_microusd
            raise
        finally:
            if started_at:
                seconds = (self._clock() - started_at[0]).total_seconds()
                self._metrics.call_ended(call.model_id, outcome, seconds, cost)
        entry.is_answered, entry.pictures = True, len(reply.pictures)
        if reply.cost_microusd is not None:
            await self._receive(entry, reply.cost_microusd)
        elif entry.generation_id is None and reply.generation_id is not None:
            await self._note_generation(entry, reply.generation_id)
        return reply

    async def settle(self, entry: Entry, then: Priced) -> None:
        """Charge what the person has; where it came without its price, once that was asked, and `then`."""
        if entry.is_received:
            await self._settle(entry, absorbed=0)
        else:
            self._in_its_time(self._settle_asking(entry, then))

    async def release(self, entry: Entry, error: BaseException) -> None:
        """Give back what an entry holds; what the provider took all the same is the operator's."""
        if entry.is_received or not entry.is_sent:
            await self._release(entry.job_id, error, billed=0)
        elif (
            not entry.is_answered and isinstance(error, ModelError) and not isinstance(error, OutcomeUnknown)
        ):
            await self._release(entry.job_id, error, billed=error.billed_microusd)
        else:
            self._in_its_time(self._release_lost(entry, error))

    async def recover(self, *, is_alone: bool) -> int:
        """Release what an earlier process left, and return how many entries that were."""
        left = await self._jobs.take_left(self._clock(), is_alone=is_alone)
        for job in left:
            self._in_its_time(self._release_left(job))
        return len(left)

    async def aclose(self, timeout_s: float) -> None:
        """Wait a while for prices that were asked for; what is left is the next start's."""
        if self._asking:
            await asyncio.wait(self._asking, timeout=timeout_s)
        for task in self._asking:
            task.cancel()

    def _in_its_time(self, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(closing, name="till")
        self._asking.add(task)
        task.add_done_callback(self._asked)

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an entry stays open until the next start", exc_info=error)

    def _note_generation(self, entry: Entry, generation_id: str) -> Coroutine[Any, Any, None]:
        """Remember the provider's id of a call; what is returned writes it down."""
        entry.generation_id = generation_id
        return self._write(self._jobs.note_generation, entry.job_id, generation_id)

    async def _refused(self, entry: Entry) -> None:
        entry.is_sent, entry.generation_id = False, None
        await self._jobs.mark_refused(entry.job_id)

    async def _receive(self, entry: Entry, cost_microusd: int) -> None:
        entry.surplus_microusd = entry.charge.microusd - cost_microusd
        came = charged(entry.pictures, entry.charge, cost_microusd)
        entry.charge = replace(came, messages=entry.charge.messages)
        entry.is_received = True
        await self._write(self._jobs.receive, entry.job_id, cost_microusd, self._clock())

    async def _settle_asking(self, entry: Entry, then: Priced) -> None:
        """Charge what the provider says; what it does not say yet is the operator's, and asked again."""
        known = (await known_cost(self._model, entry.generation_id)).microusd
        upper = entry.charge.microusd
        self._count(entry, known)
        await self._receive(entry, known or 0)
        await self._settle(entry, absorbed=upper if known is None else 0, is_estimate=known is None)
        await then()

    async def _write(self, work: Callable[..., Awaitable[Any]], *given: object, **named: object) -> None:
        """Write down what has happened, where the disk is full as soon as it is not."""
        await self._unwritten.write(partial(work, *given, **named))

    async def _settle(self, entry: Entry, absorbed: int, *, is_estimate: bool = False) -> None:
        await self._write(self._settle_now, entry, absorbed, is_estimate=is_estimate)

    async def _settle_now(self, entry: Entry, absorbed: int, *, is_estimate: bool) -> None:
        now = self._clock()
        if await self._jobs.settle(entry.job_id, entry.charge, absorbed, now, is_estimate=is_estimate):
            log.info("settled", job=entry.job_id, microusd=entry.charge.microusd, absorbed=absorbed)
            self._metrics.job_ended(JobState.SETTLED)

    async def _release_lost(self, entry: Entry, error: BaseException) -> None:
        known = (await known_cost(self._model, entry.generation_id)).microusd
        self._count(entry, known)
        billed = entry.charge.microusd if known is None else known
        await self._release(entry.job_id, error, billed=billed, is_estimate=known is None)

    def _count(self, entry: Entry, known_microusd: int | None) -> None:
        """Count what a call has cost; what can be asked later is counted then."""
        if known_microusd is not None or entry.generation_id is None:
            cost = entry.charge.microusd if known_microusd is None else known_microusd
            self._metrics.charged(entry.model_id, cost)

    async def _release_left(self, job: Unanswered) -> None:
        error, known = UserFacingError(tr(RESTARTED)), 0
        if job.was_sent:
            known = (await known_cost(self._model, job.generation_id)).microusd
        billed = job.held_microusd if known is None else known
        await self._release(job.id, error, billed=billed, is_estimate=known is None)

    async def _release(
        self, job_id: int, error: BaseException, *, billed: int, is_estimate: bool = False
    ) -> None:
        after, sentence = _end(error), str(error) if isinstance(error, UserFacingError) else tr(BROKE_OFF)
        await self._write(self._release_now, job_id, after, sentence, billed, is_estimate=is_estimate)

    async def _release_now(
        self, job_id: int, after: End, sentence: str, billed: int, *, is_estimate: bool
    ) -> None:
        now = self._clock()
        if await self._jobs.release(job_id, after, sentence, billed, now, is_estimate=is_estimate):
            log.info("released", job=job_id, state=after.value, billed=billed)
            self._metrics.job_ended(after)


def _end(error: BaseException) -> End:
    """Return the state in which an error leaves a job."""
    if isinstance(error, PictureRefused):
        return JobState.REFUSED
    return JobState.CANCELLED if isinstance(error, (Cancelled, asyncio.CancelledError)) else JobState.FAILED
