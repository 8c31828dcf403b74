"""The front of the house: what may be drawn, what it may cost, and the job that comes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.domain.access import Asked, Family
from bot.domain.drawn import filed
from bot.domain.edits import Change, changed
from bot.domain.images import Picture, Role
from bot.domain.jobs import UNFINISHED, Job, JobState, Origin, cost_of
from bot.domain.quotas import Charge, Owner
from bot.domain.requests import Kind, PictureRequest, Reference, Requester, Stored
from bot.domain.standing import NOWHERE, Standing, UnderWay
from bot.errors import Cancelled, NotAllowed, NotFound, TooBusy
from bot.services.door import OPEN
from bot.services.planning import check
from bot.services.unwritten import Unwritten
from bot.storage.room import NoRoom
from bot.texts import language, mark, speaking, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.domain.capabilities import Plan
    from bot.domain.drawn import Drawn
    from bot.domain.jobs import Bounds
    from bot.services.allowances import Allowances
    from bot.services.authority import Authority
    from bot.services.door import Door
    from bot.services.planning import Planner
    from bot.services.queue import JobQueue
    from bot.services.showing import Showings
    from bot.services.sweeper import Sweeper
    from bot.services.workshop import Workshop
    from bot.storage.jobs import Jobs
    from bot.storage.pictures import Pictures

log = structlog.get_logger(__name__)
CANCELLED = mark("Cancelled. Nothing was charged.")
CANCELLED_BY_MODERATOR = mark("Cancelled by a moderator. Nothing was charged.")


class Studio:
    """Plans, prices and opens jobs; shows, repeats and removes those that are done."""

    def __init__(
        self,
        *,
        planner: Planner,
        jobs: Jobs,
        pictures: Pictures,
        sweeper: Sweeper,
        allowances: Allowances,
        queue: JobQueue,
        workshop: Workshop,
        authority: Authority,
        clock: Callable[[], datetime],
        bounds: Bounds,
        has_room: Callable[[], bool] = lambda: True,
        door: Door = OPEN,
        showings: Showings | None = None,
        unwritten: Unwritten | None = None,
    ) -> None:
        self._planner = planner
        self._jobs = jobs
        self._pictures = pictures
        self._sweeper = sweeper
        self._allowances = allowances
        self._queue = queue
        self._workshop = workshop
        self._authority = authority
        self._clock = clock
        self._bounds = bounds
        self._has_room = has_room
        self._door = door
        self._showings = showings
        self._unwritten = unwritten or Unwritten()
        self._closed = False

    async def open(
        self,
        job_id: int,
        who: Requester,
        request: PictureRequest,
        origin: Origin,
        *,
        parent_job_id: int | None = None,
        drawn: Drawn | None = None,
    ) -> Job | None:
        """Reserve what a request may cost and write the job down; None if this very click has one.

        What was `drawn` in an answer already is paid for there, and only has to be shown.
        Raise OptionUnsupported, TooBusy, QuotaExceeded, or what the door says; then nothing is held.
        """
        if drawn is not None:
            return await self._file(*filed(job_id, who, request, origin, drawn, self._clock()))
        self._require_open()
        plan = self.price(request)
        await self._door.admit(who, Asked(Family.DRAW, request.words(), request.references))
        job = Job(
            id=job_id,
            state=JobState.QUEUED,
            user_id=who.user_id,
            guild_id=who.guild_id,
            channel_id=who.channel_id,
            request=request,
            plan=plan,
            held=Charge(images=plan.count, microusd=plan.upper_microusd),
            origin=origin,
            created_at=self._clock(),
            parent_job_id=parent_job_id,
            language=language(),
            role_ids=who.role_ids,
        )
        try:
            async with self._allowances.claimed(who, job.created_at) as claim:
                return job if await self._jobs.open(job, claim, job.created_at, self._bounds) else None
        except NoRoom as full:
            raise await self._too_busy(full.owner, who) from None

    async def _file(self, job: Job, results: Sequence[Picture]) -> Job | None:
        return job if await self._jobs.file(job, results, job.created_at) else None

    def _require_open(self) -> None:
        if self._closed:
            raise TooBusy(tr("Easel is restarting. Try again in a minute; nothing was charged."))
        if not self._has_room():
            raise TooBusy(tr("Easel has no room left to keep pictures. Tell the people who run it."))

    def price(self, request: PictureRequest) -> Plan:
        """Return how a request would be carried out, and its price; raise BadInput or a ModelError."""
        check(request)
        return self._planner.plan(request)

    async def _too_busy(self, owner: Owner, who: Requester) -> TooBusy:
        """Say whose requests are too many, and what to do."""
        if owner is Owner.PERSON:
            return TooBusy(
                tr(
                    "You have {count} requests under way. Let one finish, then ask again; /queue shows them.",
                    count=self._bounds.per_person,
                )
            )
        if owner is Owner.SERVER and who.guild_id is not None:
            full = tr("This server has {count} requests under way.", count=self._bounds.per_server)
            theirs = await self._jobs.unfinished_of_server(who.guild_id)
            room_at = self._queue.room_at(job.id for job in theirs)
        else:
            full = tr("Easel has its hands full right now.")
            room_at = self._queue.room_at()
        return TooBusy(f"{full} {_advice(room_at)}")

    def close(self) -> None:
        """Take no more orders: the process is about to stop."""
        self._closed = True

    async def shown(self, job: Job, message_id: int) -> None:
        """Note which message waits for a job's pictures."""
        place = partial(self._jobs.place, job.id, job.channel_id, message_id, self._clock())
        await self._unwritten.write(place)

    def expect(self, job: Job) -> Standing:
        """Return where an opened job will stand once it is started."""
        return self._queue.expect(job)

    def start(self, job: Job, shown: Standing = NOWHERE) -> None:
        """Let an opened job take its turn, whose card says where it stands."""
        self._queue.put(job, shown=shown)

    async def withdraw(self, job: Job) -> None:
        """Give back what an opened job holds, because its asker could not be told of it.

        Unless `retract` comes to its end, the next start does that: a card may stand there all the same.
        """
        release = partial(
            self._jobs.release,
            job.id,
            JobState.CANCELLED,
            failure=tr("Discord did not take Easel's answer in time. Nothing was charged; please ask again."),
            absorbed_microusd=0,
            now=self._clock(),
            untold=True,
        )
        await self._unwritten.write(release)

    async def retract(self, job: Job) -> None:
        """Let the card of a withdrawn job say so, if it stands there all the same."""
        withdrawn = await self._jobs.get(job.id)
        if withdrawn is not None and withdrawn.untold:
            await self._workshop.carry_out(job.id)

    async def show(self, job_id: int, who: Requester) -> tuple[Job, tuple[Picture, ...]]:
        """Return a job and its pictures to someone who may see them, or raise NotFound.

        Pictures that are not shown anywhere yet are none: nobody paid for them, moderators may look first.
        Whoever has the card in view sees them: Discord shows it a moment before it answers that it does.
        """
        job = await self._jobs.get(job_id)
        if job is None or not may_see(job, who):
            raise NotFound(tr("These pictures are no longer here. Start again with /imagine."))
        if job.state in {JobState.PRODUCED, JobState.DELIVERED}:  # its cost is written down when it settles
            job = replace(job, cost_microusd=cost_of(await self._jobs.calls(job_id)))
        pictures = await self._pictures.of_job(job_id, Role.RESULT)
        is_hidden = job.state is JobState.PRODUCED and (job.waits_for_moderators or job.id not in who.shown)
        if self._showings is not None:
            await self._showings.require_place(job, pictures, who)
        return job, () if is_hidden else pictures

    async def recent(self, who: Requester) -> tuple[Job, ...]:
        """Return someone's latest jobs that have pictures, the newest first."""
        return await self._jobs.recent_of_person(who.user_id)

    async def references(self, job_id: int) -> tuple[Picture, ...]:
        """Return the pictures that guided a job."""
        return await self._pictures.of_job(job_id, Role.REFERENCE)

    async def again(self, job: Job) -> PictureRequest:
        """Return the same request, its references taken from our own copies; one of a batch stands alone."""
        is_anew = job.request.kind in {Kind.BATCH, Kind.TALK}
        kind = Kind.IMAGINE if is_anew else job.request.kind
        return replace(job.request, references=await self._kept(job), kind=kind, follows_answer=False)

    async def edited(self, job: Job, change: Change) -> PictureRequest:
        """Return a request that goes on from one picture of a job, or from its words alone."""
        if change.base is None:
            return changed(job.request, change, ())
        picture = await self._pictures.get(change.base)
        if picture is None or picture.job_id != job.id:
            raise NotFound(tr("That picture is no longer here. Choose another one."))
        return changed(job.request, change, (Stored(picture.id),))

    async def remove(self, job_id: int, who: Requester) -> None:
        """Forget the pictures of a job: its owner may, and who moderates the server it is in."""
        job, _ = await self.show(job_id, who)
        if not await self._is_in_charge(job, who):
            raise NotAllowed(
                tr("Only the person who asked for these pictures, or a moderator, may delete them.")
            )
        if job.state in UNFINISHED:
            raise TooBusy(tr("These pictures are not finished yet. Try again in a moment."))
        if await self._jobs.forget_pictures(job_id):
            await self._sweeper.sweep_soon()

    async def under_way(self, who: Requester, *, server: bool = False) -> tuple[UnderWay, ...]:
        """Return someone's jobs that have not ended, in all places, in the order of their turns.

        With `server` those of everybody in the server, or raise NotAllowed for who does not administer it.
        """
        if not server:
            jobs = await self._jobs.unfinished_of_person(who.user_id)
        else:
            jobs = await self._jobs.unfinished_of_server(await self._authority.require(who))
        found = [UnderWay(job, self._queue.standing(job.id)) for job in jobs]
        return tuple(sorted(found, key=lambda one: one.standing.position or 0))

    async def cancel(self, job_id: int, who: Requester) -> Job:
        """Call a job off and give back what it holds: its owner may, and who moderates its server.

        Return it, `untold` where its own card could not say so.
        Raise NotFound, NotAllowed, or TooLate where its pictures are there.
        """
        job = await self._jobs.get(job_id)
        is_in_charge = job is not None and await self._is_in_charge(job, who)
        if job is None or not (is_in_charge or may_see(job, who)):
            raise NotFound(tr("This request is no longer here."))
        if not is_in_charge:
            raise NotAllowed(tr("Only the person who asked for this, or a moderator, may cancel it."))
        with speaking(job.language):
            by_owner, by_moderator = tr(CANCELLED), tr(CANCELLED_BY_MODERATOR)
        error = Cancelled(by_owner if job.user_id == who.user_id else by_moderator)
        return await asyncio.shield(self._call_off(job, error))

    async def _call_off(self, job: Job, error: Cancelled) -> Job:
        """Stop a job and end it; where that cannot be, it goes on."""
        if job.state not in {JobState.QUEUED, JobState.SENT}:
            return await self._workshop.call_off(job.id, error)
        await self._queue.cancel(job.id)
        try:
            ended = await self._workshop.call_off(job.id, error)
        except BaseException:
            self._queue.put(job)
            raise
        if await self._jobs.forget_pictures(job.id):
            await self._sweeper.sweep_soon()
        return ended

    async def _is_in_charge(self, job: Job, who: Requester) -> bool:
        """Tell whether a job is someone's own, or where they moderate."""
        if job.user_id == who.user_id:
            return True
        return await self._authority.moderates(who, job.guild_id, job.channel_id)

    async def _kept(self, job: Job) -> tuple[Reference, ...]:
        kept = await self.references(job.id)
        if len(kept) < len(job.request.references):
            return job.request.references
        return tuple(Stored(picture.id) for picture in kept)


def _advice(room_at: datetime | None) -> str:
    """Say when to try again; Discord shows `<t:…:R>` as a countdown in the reader's language."""
    if room_at is None:
        return tr("Try again in a minute; nothing was charged.")
    when = f"<t:{int(room_at.timestamp()) + 1}:R>"
    return tr("Try again {when}; nothing was charged.", when=when)


def may_see(job: Job, who: Requester) -> bool:
    """Tell whether someone may see a job: its owner anywhere; if not private, who sees it or its channel.

    A card that is no longer in its channel is seen in copies alone.
    """
    if job.user_id == who.user_id:
        return True
    if job.request.private:
        return False
    if job.id in who.shown:
        return True
    if job.guild_id != who.guild_id or not job.is_for_others:
        return False
    return job.channel_id == who.channel_id or (job.guild_id is not None and who.sees(job.channel_id))
