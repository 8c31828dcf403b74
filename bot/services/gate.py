"""The gate between what is drawn and what is shown: pictures that moderators look at first wait here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.reviews import BY_MODEL, NO_VERDICT, Review, ReviewState
from bot.errors import ModelUnavailable, PictureDenied, PictureFlagged, Undeliverable
from bot.services.moderation import Made, named
from bot.storage.audit import AuditLine
from bot.texts import speaking, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.errors import UserFacingError
    from bot.services.moderation import Moderation
    from bot.services.sweeper import Sweeper
    from bot.services.watchfulness import Watchfulness
    from bot.storage.jobs import End, Jobs
    from bot.storage.pictures import Pictures
    from bot.storage.reviews import Reviews


class Bench(Protocol):
    """Where moderators sit; Discord's side of reviews."""

    async def post(
        self, review: Review, job: Job, pictures: Sequence[Picture], channel_id: int
    ) -> int | None:
        """Show pictures to moderators alone, and return the message; None where that cannot be now.

        Raise Undeliverable where the channel takes nothing.
        """
        ...

    def is_for_adults(self, job: Job) -> bool:
        """Tell whether a job's pictures are shown in an age-restricted channel."""
        ...

    async def tell_lost(self, guild_id: int, channel_id: int, reason: str) -> bool:
        """Tell the owner of a server that moderators see nothing any more; False where that cannot be."""
        ...

    async def hold(self, job: Job, *, is_seen: bool) -> None:
        """Tell who asked that moderators look at the pictures first, as far as that can be.

        `is_seen` says whether they have been shown to them.
        """
        ...

    async def close(self, review: Review) -> bool:
        """Let the card of a review say how it ended, without the pictures.

        False where Discord is in trouble, so that it is worth trying again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a job's pictures are never shown: what its person is told, how it ends, and the audit's line."""

    error: UserFacingError
    after: End
    line: AuditLine
    in_part: str
    """What its person is told where others of its pictures are shown."""


class Gate:
    """Keeps pictures back that may not be shown, and those that moderators have to look at first."""

    def __init__(
        self,
        *,
        rows: Reviews,
        watchfulness: Watchfulness,
        moderation: Moderation,
        keeps_apart: Callable[[int | None], Awaitable[bool]],
        jobs: Jobs,
        pictures: Pictures,
        sweeper: Sweeper,
        bench: Bench,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._watchfulness = watchfulness
        self._moderation = moderation
        self._keeps_apart = keeps_apart
        self._jobs = jobs
        self._pictures = pictures
        self._sweeper = sweeper
        self._bench = bench
        self._clock = clock

    async def passes(self, job: Job) -> bool:
        """Tell whether nobody looks at a job's pictures before they are shown."""
        return not await self._watchfulness.hides(job)

    async def consider(self, job: Job) -> Stop | None:
        """Look at the pictures that a running job has just got, before anybody does.

        What moderators look at first is kept back for them, all together. Without moderators what is flagged
        is taken away, and the others go on; return why, where none is left to be shown.
        """
        is_checked = await self._moderation.sees(job.guild_id)
        pictures = await self._pictures.of_job(job.id, Role.RESULT) if is_checked else ()
        made = await self._moderation.made(job.guild_id, pictures)
        why, reason = await self._watchfulness.why(job), _why(made)
        if reason is not None and await self._has_bench(job):
            why = reason
        elif (stop := await self._sift(job, pictures, made, is_watched=why is not None)) is not None:
            return stop
        if why is not None and job.guild_id is not None:
            detail = {"job": job.id, "channel": job.channel_id, "entry": why or None}
            line = self._line(job, "review.held", detail)
            await self._rows.hold(job, why, line)
        return None

    async def _sift(
        self, job: Job, pictures: Sequence[Picture], made: Made, *, is_watched: bool
    ) -> Stop | None:
        """Take away what may not be shown where a job was asked for; return why, where that is all of it."""
        refused = made.kept_back
        delicate = frozenset(made.delicate_ids) - refused
        if is_watched or not delicate or not await self._is_out_of_place(job):
            delicate = frozenset[str]()
        stops = [
            (ids, stop)
            for ids, stop in ((refused, self._stop(job, made)), (delicate, self._apart(job)))
            if ids
        ]
        if stops and len(refused | delicate) == len(pictures):
            return stops[0][1]
        for ids, stop in stops:
            await self._take_away(job, ids, stop)
        return None

    async def _take_away(self, job: Job, picture_ids: Collection[str], stop: Stop) -> None:
        line = replace(stop.line, detail={**stop.line.detail, "count": len(picture_ids)})
        await self._rows.take_away(job.id, picture_ids, stop.in_part, line)
        await self._sweeper.sweep_soon()

    async def withhold(self, job: Job, stop: Stop, absorbed_microusd: int) -> bool:
        """End a job without a charge and forget its pictures; False where it has ended."""
        why = str(stop.error)
        is_withheld = await self._rows.withhold(job.id, stop.after, why, absorbed_microusd, stop.line)
        await self._sweeper.sweep_soon()
        return is_withheld

    async def opens(self, job: Job) -> bool:
        """Tell whether a job's pictures may be shown now; raise PictureDenied where they never may.

        What has to wait is brought before moderators, and forgotten where they say no.
        """
        if job.review is ReviewState.WAITING:
            await self.bring(job)
            job = await self._jobs.get(job.id) or job
        if job.review is ReviewState.DENIED or job.review is ReviewState.EXPIRED:
            review = await self._rows.get(job.id)
            if await self._jobs.forget_pictures(job.id):
                await self._sweeper.sweep_soon()
            raise PictureDenied(_denied(job.review, review.reason if review else None))
        return job.review in {None, ReviewState.APPROVED}

    async def bring(self, job: Job, *, again: bool = False) -> None:
        """Show a job's pictures to moderators, once in each channel of theirs, and tell who asked they wait.

        `again` says that they were told, and hear only if that has changed.
        """
        review = await self._rows.get(job.id)
        if review is None or review.state is not ReviewState.WAITING:
            return
        chosen = (await self._watchfulness.of(review.guild_id)).channel_id
        is_seen = review.message_id is not None and chosen in {None, review.channel_id}
        if is_seen and again:
            return
        if not is_seen:
            posted = await self._posted(review, job)
            is_seen = posted is not None
            if posted is not None and await self._has_ended(posted):
                return
        if is_seen or not again:
            with speaking(job.language):
                await self._bench.hold(job, is_seen=is_seen)

    async def _posted(self, review: Review, job: Job) -> Review | None:
        """Show pictures to moderators; None where that cannot be now, of which their server hears once."""
        channel_id = await self._watchfulness.place(review.guild_id)
        if channel_id is None:
            return None
        pictures = await self._pictures.of_job(job.id, Role.RESULT)
        try:
            message_id = await self._bench.post(review, job, pictures, channel_id)
        except Undeliverable as error:
            await self.lose(review.guild_id, channel_id, str(error))
            return None
        if message_id is None:
            return None
        await self._watchfulness.find(review.guild_id, channel_id)
        if review.message_id is not None:
            await self._bench.close(review)
        await self._rows.posted(job.id, channel_id, message_id)
        return replace(review, channel_id=channel_id, message_id=message_id)

    async def lose(self, guild_id: int, channel_id: int, why: str) -> bool:
        """Note that a channel shows moderators nothing any more; tell whether its owner heard just now."""
        is_news = await self._watchfulness.lose(guild_id, channel_id, why)
        return is_news and await self._bench.tell_lost(guild_id, channel_id, why)

    async def call_off(self, job: Job, why: str, absorbed_microusd: int) -> bool:
        """End a job whose pictures wait, before anybody decides; False where somebody has."""
        line = replace(self._line(job, "review.called_off", {"job": job.id}), subject="")
        if not await self._rows.call_off(job.id, why, absorbed_microusd, line):
            return False
        await self.close(job.id)
        return True

    async def close(self, job_id: int) -> None:
        """Let the card of a review that has ended say so, without the pictures; what fails is tried again."""
        review = await self._rows.get(job_id)
        if review is not None and review.state is not ReviewState.WAITING and await self._bench.close(review):
            await self._rows.closed(job_id)

    async def _has_bench(self, job: Job) -> bool:
        """Tell whether a server has moderators who can look at a job's pictures."""
        return job.guild_id is not None and (await self._watchfulness.of(job.guild_id)).channel_id is not None

    async def _is_out_of_place(self, job: Job) -> bool:
        return await self._keeps_apart(job.guild_id) and not self._bench.is_for_adults(job)

    def _stop(self, job: Job, made: Made) -> Stop:
        if not made.flagged_ids:
            said = tr(
                "The pictures could not be checked just now, so they are not shown. You were not charged; "
                "try again later."
            )
            line = self._line(job, "safety.unchecked", {"job": job.id})
            in_part = tr("What could not be checked just now is kept back.")
            return Stop(ModelUnavailable(said), JobState.FAILED, line, in_part)
        said = tr(
            "An automatic check found that the pictures may show what is not allowed here, so they are not "
            "shown. You were not charged; try other words."
        )
        detail = {"job": job.id, "entry": named(made.verdict.refused), "whose": "moderation model"}
        in_part = tr("An automatic check kept back what may not be allowed here.")
        return Stop(
            PictureFlagged(said), JobState.REFUSED, self._line(job, "safety.flagged", detail), in_part
        )

    def _apart(self, job: Job) -> Stop:
        said = tr(
            "What you asked for may be shown only in age-restricted channels of this server. You were not "
            "charged; ask for it there."
        )
        line = self._line(job, "safety.apart", {"job": job.id, "channel": job.channel_id})
        in_part = tr("What this server shows only in age-restricted channels is kept back.")
        return Stop(PictureDenied(said), JobState.FAILED, line, in_part)

    def _line(self, job: Job, action: str, detail: Mapping[str, str | int | None]) -> AuditLine:
        return AuditLine(job.guild_id or 0, 0, action, str(job.user_id), detail, self._clock())

    async def _has_ended(self, posted: Review) -> bool:
        """Close a card that was posted when nobody had to decide any more; False where it is needed."""
        found = await self._rows.get(posted.job_id)
        state = ReviewState.CALLED_OFF if found is None else found.state
        if state is ReviewState.WAITING:
            return False
        known = posted if found is None else found
        where = {"channel_id": posted.channel_id, "message_id": posted.message_id}
        if await self._bench.close(replace(known, state=state, **where)):
            await self._rows.closed(posted.job_id)
        return True


def _why(made: Made) -> str | None:
    """Return why pictures are not shown as they come, or None where they may be."""
    if made.verdict.refused:
        return f"{BY_MODEL}{named(made.verdict.refused)}"
    return NO_VERDICT if made.unchecked_ids else None


def _denied(state: ReviewState, reason: str | None) -> str:
    """Say why pictures stay back, without naming anybody."""
    if state is ReviewState.EXPIRED:
        return tr(
            "No moderator looked at what you asked for in time, so it is not shown. Nothing was charged."
        )
    if reason:
        return tr(
            "A moderator decided not to show what you asked for: {reason} Nothing was charged.",
            reason=reason if reason[-1] in ".!?…" else f"{reason}.",
        )
    return tr("A moderator decided not to show what you asked for. Nothing was charged.")
