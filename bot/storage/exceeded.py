"""The sentence for the person whom a limit stops: which limit, who set it, what is left, when it lifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import amounts, money
from bot.domain.quotas import Basis, Owner
from bot.errors import QuotaExceeded
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.quotas import Charge, Limit, Reading


def quota_exceeded(readings: Sequence[Reading], charge: Charge) -> QuotaExceeded:
    """Return the error for the limit that lifts last, of those that are too small for a charge.

    A cap below the charge itself never lifts: it comes first, and waiting is advised only where it is used
    up, for then smaller charges have to wait as well.
    """
    last = max(readings, key=lambda reading: (_never_fits(reading, charge), _lifts_at(reading.limit)))
    return QuotaExceeded(_sentence(last, charge), last.limit)


def _never_fits(reading: Reading, charge: Charge) -> bool:
    """Tell whether a charge is over the whole cap, and all that was granted beyond it."""
    return reading.limit.needs(charge) > reading.limit.cap + reading.granted


def _lifts_at(limit: Limit) -> int:
    """Return when a limit starts anew, in whole seconds since 1970."""
    return int(limit.window.ends_at.timestamp())


def _sentence(reading: Reading, charge: Charge) -> str:
    """Say what stops a charge; Discord shows `<t:…:R>` as a countdown in the reader's language."""
    limit = reading.limit
    allowance, needs = _allowance(limit), limit.needs(charge)
    if not limit.cap and not reading.left:
        nothing = _unmeasured(limit)
        if charge.images:
            return tr("Nothing can be drawn here, because {allowance} is set to zero.", allowance=nothing)
        return tr("Nothing can be asked here, because {allowance} is set to zero.", allowance=nothing)
    if reading.left and _never_fits(reading, charge):
        return tr(
            "This may take {needs}, more than {allowance}. Ask for less.",
            needs=_beside(limit, needs, limit.cap),
            allowance=allowance,
        )
    lifts = f"<t:{_lifts_at(limit)}:R>"
    if limit.owner is Owner.OPERATOR or not reading.left:
        return tr(
            "{allowance} is used up. It starts again {lifts}.",
            allowance=f"{allowance[0].upper()}{allowance[1:]}",
            lifts=lifts,
        )
    return tr(
        "This may take {needs}, but only {left} of {allowance} is left. It starts again {lifts}.",
        needs=_beside(limit, needs, reading.left),
        left=_beside(limit, reading.left, needs),
        allowance=allowance,
        lifts=lifts,
    )


def _beside(limit: Limit, amount: int, other: int) -> str:
    """Show an amount beside another that it is compared with: to the micro-dollar where both show alike."""
    shown = amounts.show(limit.meter, amount)
    return money.exact(amount) if shown == amounts.show(limit.meter, other) else shown


def _allowance(limit: Limit) -> str:
    """Name a limit and who set it; the operator's own amounts are nobody's business."""
    amount = _rate(limit)
    if limit.owner is Owner.OPERATOR:
        return (
            tr("this bot's own allowance for today")
            if limit.meter.is_daily
            else tr("this bot's own allowance for this month")
        )
    if limit.owner is Owner.SERVER:
        if limit.basis is Basis.BUDGET:
            return tr("this server's budget of {amount}", amount=amount)
        return tr("this server's allowance of {amount}", amount=amount)
    return _own(limit, amount)


def _own(limit: Limit, amount: str) -> str:
    """Name a person's limit by the rule that gave it; a role is shown by its name, and nobody is told."""
    role = f"<@&{limit.role_id}>"
    match limit.basis:
        case Basis.PERSON:
            return tr("the allowance of {amount} that a moderator set for you", amount=amount)
        case Basis.ROLE:
            return tr("your allowance of {amount} with the role {role}", amount=amount, role=role)
        case Basis.EVERYONE:
            return tr("everybody's allowance here of {amount}", amount=amount)
        case _:
            return tr("your allowance of {amount}", amount=amount)


def _unmeasured(limit: Limit) -> str:
    """Name a limit of nothing and who set it."""
    if limit.owner is Owner.OPERATOR:
        return _allowance(limit)
    match limit.basis:
        case Basis.BUDGET:
            return tr("this server's budget")
        case Basis.PERSON:
            return tr("the allowance that a moderator set for you")
        case Basis.ROLE:
            return tr("your allowance with the role {role}", role=f"<@&{limit.role_id}>")
        case Basis.EVERYONE:
            return tr("everybody's allowance here")
        case Basis.OPERATOR:
            return tr("this server's allowance") if limit.owner is Owner.SERVER else tr("your allowance")


def _rate(limit: Limit) -> str:
    """Show what a limit gives in its time."""
    amount = amounts.show(limit.meter, limit.cap)
    if limit.meter.is_daily:
        return tr("{amount} a day", amount=amount)
    return tr("{amount} a month", amount=amount)
