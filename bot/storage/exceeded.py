"""The sentence for the person whom a limit stops: which limit, what is left, when it lifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import money
from bot.domain.quotas import Owner
from bot.errors import QuotaExceeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.quotas import Charge, Limit, Reading


def quota_exceeded(readings: Sequence[Reading], charge: Charge) -> QuotaExceeded:
    """Return the error for the limit that lifts last, of those that are too small for a charge.

    A cap below the charge itself never lifts: it comes first, and waiting is not advised.
    """
    last = max(readings, key=lambda reading: (_never_fits(reading.limit, charge), _lifts_at(reading.limit)))
    return QuotaExceeded(_sentence(last, charge), last.limit)


def _never_fits(limit: Limit, charge: Charge) -> bool:
    """Tell whether a charge is over the whole cap."""
    return limit.needs(charge) > limit.cap


def _lifts_at(limit: Limit) -> int:
    """Return when a limit starts anew, in whole seconds since 1970."""
    return int(limit.window.ends_at.timestamp())


def _sentence(reading: Reading, charge: Charge) -> str:
    """Say what stops a charge; Discord shows `<t:…:R>` as a countdown in the reader's language."""
    limit = reading.limit
    allowance, needs = _allowance(limit), _amount(limit, limit.needs(charge))
    if not limit.cap:
        done = "drawn" if charge.images else "asked"
        return f"Nothing can be {done} here, because {allowance} is set to zero."
    if _never_fits(limit, charge):
        return f"This may take {needs}, more than {allowance}. Ask for less."
    lifts = f"It starts again <t:{_lifts_at(limit)}:R>."
    if limit.owner is Owner.OPERATOR or not reading.left:
        return f"{allowance[0].upper()}{allowance[1:]} is used up. {lifts}"
    return f"This may take {needs}, but only {_amount(limit, reading.left)} of {allowance} is left. {lifts}"


def _allowance(limit: Limit) -> str:
    """Name a limit; the operator's own amounts are nobody's business."""
    if limit.owner is Owner.OPERATOR:
        return f"this bot's own allowance for {'today' if limit.meter.is_daily else 'this month'}"
    period = "a day" if limit.meter.is_daily else "a month"
    whose = "your" if limit.owner is Owner.PERSON else "this server's"
    return f"{whose} allowance of {_amount(limit, limit.cap)} {period}" if limit.cap else f"{whose} allowance"


def _amount(limit: Limit, amount: int) -> str:
    """Show an amount of a limit's meter."""
    if limit.meter.is_money:
        return money.show(amount)
    thing = "message" if limit.meter.counts_messages else "picture"
    return f"1 {thing}" if amount == 1 else f"{amount} {thing}s"
