"""Whose turn it is: a fair line in front of the workshop, over jobs that live in the database."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.domain.jobs import JobState
from bot.domain.requests import Kind
from bot.domain.standing import NOWHERE, Glimpse, Standing
from bot.errors import DiscordAway, StorageTrouble
from bot.services.endings import brought_to_an_end
from bot.services.forecast import Forecast, Run
from bot.services.line import Lanes, Ticket
from bot.services.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from datetime import datetime

    from bot.domain.jobs import Job
    from bot.domain.places import Places
    from bot.services.progress import Progress
    from bot.telemetry.metrics import Metrics

    CarryOut = Callable[[int], Coroutine[Any, Any, bool]]
    GiveUp = Callable[[int], Coroutine[Any, Any, None]]

log = structlog.get_logger(__name__)
LONGEST_AWAY_S = 120.0
"""The longest wait before Discord, which was in trouble, is tried again with a result."""
FRESH_S = 1.0
"""For how long what was expected is told again as it was."""


class Models(Protocol):
    """Knows how many calls each model can bear."""

    def places(self, model_id: str) -> Places:
        """Return what a model may take now."""
        ...

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever that becomes another for some model, other than as time passes."""
        ...


class JobQueue:
    """Starts at most `max_running` jobs at once, `max_each` of one person, in turn over the people who wait.

    Of a model as many run as `models` has places for; where it has none, others go on.

    It holds no more than ids: every job is a row, and the next start takes up what was left here. A job that
    breaks off (Discord down for long, a mistake of ours) keeps its state and is taken up again after
    `retry_s`; after the last of these it is handed to `give_up`. Where nothing can be kept, it waits
    `room_s` however often, and where Discord takes nothing longer each time. `carry_out` tells whether the
    time that it took says something about others. The jobs of batches start behind all others, and take half
    of the places at most. A job that is drawn, and has only to be shown, takes none.
    """

    def __init__(
        self,
        carry_out: CarryOut,
        give_up: GiveUp,
        *,
        max_running: int,
        max_each: int,
        models: Models,
        metrics: Metrics,
        progress: Progress,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.monotonic,
        retry_s: Sequence[float] = (2.0, 30.0, 300.0),
        room_s: float = 10.0,
    ) -> None:
        self._carry_out = carry_out
        self._give_up = give_up
        self._retry_s = tuple(retry_s)
        self._room_s = room_s
        self._breaks: Counter[int] = Counter()
        self._away: Counter[int] = Counter()
        """How often in a row Discord did not take what a job brought."""
        self._later: dict[int, asyncio.TimerHandle] = {}
        self._max_running, self._max_each, self._models = max_running, max_each, models
        self._line = Lanes()
        self._running: dict[int, Run] = {}
        self._drawn: set[int] = set()
        """Those that run and take no place any more: Discord may keep them for long."""
        self._standings: dict[int, Standing] | None = None
        self._foreseen_s = 0.0
        self._pace = Pace()
        self._forecast = Forecast(
            self._pace, places=max_running, each=max_each, room=models.places, clock=clock, timer=timer
        )
        self._closed = self._drained = False
        self._metrics = metrics
        self._progress = progress
        self._clock, self._timer = clock, timer
        models.watch(self._fill)
        progress.tell(self._give_up_place)

    def __len__(self) -> int:
        """Return how many jobs wait."""
        return len(self._line)

    @property
    def running(self) -> int:
        """Return how many jobs run."""
        return len(self._running)

    @property
    def max_running(self) -> int:
        """Return how many jobs run at once at most."""
        return self._max_running

    def put(self, job: Job, *, shown: Standing | None = None) -> None:
        """Let a job wait for its turn, once. After `close` it stays in the database for the next start.

        The card of a new one says already where it stands: that is what was `shown`. One that was delivered
        has only to be settled, and waits for nobody.
        """
        if job.state is JobState.DELIVERED:
            self.hurry(job)
            return
        self._line_up(_ticket(job), is_new=shown is not None)
        is_all_said = shown is not None and shown.running_since is not None and shown.ready_at is None
        if job.id in self._line or (job.card_message_id is not None and not is_all_said):
            glimpse = None if shown is None else Glimpse(shown)
            self._progress.follow(job, partial(self.standing, job.id), glimpse)

    def expect(self, job: Job) -> Standing:
        """Return where a new job will stand once it is put."""
        ticket = _ticket(job)
        longer = self._line.copy()
        longer.add(ticket)
        begins = self._free_places > 0 and longer.take(self._full(), self._has_room, patient=False) is ticket
        if begins:
            return self._forecast.beginning(ticket)
        return self._while_closed(self._forecast.joining(ticket, self._line, self._drawing()))

    def hurry(self, job: Job) -> None:
        """Start a job whose pictures are there, whatever else runs: it takes no place at the model."""
        self._hurry(replace(_ticket(job), asked_at=None))

    def _hurry(self, ticket: Ticket) -> None:
        self._unset(ticket.job_id)
        if self._closed or ticket.job_id in self._running or ticket.job_id in self._line:
            return
        self._start(ticket, self._carry_out)
        self._drawn.add(ticket.job_id)
        self._changed()

    async def cancel(self, job_id: int) -> None:
        """Take a job out of the line, or stop it and wait until it has stopped; what it left is a row."""
        self._unset(job_id)
        self._line.remove(job_id)
        self._changed()
        if (run := self._running.get(job_id)) is not None:
            run.task.cancel()
            await asyncio.wait({run.task})

    def standing(self, job_id: int) -> Standing:
        """Return where a job stands now."""
        if self._standings is None or self._timer() >= self._foreseen_s + FRESH_S:
            self._standings, self._foreseen_s = self._foresee(), self._timer()
        standing = self._standings.get(job_id, NOWHERE)
        again_at = self._progress.again_at(job_id)
        return standing if again_at is None else replace(standing, again_at=again_at)

    def room_at(self, among: Iterable[int] | None = None) -> datetime | None:
        """Return when a job may end and make room, or None where that is not known.

        It is one of those that run, or `among` others, whether these run or wait.
        """
        standings = map(self.standing, self._running if among is None else among)
        ends = [standing.ready_at for standing in standings if standing.ready_at is not None]
        return min(ends, default=None)

    def takes_s(self, model_id: str, quality: str | None) -> float | None:
        """Return how long one picture takes by those that were drawn, or None where that is not known."""
        return self._pace.guess(model_id, 1, quality)

    def close(self) -> None:
        """Give nobody a turn any more who waits; what was just ordered begins where nobody would wait."""
        self._closed = True
        for timer in self._later.values():
            timer.cancel()
        self._changed()

    async def drain(self, timeout_s: float) -> None:
        """Start nothing more, give running jobs some time, and stop the rest; they are resumed later."""
        self.close()
        self._drained = True
        if tasks := {run.task for run in self._running.values()}:
            late = await brought_to_an_end(tasks, timeout_s)
            log.info("drained", finished=len(tasks) - late, left=late + len(self))

    def _line_up(self, ticket: Ticket, *, is_new: bool = False) -> None:
        self._unset(ticket.job_id)
        if ticket.job_id in self._running or ticket.job_id in self._line:
            return
        self._line.add(ticket)
        self._fill(is_alone=is_new and len(self._line) == 1)

    def _fill(self, *, is_alone: bool = False) -> None:
        """Give turns; once closed to none but a new job that is alone in the line."""
        is_over = self._drained if is_alone else self._closed
        while not is_over and len(self._line) and self._free_places > 0:
            patient = sum(run.ticket.is_patient for run in self._drawing())
            may_be_patient = patient < max(1, self._max_running // 2)
            ticket = self._line.take(self._full(), cache(self._has_room), patient=may_be_patient)
            if ticket is None:
                break
            hopeless = self._breaks[ticket.job_id] > len(self._retry_s)
            self._start(ticket, self._give_up if hopeless else self._carry_out)
        self._changed()

    def _drawing(self) -> list[Run]:
        """Return the runs that take a place."""
        return [run for job_id, run in self._running.items() if job_id not in self._drawn]

    @property
    def _free_places(self) -> int:
        return self._max_running - len(self._running) + len(self._drawn)

    def _give_up_place(self, job_id: int) -> None:
        """Let others have the place of a job that draws no more, however long it takes to be shown."""
        if job_id in self._running and job_id not in self._drawn:
            self._drawn.add(job_id)
            self._fill()

    def _full(self) -> set[int]:
        """Return the people of whom as many jobs run as may."""
        counts = Counter(run.ticket.person for run in self._drawing())
        return {person for person, count in counts.items() if count >= self._max_each}

    def _has_room(self, model_id: str) -> bool:
        """Tell whether one more job of a model may run."""
        under_way = sum(run.ticket.model_id == model_id for run in self._drawing())
        return self._models.places(model_id).takes(under_way, self._free_places)

    def _start(self, ticket: Ticket, work: CarryOut | GiveUp) -> None:
        task = asyncio.create_task(work(ticket.job_id), name=f"job-{ticket.job_id}")
        if (asked_at := ticket.asked_at) is not None:
            self._metrics.wait_seconds.observe(max(0.0, (self._clock() - asked_at).total_seconds()))
        self._running[ticket.job_id] = Run(ticket, task, self._clock(), self._timer())
        task.add_done_callback(partial(self._finish, ticket))

    def _finish(self, ticket: Ticket, task: asyncio.Task[bool | None]) -> None:
        """Make room; a job that broke off comes back later."""
        run = self._running.pop(ticket.job_id)
        comes_back = self._hurry if ticket.job_id in self._drawn else self._line_up
        self._drawn.discard(ticket.job_id)
        if task.cancelled():
            self._forget(ticket.job_id)
        elif isinstance(error := task.exception(), StorageTrouble):
            log.warning("job waits until it can be kept", job=ticket.job_id)
            self._later_again(ticket, self._room_s, comes_back)
        elif isinstance(error, DiscordAway):
            log.warning("job waits for Discord", job=ticket.job_id, reason=str(error))
            wait_s = min(LONGEST_AWAY_S, self._room_s * 2 ** self._away[ticket.job_id])
            self._away[ticket.job_id] += 1
            self._later_again(ticket, max(wait_s, error.retry_after_s), comes_back)
        elif error is not None:
            log.error("job broke off", job=ticket.job_id, exc_info=error)
            self._breaks[ticket.job_id] += 1
            self._come_back(ticket)
        else:
            self._forget(ticket.job_id)
            if task.result():
                took_s = self._timer() - run.started_s
                self._pace.note(ticket.model_id, ticket.images, took_s, ticket.quality)
                self._metrics.run_seconds.labels(ticket.model_id).observe(took_s)
        self._fill()

    def _unset(self, job_id: int) -> None:
        if (timer := self._later.pop(job_id, None)) is not None:
            timer.cancel()

    def _forget(self, job_id: int) -> None:
        """Count anew what goes wrong with a job."""
        del self._breaks[job_id]
        del self._away[job_id]

    def _come_back(self, ticket: Ticket) -> None:
        breaks = self._breaks[ticket.job_id]
        if breaks > len(self._retry_s) + 1:
            return  # not even giving it up worked: the next start takes it up
        wait_s = self._retry_s[breaks - 1] if breaks <= len(self._retry_s) else 0.0
        self._later_again(ticket, wait_s, self._line_up)

    def _later_again(self, ticket: Ticket, wait_s: float, comes_back: Callable[[Ticket], None]) -> None:
        if self._closed:
            return
        again = replace(ticket, asked_at=None)  # its wait was measured
        timer = asyncio.get_running_loop().call_later(wait_s, comes_back, again)
        self._later[ticket.job_id] = timer

    def _changed(self) -> None:
        self._standings = None
        self._progress.moved()
        self._metrics.queue_length.set(len(self))

    def _foresee(self) -> dict[int, Standing]:
        """Return where everybody stands."""
        standings = {job_id: self._forecast.running(run) for job_id, run in self._running.items()}
        for ticket, standing in self._forecast.waiting(self._line, self._drawing()):
            standings[ticket.job_id] = self._while_closed(standing)
        return standings

    def _while_closed(self, standing: Standing) -> Standing:
        """Return where who waits stands; once closed nobody starts, and the next start takes them up."""
        return replace(standing, ready_at=None, is_left=True) if self._closed else standing


def _ticket(job: Job) -> Ticket:
    return Ticket(
        job.id,
        job.user_id,
        job.plan.model_id,
        job.held.images,
        job.created_at if job.state is JobState.QUEUED else None,
        quality=job.request.quality,
        is_patient=job.request.kind is Kind.BATCH,
    )
