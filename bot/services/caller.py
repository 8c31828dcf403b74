"""One paid call: written down before it is sent, its pictures kept before anything else is done."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from bot.domain.calls import PictureBytes, PictureCall, PictureReply
from bot.domain.capabilities import Transport
from bot.domain.images import Picture, PictureInfo, Role, picture_id
from bot.domain.jobs import Call, CallState, Job
from bot.domain.requests import MAX_COUNT
from bot.domain.standing import WORTH_SAYING_S
from bot.errors import (
    ModelError,
    ModelGone,
    NothingCame,
    OutcomeUnknown,
    PictureUnusable,
    StorageTrouble,
    Superseded,
)
from bot.images.inspect import verify
from bot.services.endings import beside
from bot.services.inquiry import known_cost
from bot.storage.blobs import name_of
from bot.texts import mark, tr
from bot.transport.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime

    from bot.images.pool import PicturePool
    from bot.model.catalogue import Catalogue
    from bot.model.client import OpenRouter
    from bot.model.partials import PartialSeen
    from bot.services.inquiry import Inquiry
    from bot.services.progress import Progress
    from bot.services.pseudonyms import Pseudonyms
    from bot.storage.blobs import Blobs
    from bot.storage.jobs import Jobs
    from bot.telemetry.metrics import Metrics

    Then = Callable[[], Awaitable[None]]

T = TypeVar("T")
log = structlog.get_logger(__name__)
VERIFY_WEIGHT = 64 * 1024 * 1024
"""Bytes of memory that checking a picture takes: 2048 pixels a side, 16 bytes each."""
REPLIES_AT_ONCE = 8
"""Replies that are read, checked and stored at the same time; each is held whole meanwhile."""
ROOM_S = 5.0
"""How often it is tried again to store a reply."""
STOPPED = mark("The request was cancelled while the model was drawing.")
PRICED_S = 3.0
"""How long pictures that came without a price wait for it. What is recorded later is the operator's alone."""
DAMAGED = mark("The model sent a damaged picture. Nothing was charged; try again.")
INTERRUPTED = mark("Easel was interrupted while it was drawing. Nothing was charged to you; try again.")


class Caller:
    """Sends a job's paid calls, each at most once."""

    def __init__(
        self,
        *,
        model: OpenRouter,
        catalogue: Catalogue,
        jobs: Jobs,
        blobs: Blobs,
        pool: PicturePool,
        clock: Callable[[], datetime],
        pseudonyms: Pseudonyms,
        metrics: Metrics,
        progress: Progress,
        inquiry: Inquiry,
    ) -> None:
        self._model = model
        self._catalogue = catalogue
        self._jobs = jobs
        self._blobs = blobs
        self._pool = pool
        self._clock = clock
        self._pseudonyms = pseudonyms
        self._metrics = metrics
        self._progress = progress
        self._inquiry = inquiry
        self._replies = Gate(REPLIES_AT_ONCE)
        self._kept_waiting: set[int] = set()

    async def make(
        self, job: Job, call: Call, references: tuple[PictureBytes, ...], then: Then | None = None
    ) -> ModelError | None:
        """Bring a call to its end and return what went wrong, if anything did.

        The step that may be taken `then` shares a commit with its pictures.
        A call that an earlier process had sent is never sent again: it may have been charged. Raise
        Superseded for a call that somebody else sends or has ended.
        """
        if call.state is CallState.SENT:
            return await self._lost(
                job, call, OutcomeUnknown(tr(INTERRUPTED), generation_id=call.generation_id)
            )
        if call.state is not CallState.PLANNED:
            return None if call.state is CallState.RECEIVED else ModelError(call.failure or tr(INTERRUPTED))
        return await self._send(job, call, references, then)

    async def abandon(self, job: Job, call: Call) -> None:
        """Book a call whose sending was stopped: it is lost, and may have been charged."""
        await self._lost(job, call, OutcomeUnknown(tr(STOPPED), generation_id=call.generation_id))

    async def _send(
        self, job: Job, call: Call, references: tuple[PictureBytes, ...], then: Then | None
    ) -> ModelError | None:
        started_at: list[datetime] = []

        async def note_sent() -> None:
            if not await self._jobs.mark_sent(job.id, call.ordinal, self._clock()):
                raise Superseded(f"call {call.ordinal} is not ours to send")
            started_at.append(self._clock())

        error: ModelError | None = None
        cost = 0
        try:
            async with beside() as begin, AsyncExitStack() as room:
                reply = await self._model.draw(
                    self._wire_call(job, call, references),
                    on_sent=note_sent,
                    on_generation_id=lambda found: begin(self._note_generation(job, call, found)),
                    on_refused=partial(self._jobs.mark_refused, job.id, call.ordinal),
                    on_reply=lambda: room.enter_async_context(self._replies.inside()),
                    on_partial=self._partial_shower(job, call),
                    on_wait=partial(self._held_up, job),
                )
                cost = await self._keep_surely(job, call, reply, then)
        except OutcomeUnknown as unknown:
            error = await self._lost(job, call, unknown)
        except ModelError as failure:
            if isinstance(failure, ModelGone):
                self._catalogue.mark_gone(job.plan.model_id)
            await self._failed(job, call, failure)
            error = failure
        if started_at:  # else the model was known to be down, and nothing was sent
            self._metrics.call_ended(
                job.plan.model_id,
                error.kind if error else "ok",
                (self._clock() - started_at[0]).total_seconds(),
                error.billed_microusd if error else cost,
            )
        return error

    async def _note_generation(self, job: Job, call: Call, generation_id: str) -> None:
        with suppress(StorageTrouble):  # it is asked for only where the call is lost
            await self._jobs.note_generation(job.id, call.ordinal, generation_id)

    def _partial_shower(self, job: Job, call: Call) -> PartialSeen:
        async def show(_step: int, picture: PictureBytes) -> None:
            self._progress.sharpened(job, call.ordinal, picture)

        return show

    def was_kept_waiting(self, job_id: int) -> bool:
        """Tell, once, whether a job was kept waiting by its model."""
        is_known = job_id in self._kept_waiting
        self._kept_waiting.discard(job_id)
        return is_known

    def _held_up(self, job: Job, seconds: float) -> None:
        if seconds > 0:
            self._kept_waiting.add(job.id)
        is_long = seconds >= WORTH_SAYING_S
        self._progress.held_up(job, self._clock() + timedelta(seconds=seconds) if is_long else None)

    async def _keep_surely(self, job: Job, call: Call, reply: PictureReply, then: Then | None) -> int:
        """Store what came, which is paid for: where that cannot be now, as soon as it can."""
        while True:
            try:
                return await _uncut(self._keep(job, call, reply, then))
            except StorageTrouble:
                log.warning("a reply waits until it can be stored", call=call.ordinal)
            await asyncio.sleep(ROOM_S)

    async def _keep(self, job: Job, call: Call, reply: PictureReply, then: Then | None) -> int:
        """Check and store what came and return its cost as far as that is known.

        Pictures and the call's end are one step.
        """
        price = (
            reply.cost_microusd if reply.cost_microusd is not None else await self._asked(job, call, reply)
        )
        cost = self._estimate(job, call) if price is None else price
        most = MAX_COUNT if len(job.plan.calls) == 1 else call.count  # a card holds MAX_COUNT of all calls
        came = [await self._kept(job, call, n, one.data) for n, one in enumerate(reply.pictures[:most])]
        pictures = [picture for picture in came if picture is not None]
        if not pictures:
            if price is None:
                raise OutcomeUnknown(tr(DAMAGED), generation_id=reply.generation_id)
            raise NothingCame(tr(DAMAGED), billed_microusd=cost, generation_id=reply.generation_id)
        receiving = self._jobs.receive(
            job.id, call.ordinal, cost, pictures, self._clock(), is_estimate=price is None
        )
        if not await _with(then, receiving):
            log.warning("what came is not ours any more", call=call.ordinal, microusd=cost)
            raise Superseded(f"call {call.ordinal} was ended elsewhere")
        if price is None and reply.generation_id is None:
            return cost  # nobody can be asked
        return price or 0

    async def _asked(self, job: Job, call: Call, reply: PictureReply) -> int | None:
        """Return what the provider recorded for a reply that does not say its cost, if it does so soon."""
        if reply.generation_id is None:
            return None
        await self._note_generation(job, call, reply.generation_id)
        try:
            async with asyncio.timeout(PRICED_S):
                return (await known_cost(self._model, reply.generation_id)).microusd
        except TimeoutError:
            return None

    async def _kept(self, job: Job, call: Call, index: int, data: bytes) -> Picture | None:
        """Store one picture, or return None where it is damaged."""
        try:
            info, name = await self._pool.run(_verified, data, weight_bytes=VERIFY_WEIGHT)
        except PictureUnusable as error:
            log.warning("picture damaged", size=len(data), reason=str(error))
            return None
        ordinal = call.ordinal * MAX_COUNT + index
        return Picture(
            id=picture_id(job.id, Role.RESULT, ordinal),
            job_id=job.id,
            role=Role.RESULT,
            ordinal=ordinal,
            blob=await self._blobs.put(data, name),
            info=info,
            seed=call.seed,
            call_ordinal=call.ordinal,
            parents=tuple(picture_id(job.id, Role.REFERENCE, n) for n in range(len(job.request.references))),
        )

    async def _failed(self, job: Job, call: Call, error: ModelError) -> None:
        log.info("call failed", kind=error.kind, call=call.ordinal, billed=error.billed_microusd)
        await self._jobs.fail_call(
            job.id, call.ordinal, CallState.FAILED, str(error), error.billed_microusd, self._clock()
        )

    async def _lost(self, job: Job, call: Call, error: OutcomeUnknown) -> OutcomeUnknown:
        """Book what an unanswered call may have cost; nobody waits for the provider to be asked for it."""
        if error.generation_id is not None:
            await self._note_generation(job, call, error.generation_id)
        can_be_asked = bool(error.generation_id or call.generation_id)
        cost = self._lost_cost(job, call, can_be_asked=can_be_asked)
        log.warning("call lost", call=call.ordinal, microusd=cost)
        await self._jobs.fail_call(
            job.id,
            call.ordinal,
            CallState.LOST,
            str(error),
            cost,
            self._clock(),
            is_estimate=can_be_asked,
        )
        if can_be_asked:
            self._inquiry.lost(job.id, call.ordinal)
        else:
            self._metrics.charged(job.plan.model_id, cost)
        return error

    def _lost_cost(self, job: Job, call: Call, *, can_be_asked: bool) -> int:
        if job.plan.transport is Transport.IMAGES and not can_be_asked:
            return 0  # all or nothing: a dropped connection is not billed (OpenRouter, image-generation.mdx)
        return self._estimate(job, call)

    def _estimate(self, job: Job, call: Call) -> int:
        return job.held.microusd * call.count // max(1, job.held.images)

    def _wire_call(self, job: Job, call: Call, references: tuple[PictureBytes, ...]) -> PictureCall:
        request = job.request
        formats = self._catalogue.offer(job.plan.model_id, job.plan.transport).formats
        return PictureCall(
            model_id=job.plan.model_id,
            transport=job.plan.transport,
            prompt=request.words()[job.plan.calls[call.ordinal].text],
            count=call.count,
            user_key=self._pseudonyms.of_person(job.user_id),
            session_key=self._pseudonyms.of_channel(job.channel_id),
            seed=call.seed,
            aspect=request.aspect,
            quality=request.quality,
            background=request.background,
            output_format=request.output_format if request.output_format in formats else None,
            references=references,
        )


def _verified(data: bytes) -> tuple[PictureInfo, str]:
    """Return what a picture is and by which name it is stored: one trip to a thread for both."""
    return verify(data), name_of(data)


async def _with(then: Then | None, receiving: Coroutine[Any, Any, bool]) -> bool:
    """Keep what came, and take a step behind it in the same commit; where that fails it is taken later."""
    if then is None:
        return await receiving
    received, step = await asyncio.gather(receiving, then(), return_exceptions=True)
    if isinstance(received, BaseException):
        raise received
    if isinstance(step, BaseException):
        log.warning("not produced with its pictures", reason=str(step))
    return received


async def _uncut(keeping: Coroutine[Any, Any, T]) -> T:
    """Finish what was begun before giving in to a cancellation: what came is paid for."""
    task = asyncio.create_task(keeping)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
