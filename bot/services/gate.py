"""The gate between what is drawn and what is shown: pictures that moderators look at first wait here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.reviews import Review, ReviewState, Watch, Watching
from bot.errors import BadInput, ModelUnavailable, PictureDenied, PictureFlagged, Undeliverable
from bot.services.moderation import Made, named
from bot.storage.audit import AuditLine
from bot.texts import speaking, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.domain.requests import Requester
    from bot.errors import UserFacingError
    from bot.services.moderation import Moderation
    from bot.services.safety import BlockedWords
    from bot.services.sweeper import Sweeper
    from bot.storage.jobs import End, Jobs
    from bot.storage.pictures import Pictures
    from bot.storage.reviews import Reviews
    from bot.storage.server_settings import ServerSettings

WATCH, CHANNEL, LOST = "safety.review", "safety.review_channel", "safety.review_lost"
AGAIN = timedelta(minutes=10)
"""After how long a channel is tried again that took nothing."""


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

    async def tell_lost(self, guild_id: int, channel_id: int, reason: str) -> None:
        """Tell the owner of a server that moderators see no pictures, where they can be told."""
        ...

    async def hold(self, job: Job, *, is_seen: bool) -> None:
        """Tell who asked that moderators look at the pictures first, as far as that can be.

        `is_seen` says whether they have been shown to them.
        """
        ...

    async def close(self, review: Review) -> None:
        """Let the card of a review say how it ended, without the pictures; no matter where it cannot."""
        ...


async def _nothing(_guild_id: int | None) -> bool:
    return False


class Watchfulness:
    """Knows what the moderators of servers want to look at first."""

    def __init__(
        self,
        settings: ServerSettings,
        words: BlockedWords,
        clock: Callable[[], datetime],
        checks: Callable[[int | None], Awaitable[bool]] = _nothing,
    ) -> None:
        self._settings = settings
        self._words = words
        self._clock = clock
        self._checks = checks

    async def of(self, guild_id: int) -> Watching:
        """Return what was chosen for a server."""
        chosen = await self._settings.of(guild_id)
        known = chosen.get(WATCH, "")
        watch = Watch(known) if known in set(Watch) else Watch.OFF
        channel = chosen.get(CHANNEL, "")
        is_lost = bool(channel) and chosen.get(LOST) == channel
        return Watching(watch, int(channel) if channel.isdecimal() else None, is_lost)

    async def looks(self, guild_id: int) -> bool:
        """Tell whether anybody looks at pictures in a server before they are shown there."""
        return (await self.of(guild_id)).watch is not Watch.OFF or await self._checks(guild_id)

    async def choose(self, chosen: Watching, guild_id: int, actor_id: int) -> None:
        """Choose for a server, or raise BadInput where there is no place for moderators to look."""
        if chosen.watch is not Watch.OFF and chosen.channel_id is None:
            raise BadInput(tr("Say in which channel moderators look at pictures: `channel`."))
        channel = None if chosen.channel_id is None else str(chosen.channel_id)
        watch = None if chosen.watch is Watch.OFF else chosen.watch.value
        detail = {"pictures": chosen.watch.value, "channel": chosen.channel_id}
        line = AuditLine(guild_id, actor_id, "safety.review", "", detail, self._clock())
        await self._settings.choose({WATCH: watch, CHANNEL: channel, LOST: None}, line)

    async def lose(self, guild_id: int, channel_id: int, why: str) -> bool:
        """Note that a channel shows moderators nothing any more; False where that is known."""
        watching = await self.of(guild_id)
        if watching.is_lost or watching.channel_id != channel_id:
            return False
        subject = f"channel:{channel_id}"
        line = AuditLine(guild_id, 0, "review.lost", subject, {"why": why}, self._clock())
        await self._settings.choose({LOST: str(channel_id)}, line)
        return True

    async def find(self, guild_id: int, channel_id: int) -> None:
        """Note that a channel that was lost shows moderators pictures again."""
        line = AuditLine(guild_id, 0, "review.found", f"channel:{channel_id}", {}, self._clock())
        await self._settings.choose({LOST: None}, line)

    async def why(self, job: Job) -> str | None:
        """Return why moderators look at a job's pictures first, or None where they do not."""
        if job.guild_id is None:
            return None
        watch = (await self.of(job.guild_id)).watch
        if watch is Watch.OFF:
            return None
        found = await self._words.watched(job.guild_id, job.request.words())
        if found is None:
            return "" if watch is Watch.ALL else None
        return found.written

    async def hides(self, job: Job) -> bool:
        """Tell whether nobody sees a job's pictures while they are drawn: somebody looks at them first."""
        return await self._checks(job.guild_id) or await self.why(job) is not None

    async def may_draw(self, who: Requester) -> bool:
        """Tell whether a model may draw in its answers: those pictures pass no gate."""
        if await self._checks(who.guild_id):
            return False
        return who.guild_id is None or (await self.of(who.guild_id)).watch is Watch.OFF


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a job's pictures are never shown: what its person is told, how it ends, and the audit's line."""

    error: UserFacingError
    after: End
    line: AuditLine


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
        self._shut: dict[tuple[int, int], datetime] = {}
        """Channels of servers that took nothing, and until when they are left alone."""

    async def consider(self, job: Job) -> Stop | None:
        """Look at the pictures that a running job has just got, before anybody does.

        What moderators look at first is kept back for them; return why, where it is never shown.
        """
        pictures = await self._pictures.of_job(job.id, Role.RESULT)
        made = await self._moderation.made(job.guild_id, pictures)
        await self._pictures.mark_delicate(made.delicate_ids)
        why, reason = await self._watchfulness.why(job), _why(made)
        if reason is not None:
            if not await self._has_bench(job):
                return self._stop(job, made)
            why = reason
        elif why is None and made.delicate_ids and await self._is_out_of_place(job):
            return self._apart(job)
        if why is not None and job.guild_id is not None:
            detail = {"job": job.id, "channel": job.channel_id, "entry": why or None}
            line = self._line(job, "review.held", detail)
            await self._rows.hold(job, why, line)
        return None

    async def withhold(self, job: Job, stop: Stop, absorbed_microusd: int) -> bool:
        """End a job without a charge and forget its pictures; False where it has ended."""
        why = str(stop.error)
        is_withheld = await self._rows.withhold(job.id, stop.after, why, absorbed_microusd, stop.line)
        await self._sweeper.sweep()
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
                await self._sweeper.sweep()
            raise PictureDenied(_denied(job.review, review.reason if review else None))
        return job.review in {None, ReviewState.APPROVED}

    async def bring(self, job: Job, *, again: bool = False) -> None:
        """Show a job's pictures to moderators, once, and tell who asked that they wait.

        `again` says that they were told, and hear only if that has changed.
        """
        review = await self._rows.get(job.id)
        if review is None or review.state is not ReviewState.WAITING:
            return
        is_seen = review.message_id is not None
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
        watching = await self._watchfulness.of(review.guild_id)
        channel_id, now = watching.channel_id, self._clock()
        if channel_id is None or self._shut.get((review.guild_id, channel_id), now) > now:
            return None
        pictures = await self._pictures.of_job(job.id, Role.RESULT)
        try:
            message_id = await self._bench.post(review, job, pictures, channel_id)
        except Undeliverable as error:
            self._shut[review.guild_id, channel_id] = now + AGAIN
            if await self._watchfulness.lose(review.guild_id, channel_id, str(error)):
                await self._bench.tell_lost(review.guild_id, channel_id, str(error))
            return None
        self._shut.pop((review.guild_id, channel_id), None)
        if message_id is None:
            return None
        if watching.is_lost:
            await self._watchfulness.find(review.guild_id, channel_id)
        await self._rows.posted(job.id, channel_id, message_id)
        return replace(review, channel_id=channel_id, message_id=message_id)

    async def call_off(self, job: Job, why: str, absorbed_microusd: int) -> bool:
        """End a job whose pictures wait, before anybody decides; False where somebody has."""
        line = replace(self._line(job, "review.called_off", {"job": job.id}), subject="")
        if not await self._rows.call_off(job.id, why, absorbed_microusd, line):
            return False
        await self.close(job.id)
        return True

    async def close(self, job_id: int) -> None:
        """Let the card of what was called off say so, without the pictures."""
        review = await self._rows.get(job_id)
        if review is not None and review.state is ReviewState.CALLED_OFF:
            await self._bench.close(review)
            await self._rows.closed(job_id)

    async def _has_bench(self, job: Job) -> bool:
        """Tell whether a server has moderators who can look at a job's pictures."""
        return job.guild_id is not None and (await self._watchfulness.of(job.guild_id)).channel_id is not None

    async def _is_out_of_place(self, job: Job) -> bool:
        return await self._keeps_apart(job.guild_id) and not self._bench.is_for_adults(job)

    def _stop(self, job: Job, made: Made) -> Stop:
        if made.is_unchecked:
            said = tr(
                "The pictures could not be checked just now, so they are not shown. You were not charged; "
                "try again later."
            )
            line = self._line(job, "safety.unchecked", {"job": job.id})
            return Stop(ModelUnavailable(said), JobState.FAILED, line)
        said = tr(
            "An automatic check found that the pictures may show what is not allowed here, so they are not "
            "shown. You were not charged; try other words."
        )
        detail = {"job": job.id, "entry": named(made.verdict.refused), "whose": "moderation model"}
        return Stop(PictureFlagged(said), JobState.REFUSED, self._line(job, "safety.flagged", detail))

    def _apart(self, job: Job) -> Stop:
        said = tr(
            "These pictures may be shown only in age-restricted channels of this server. You were not "
            "charged; ask for them there."
        )
        line = self._line(job, "safety.apart", {"job": job.id, "channel": job.channel_id})
        return Stop(PictureDenied(said), JobState.FAILED, line)

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
        await self._bench.close(replace(known, state=state, **where))
        if state is ReviewState.CALLED_OFF:
            await self._rows.closed(posted.job_id)
        return True


def _why(made: Made) -> str | None:
    """Return why pictures are not shown as they come, or None where they may be."""
    if made.verdict.refused:
        return f"moderation model: {named(made.verdict.refused)}"
    return "moderation model: no verdict" if made.is_unchecked else None


def _denied(state: ReviewState, reason: str | None) -> str:
    """Say why pictures stay back, without naming anybody."""
    if state is ReviewState.EXPIRED:
        return tr(
            "No moderator looked at these pictures in time, so they are not shown. Nothing was charged."
        )
    if reason:
        return tr(
            "A moderator decided not to show these pictures: {reason} Nothing was charged.",
            reason=reason if reason[-1] in ".!?…" else f"{reason}.",
        )
    return tr("A moderator decided not to show these pictures. Nothing was charged.")
