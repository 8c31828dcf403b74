"""Carries jobs out, from wherever an earlier process may have left them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.domain.jobs import Call, CallState, Job, JobState, cost_of
from bot.domain.results import Result
from bot.domain.reviews import ReviewState
from bot.errors import (
    Cancelled,
    ModelError,
    ModelGone,
    NotFound,
    PictureDenied,
    PictureRefused,
    StorageTrouble,
    Superseded,
    TooLate,
    Undeliverable,
    Unreachable,
    UserFacingError,
)
from bot.services.outcomes import (
    BROKE_OFF,
    absorbed_by,
    charge_of,
    is_drawn,
    kind_of,
    once_settled,
    shortfall,
    why_ended,
)
from bot.texts import mark, speaking, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.domain.calls import PictureBytes
    from bot.domain.results import Came, Card
    from bot.services.allowances import Allowances
    from bot.services.caller import Caller
    from bot.services.gate import Gate, Stop
    from bot.services.planning import Planner
    from bot.services.presenter import Presenter
    from bot.services.progress import Progress
    from bot.services.references import References
    from bot.storage.jobs import End, Jobs
    from bot.storage.pictures import Pictures
    from bot.storage.shelf import Shelf
    from bot.telemetry.metrics import Metrics

NOBODY_CAME = mark("The pictures could not be shown, and nobody fetched them in time. Nothing was charged.")
log = structlog.get_logger(__name__)


@dataclass
class _Last:
    """Notes that a job has all its pictures in one commit with the last of them, where nobody looks first."""

    passes: Callable[[], Awaitable[bool]]
    produce: Callable[[], Awaitable[tuple[Job, Came] | None]]
    produced: tuple[Job, Came] | None = None

    async def step(self) -> None:
        if await self.passes():
            self.produced = await self.produce()


class Workshop:
    """Takes a job through its states; each step is in the database before the next begins."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        pictures: Pictures,
        shelf: Shelf,
        references: References,
        caller: Caller,
        allowances: Allowances,
        planner: Planner,
        presenter: Presenter,
        gate: Gate,
        clock: Callable[[], datetime],
        metrics: Metrics,
        progress: Progress,
    ) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._shelf = shelf
        self._references = references
        self._caller = caller
        self._allowances = allowances
        self._planner = planner
        self._presenter = presenter
        self._gate = gate
        self._clock = clock
        self._metrics = metrics
        self._progress = progress

    async def carry_out(self, job_id: int) -> bool:
        """Bring a job to its end; a job that is there already is left alone.

        Tell whether it was drawn from beginning to end, so that its time says how long others may take.
        """
        job, calls = await self._whole(job_id)
        is_drawn_through = False
        try:
            with speaking(job.language):
                is_drawn_through = await self._carry_out(job, calls)
        finally:
            was_kept_waiting = self._caller.was_kept_waiting(job_id)
        return is_drawn_through and not was_kept_waiting

    async def _carry_out(self, job: Job, calls: Sequence[Call]) -> bool:
        is_new = job.state is JobState.QUEUED
        structlog.contextvars.bind_contextvars(job=job.id)
        if job.untold:
            await self._tell(job, why_ended(job))
            return False
        came: Came | None = None
        if job.state in {JobState.QUEUED, JobState.SENT}:
            try:
                job, came = await self._produce(job, calls)
            except Superseded as error:
                log.warning("given up to another", reason=str(error))
                await self._progress.leave(job.id)
                return False
        if job.state is JobState.PRODUCED:
            job = await self._deliver(job, came or await self._pictures.came_of(job.id))
        await self._progress.leave(job.id)
        if job.state is JobState.DELIVERED:
            await self._settle(job, await self._pictures.came_of(job.id))
        is_kept = job.state is JobState.PRODUCED and not job.waits_for_owner
        return is_new and (is_kept or job.state is JobState.SETTLED)

    async def shown(self, job_id: int, card: Card) -> None:
        """Charge a job whose pictures were shown with others; one that has ended is left alone."""
        job, came = await self._read(job_id), await self._pictures.came_of(job_id)
        await self._shown(job, card, came)

    async def not_shown(self, job_id: int, error: Undeliverable) -> None:
        """Keep a job's pictures for their owner where nobody can be reached, or give the money back."""
        if isinstance(error, Unreachable):
            await self._shelf.keep(job_id, str(error), self._clock())
        else:
            await self._end(await self._read(job_id), JobState.FAILED, error)

    async def give_up(self, job_id: int) -> None:
        """End a job that broke off again and again, without a charge; pictures that came are kept."""
        job = await self._read(job_id)
        if job.state in {JobState.QUEUED, JobState.SENT}:
            with speaking(job.language):
                await self._end(job, JobState.FAILED, UserFacingError(tr(BROKE_OFF)))

    async def let_go(self, job_id: int) -> bool:
        """End a job whose result nobody fetched, without a charge; False where it has ended or goes on."""
        if not await self._shelf.withdraw(job_id, self._clock()):
            return False
        job = await self._read(job_id)
        with speaking(job.language):
            return await self._released(job, JobState.FAILED, UserFacingError(tr(NOBODY_CAME)))

    async def call_off(self, job_id: int, error: Cancelled) -> Job:
        """End a job that nobody works at any more, without a charge, or raise TooLate; its card says so.

        Return it, `untold` where no way to its card is left but that of whoever has it in view.
        What was sent may have been charged all the same: that is booked to the operator. Pictures are there
        too late only once they may be shown, not while moderators have yet to look at them.
        """
        await self._progress.leave(job_id)
        job, calls = await self._whole(job_id)
        is_there = job.state in {JobState.PRODUCED, JobState.DELIVERED, JobState.SETTLED} or is_drawn(calls)
        if is_there and job.review is not ReviewState.WAITING:
            raise TooLate(tr("It is too late to cancel: the pictures are there already."))
        sent = [call for call in calls if call.state is CallState.SENT]
        await asyncio.gather(*(self._caller.abandon(job, call) for call in sent))
        if not await self._released(job, JobState.CANCELLED, error, untold=True):
            raise TooLate(tr("There is nothing to cancel: this request has ended already."))
        is_said = await self._tell(job, error)
        return replace(await self._read(job_id), untold=not is_said)

    async def _produce(self, job: Job, calls: Sequence[Call]) -> tuple[Job, Came | None]:
        """Make the pictures and return what came, or end the job without a charge."""
        try:
            references = await self._references.of(job)
        except StorageTrouble:
            raise
        except UserFacingError as error:
            return await self._end(job, JobState.FAILED, error), None
        while True:
            last = _Last(partial(self._gate.passes, job), partial(self._produced, job))
            errors = await self._make(job, calls, references, last)
            if last.produced is not None:
                return last.produced
            if len(errors) < len(calls):
                if (stop := await self._gate.consider(job)) is not None:
                    return await self._withheld(job, stop), None
                return await self._produced(job) or (await self._read(job.id), None)
            if not await self._carried_to_next_model(job, errors):
                break
            job, calls = await self._whole(job.id)
        worst = next((error for error in errors if isinstance(error, PictureRefused)), errors[0])
        after = JobState.REFUSED if isinstance(worst, PictureRefused) else JobState.FAILED
        return await self._end(job, after, worst), None

    async def _produced(self, job: Job) -> tuple[Job, Came] | None:
        return await self._jobs.produce(job.id, self._clock())

    async def _make(
        self, job: Job, calls: Sequence[Call], references: tuple[PictureBytes, ...], last: _Last
    ) -> list[ModelError]:
        """Bring every call to its end, then break off if one did: the others are paid for as well."""
        then = last.step if len(calls) == 1 else None
        making = (self._caller.make(job, call, references, then) for call in calls)
        errors: list[ModelError] = []
        for outcome in await asyncio.gather(*making, return_exceptions=True):
            if isinstance(outcome, ModelError):
                errors.append(outcome)
            elif outcome is not None:
                raise outcome
        return errors

    async def _carried_to_next_model(self, job: Job, errors: Sequence[ModelError]) -> bool:
        """Plan anew where the model turned out to be retired; what a person chose by name is not replaced."""
        if job.request.model is not None or not all(isinstance(error, ModelGone) for error in errors):
            return False
        try:
            plan = self._planner.plan(job.request)
        except UserFacingError:
            return False
        log.warning("model gone", model=job.plan.model_id, next_model=plan.model_id)
        return await self._jobs.replan(job.id, plan, self._clock())

    async def _deliver(self, job: Job, came: Came) -> Job:
        """Post what came, keep it where nobody can be reached or may see it, or give the money back."""
        await self._progress.leave(job.id)
        try:
            if not await self._gate.opens(job):
                await self._presenter.withheld(job)
                return job
            card = await self._presenter.present(await self._result(job, came))
        except Unreachable as error:
            log.warning("kept for its owner", until=job.waits_until.isoformat())
            self._metrics.error(kind_of(error))
            await self._shelf.keep(job.id, str(error), self._clock())
            return await self._read(job.id)
        except (Undeliverable, PictureDenied) as error:
            return await self._end(job, JobState.FAILED, error)
        if card is None:
            return await self._read(job.id)
        return await self._shown(job, card, came)

    async def _shown(self, job: Job, card: Card, came: Came) -> Job:
        """Note where a job's pictures stand, and charge them: two steps that wait for one commit."""
        place = (card.channel_id, card.message_id)
        delivered, is_settled = await asyncio.gather(
            self._jobs.deliver(job.id, *place, self._clock(), limit_bytes=card.limit_bytes),
            self._settle(job, came),
            return_exceptions=True,  # neither is left under way where the other fails
        )
        if isinstance(delivered, BaseException):
            raise delivered
        if isinstance(is_settled, BaseException):
            raise is_settled
        if is_settled:
            return replace(job, state=JobState.SETTLED)
        return delivered or await self._read(job.id)

    async def _settle(self, job: Job, came: Came) -> bool:
        charge, absorbed = charge_of(job.held, came), absorbed_by(came.calls)
        if not await self._jobs.settle(job.id, charge, absorbed, self._clock()):
            return False
        log.info("settled", images=charge.images, microusd=charge.microusd, absorbed=absorbed)
        self._metrics.job_ended(JobState.SETTLED)
        return True

    async def _end(self, job: Job, after: End, error: UserFacingError) -> Job:
        """Release what is held, once, and then say why: words can fail, money may not."""
        if await self._released(job, after, error, untold=True):
            self._metrics.error(kind_of(error))
            await self._tell(job, error)
        return await self._read(job.id)

    async def _withheld(self, job: Job, stop: Stop) -> Job:
        """End a job whose pictures may not be shown, as any that fails."""
        if await self._gate.withhold(job, stop, await self._billed(job)):
            log.info("withheld", reason=kind_of(stop.error), state=stop.after.value)
            self._metrics.job_ended(stop.after)
            self._metrics.error(kind_of(stop.error))
            await self._tell(job, stop.error)
        return await self._read(job.id)

    async def _tell(self, job: Job, error: UserFacingError) -> bool:
        """Say how a job has ended, and note that it was said; whoever is killed in between says it again.

        Tell whether it was said. Where a card cannot say that it was called off, that is not tried again.
        """
        await self._progress.leave(job.id)
        with speaking(job.language):
            if isinstance(error, Cancelled):
                is_said = await self._presenter.retract(job, error)
            elif not (is_said := await self._presenter.apologise(job, error)):
                return False
        await self._jobs.told(job.id)
        return is_said

    async def _released(self, job: Job, after: End, error: UserFacingError, *, untold: bool = False) -> bool:
        """Give back what a job holds; what the provider billed all the same is the operator's."""
        absorbed = await self._billed(job)
        if job.review is ReviewState.WAITING and after is JobState.CANCELLED:
            released = await self._gate.call_off(job, str(error), absorbed)
        else:
            released = await self._jobs.release(
                job.id, after, str(error), absorbed_microusd=absorbed, now=self._clock(), untold=untold
            )
        if released:
            log.info("released", reason=kind_of(error), state=after.value, absorbed=absorbed)
            self._metrics.job_ended(after)
        return released

    async def _billed(self, job: Job) -> int:
        return sum(call.cost_microusd for call in await self._jobs.calls(job.id))

    async def _result(self, job: Job, came: Came) -> Result:
        readings = await self._allowances.readings(job.requester, self._clock())
        charge = charge_of(job.held, came)
        return Result(
            job=job,
            pictures=came.pictures,
            cost_microusd=cost_of(came.calls),
            shortfall=shortfall(job.held, came),
            readings=tuple(once_settled(reading, job, charge) for reading in readings),
        )

    async def _read(self, job_id: int) -> Job:
        return (await self._whole(job_id))[0]

    async def _whole(self, job_id: int) -> tuple[Job, tuple[Call, ...]]:
        found = await self._jobs.whole(job_id)
        if found is None:
            raise NotFound(tr("This job is not known."))
        return found
