"""What the calls of a job have come to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.jobs import CallState, JobState, cost_of
from bot.domain.quotas import Reading, charged
from bot.errors import Cancelled, ModelError, PictureRefused, UserFacingError
from bot.texts import mark, number, tr, trn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.jobs import Call, Job
    from bot.domain.quotas import Charge
    from bot.domain.results import Came

BROKE_OFF = mark("Something went wrong on Easel's side while drawing. Nothing was charged; try again.")
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])(?=.)")
"""Where a sentence ends and another begins."""


def is_drawn(calls: Sequence[Call]) -> bool:
    """Tell whether all pictures that will come are there."""
    states = {call.state for call in calls}
    return CallState.RECEIVED in states and states.isdisjoint({CallState.PLANNED, CallState.SENT})


def absorbed_by(calls: Sequence[Call]) -> int:
    """Return what was billed for nothing that may be shown; the operator bears it."""
    return sum(call.cost_microusd for call in calls) - cost_of(calls)


def charge_of(held: Charge, came: Came) -> Charge:
    """Return what is charged for what a job has brought."""
    return charged(len(came.pictures), held, cost_of(came.calls))


def once_settled(reading: Reading, job: Job, charge: Charge) -> Reading:
    """Return what will be used of a limit once a job, still held at its upper cost, is charged."""
    if reading.limit.window.starts_at > job.created_at:
        return reading  # the hold stands in the window before
    too_much = reading.limit.needs(job.held) - reading.limit.needs(charge)
    return Reading(reading.limit, reading.used - too_much)


def shortfall(held: Charge, came: Came) -> str | None:
    """Say why fewer pictures came than were asked for, or None where all came."""
    if len(came.pictures) >= held.images:
        return None
    reasons = list(dict.fromkeys(reason for call in came.calls if (reason := _reason(call))))
    why = " ".join(reasons) or tr("The model sent fewer than it was asked for.")
    return trn(
        "{count} of {total} pictures came; the rest was not charged. {why}",
        "{count} of {total} pictures came; the rest was not charged. {why}",
        len(came.pictures),
        total=number(held.images),
        why=why,
    )


def why_ended(job: Job) -> UserFacingError:
    """Return what a job has ended with, from its row."""
    kinds = {JobState.CANCELLED: Cancelled, JobState.REFUSED: PictureRefused}
    return kinds.get(job.state, UserFacingError)(job.failure or tr(BROKE_OFF))


def kind_of(error: UserFacingError) -> str:
    """Name an error for the log and the counters."""
    return error.kind if isinstance(error, ModelError) else type(error).__name__


def _reason(call: Call) -> str:
    """Return why a call brought less than it was asked for.

    Of why one has failed that is the first sentence: what follows speaks as if nothing had been charged.
    """
    failure = call.failure or ""
    return failure if call.state is CallState.RECEIVED else SENTENCE.split(failure, maxsplit=1)[0]
