"""Meters in words: what is left of them, who said so, and what was granted on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain import amounts
from bot.domain.quotas import Basis, Meter, Owner
from bot.texts import tr, trn
from bot.ui.text import meter as bar
from bot.ui.text import plain, when

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.quotas import Grant, Limit, Reading
    from bot.domain.rules import Entitlement, Given

REASON_SHOWN = 80
GRANTS_SHOWN = 2
"""Grants of one meter on a card; a message holds 4,000 characters."""


def now(meter: Meter) -> str:
    """Name a meter in the window that is open."""
    names = {
        Meter.IMAGES_PER_DAY: tr("Pictures today"),
        Meter.IMAGES_PER_MONTH: tr("Pictures this month"),
        Meter.MESSAGES_PER_DAY: tr("Messages today"),
        Meter.USD_PER_DAY: tr("Spending today"),
        Meter.USD_PER_MONTH: tr("Spending this month"),
    }
    return names[meter]


def lines(entitlement: Entitlement) -> str:
    """Show all meters of a person: what is left, when it returns, and which rule gave it."""
    found = [*_personal(entitlement), *_of_server(entitlement.readings)]
    return "\n".join(found) or tr("Nothing limits you here.")


def basis(given: Given | Limit) -> str:
    """Say who gave a limit."""
    match given.basis:
        case Basis.PERSON:
            return tr("a limit of one's own")
        case Basis.ROLE:
            return tr("with the role {role}", role=f"<@&{given.role_id}>")
        case Basis.EVERYONE:
            return tr("for everybody in this server")
        case Basis.BUDGET:
            return tr("this server's budget")
        case Basis.OPERATOR:
            return tr("Easel's own default")


def grant(one: Grant) -> str:
    """Show what is left of a grant, until when, and why it was given."""
    return tr(
        "{left} of {amount} granted, until {until}: {reason}",
        left=amounts.number(one.meter, one.left),
        amount=amounts.number(one.meter, one.amount),
        until=discord.utils.format_dt(one.expires_at, "f"),
        reason=plain(one.reason, REASON_SHOWN),
    )


def _personal(entitlement: Entitlement) -> Iterator[str]:
    readings = {one.limit.meter: one for one in entitlement.readings if one.limit.owner is Owner.PERSON}
    for given in entitlement.given:
        reading = readings.get(given.meter)
        if reading is None:
            yield f"**{now(given.meter)}**\n{tr('Unlimited')} · {basis(given)}"
        else:
            yield _line(reading, now(given.meter))


def _of_server(readings: Sequence[Reading]) -> Iterator[str]:
    """Yield the server's own meters; of two on the same one, the tighter."""
    tightest: dict[Meter, Reading] = {}
    for reading in (one for one in readings if one.limit.owner is Owner.SERVER):
        known = tightest.get(reading.limit.meter)
        if known is None or reading.left < known.left:
            tightest[reading.limit.meter] = reading
    for meter, reading in tightest.items():
        yield _line(reading, tr("This server: {meter}", meter=now(meter)))


def _line(reading: Reading, name: str) -> str:
    limit = reading.limit
    left, cap = amounts.brief(limit.meter, reading.room), amounts.number(limit.meter, limit.cap)
    said = tr("{left} of {cap} left", left=left, cap=cap)
    rows = [f"**{name}**", f"`{bar(reading.used, limit.cap)}` {said}"]
    rows += [f"-# + {grant(one)}" for one in reading.grants[:GRANTS_SHOWN]]
    if further := reading.grants[GRANTS_SHOWN:]:
        rest = amounts.number(limit.meter, sum(one.left for one in further))
        said_rest = trn(
            "{left} left of {count} more grant", "{left} left of {count} more grants", len(further), left=rest
        )
        rows.append(f"-# + {said_rest}")
    if limit.counted != limit.window:
        since = discord.utils.format_dt(limit.counted.starts_at, "f")
        rows.append(f"-# {tr('Counted since it was reset, {when}', when=since)}")
    whose = basis(limit)
    if limit.cap and reading.used:
        rows.append(f"-# {tr('Full again {when}', when=when(limit.window.ends_at))} · {whose}")
    else:
        rows.append(f"-# {whose[0].upper()}{whose[1:]}")
    return "\n".join(rows)
