"""What the calls of a job have come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.jobs import CallState, cost_of
from bot.texts import number, tr, trn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.jobs import Call
    from bot.domain.quotas import Charge


def is_drawn(calls: Sequence[Call]) -> bool:
    """Tell whether all pictures that will come are there."""
    states = {call.state for call in calls}
    return CallState.RECEIVED in states and states.isdisjoint({CallState.PLANNED, CallState.SENT})


def absorbed_by(calls: Sequence[Call]) -> int:
    """Return what was billed for nothing that may be shown; the operator bears it."""
    return sum(call.cost_microusd for call in calls) - cost_of(calls)


def shortfall(held: Charge, came: int, calls: Sequence[Call]) -> str | None:
    """Say why fewer pictures came than were asked for, or None where all came."""
    if came >= held.images:
        return None
    reasons = list(dict.fromkeys(call.failure for call in calls if call.failure))
    why = " ".join(reasons) or tr("The model sent fewer than it was asked for.")
    return trn(
        "{count} of {total} pictures came; the rest was not charged. {why}",
        "{count} of {total} pictures came; the rest was not charged. {why}",
        came,
        total=number(held.images),
        why=why,
    )
