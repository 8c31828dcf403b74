"""A job: one request for pictures, with a life of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.requests import Requester
from bot.domain.reviews import ReviewState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.capabilities import Plan
    from bot.domain.images import Picture
    from bot.domain.quotas import Charge
    from bot.domain.requests import PictureRequest


class JobState(StrEnum):
    """The states of a job; each step is taken at most once."""

    QUEUED = "queued"
    SENT = "sent"
    PRODUCED = "produced"
    DELIVERED = "delivered"
    SETTLED = "settled"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


STEPS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.SENT, JobState.FAILED, JobState.CANCELLED}),
    JobState.SENT: frozenset({JobState.PRODUCED, JobState.REFUSED, JobState.FAILED, JobState.CANCELLED}),
    JobState.PRODUCED: frozenset({JobState.DELIVERED, JobState.FAILED, JobState.CANCELLED}),
    JobState.DELIVERED: frozenset({JobState.SETTLED}),
    JobState.SETTLED: frozenset(),
    JobState.REFUSED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
"""Which step may follow which."""
UNFINISHED = frozenset(state for state, after in STEPS.items() if after)
"""States that the next start takes up."""
LEASE = timedelta(seconds=60)
"""How long a job is its process's own without a word from it."""
SHELF_LIFE = timedelta(days=1)
"""For how long after it was asked for a result waits that could not be shown."""


class CallState(StrEnum):
    """The states of one paid call of a job."""

    PLANNED = "planned"
    SENT = "sent"
    RECEIVED = "received"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the answer goes: an interaction's token while it lives (15 minutes), then the channel."""

    application_id: int
    token: str
    token_expires_at: datetime
    upload_limit_bytes: int
    can_post_in_channel: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One paid call as it stands in the database."""

    job_id: int
    ordinal: int
    count: int
    seed: int | None
    state: CallState
    generation_id: str | None = None
    cost_microusd: int = 0
    failure: str | None = None
    """The sentence for the person, where the call brought nothing, or some of it is kept back."""
    withheld_microusd: int = 0
    """What of its cost is for pictures that are never shown, or was not known when they were."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands in the database. `id` is the Discord event that asked for it."""

    id: int
    state: JobState
    user_id: int
    guild_id: int | None
    channel_id: int
    request: PictureRequest
    plan: Plan
    held: Charge
    origin: Origin
    created_at: datetime
    parent_job_id: int | None = None
    failure: str | None = None
    untold: bool = False
    """Whether it has ended and its person does not know yet."""
    cost_microusd: int = 0
    card_message_id: int | None = None
    card_channel_id: int | None = None
    language: str | None = None
    """The language that it is answered in, as BCP 47 names it."""
    review: ReviewState | None = None
    """How far moderators are with its pictures, where they look at them first."""
    role_ids: frozenset[int] = frozenset()
    """The roles that its person had when they asked: by these it is known what they are allowed."""

    @property
    def requester(self) -> Requester:
        """Return who asked, and where, as far as that is kept."""
        return Requester(self.user_id, self.guild_id, self.channel_id, role_ids=self.role_ids)

    @property
    def is_for_others(self) -> bool:
        """Tell whether others may see its pictures: it is not private, and where it was asked for shows it.

        A card that was delivered elsewhere no channel shows, nor one that somebody has deleted.
        """
        if self.request.private:
            return False
        is_posted = self.state in {JobState.DELIVERED, JobState.SETTLED}
        return not is_posted or self.card_channel_id == self.channel_id

    @property
    def waits_for_moderators(self) -> bool:
        """Tell whether its pictures are there and nobody has decided yet whether they may be shown."""
        return self.state is JobState.PRODUCED and self.review is ReviewState.WAITING

    @property
    def waits_for_owner(self) -> bool:
        """Tell whether its pictures could not be shown anywhere, so that its owner has to fetch them."""
        return self.state is JobState.PRODUCED and self.failure is not None

    @property
    def waits_until(self) -> datetime:
        """Return when a result that nobody fetches is let go."""
        return self.created_at + SHELF_LIFE


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many jobs that have not ended there may be at once."""

    of_all: int
    per_server: int
    per_person: int


def drawn_of(job: Job, picture: Picture) -> str:
    """Return what a picture was asked to show: its own variant of the prompt, where there are several."""
    if not job.request.variants or picture.call_ordinal is None:
        return job.request.prompt
    return job.request.variants[job.plan.calls[picture.call_ordinal].text]


def cost_of(calls: Sequence[Call]) -> int:
    """Return what the pictures cost that calls brought and that may be shown, in micro-dollars."""
    return sum(
        call.cost_microusd - call.withheld_microusd for call in calls if call.state is CallState.RECEIVED
    )
