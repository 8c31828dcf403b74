"""Allowances: meters, windows and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo


class Meter(StrEnum):
    """What is counted, and over how long."""

    IMAGES_PER_DAY = "images_per_day"
    IMAGES_PER_MONTH = "images_per_month"
    MESSAGES_PER_DAY = "messages_per_day"
    USD_PER_DAY = "usd_per_day"
    USD_PER_MONTH = "usd_per_month"

    @property
    def is_money(self) -> bool:
        """Tell whether the meter counts micro-dollars; else it counts pictures or messages."""
        return self in {Meter.USD_PER_DAY, Meter.USD_PER_MONTH}

    @property
    def is_daily(self) -> bool:
        """Tell whether the meter starts again each day; else each month."""
        return self in {Meter.IMAGES_PER_DAY, Meter.MESSAGES_PER_DAY, Meter.USD_PER_DAY}

    @property
    def counts_messages(self) -> bool:
        """Tell whether the meter counts what people say to the model."""
        return self is Meter.MESSAGES_PER_DAY

    def of(self, charge: Charge) -> int:
        """Return what a charge comes to on the meter."""
        if self.counts_messages:
            return charge.messages
        return charge.microusd if self.is_money else charge.images


class Owner(StrEnum):
    """Whose spending a limit counts."""

    PERSON = "person"
    SERVER = "server"
    OPERATOR = "operator"


class Basis(StrEnum):
    """Who said what a limit is."""

    PERSON = "person"
    """Moderators, for this very person."""
    ROLE = "role"
    """Moderators, for a role that the person has."""
    EVERYONE = "everyone"
    """Moderators, for everybody in the server."""
    BUDGET = "budget"
    """Moderators, for the server as a whole."""
    OPERATOR = "operator"
    """Whoever runs Easel."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What is held or settled: pictures, micro-dollars, and messages to the model."""

    images: int
    microusd: int
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, start included and end excluded, both in UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `cap` (pictures, messages or micro-dollars) within a window.

    Spending is counted by the owner's key. A person is counted within one server: `user_id` and `guild_id`
    together, with guild 0 for direct messages. A server is counted by `guild_id`; the operator's limits
    count everything. What was spent before `counts_from` is forgiven.
    """

    owner: Owner
    meter: Meter
    cap: int
    window: Window
    user_id: int = 0
    guild_id: int = 0
    basis: Basis = Basis.OPERATOR
    role_id: int = 0
    """The role, where the basis is one."""
    counts_from: datetime | None = None

    @property
    def counted(self) -> Window:
        """Return the part of the window that counts."""
        if self.counts_from is None or self.counts_from <= self.window.starts_at:
            return self.window
        return Window(min(self.counts_from, self.window.ends_at), self.window.ends_at)

    def needs(self, charge: Charge) -> int:
        """Return what a charge takes of this limit."""
        return self.meter.of(charge)


@dataclass(frozen=True, slots=True)
class Grant:
    """What moderators gave a person on top, for one meter; it is used once the allowance is used up."""

    id: int
    guild_id: int
    user_id: int
    meter: Meter
    amount: int
    used: int
    reason: str
    actor_id: int
    created_at: datetime
    expires_at: datetime

    @property
    def left(self) -> int:
        """Return what was not used yet."""
        return self.amount - self.used


@dataclass(frozen=True, slots=True)
class Draw:
    """What a job takes of a grant."""

    grant_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A limit, what is used of it, and what was granted on top. What grants paid for is not in `used`."""

    limit: Limit
    used: int
    grants: tuple[Grant, ...] = ()
    """Those that still hold something, the first to expire first."""

    @property
    def room(self) -> int:
        """Return what is left of the allowance itself, never below zero."""
        return max(0, self.limit.cap - self.used)

    @property
    def granted(self) -> int:
        """Return what is left of the grants."""
        return sum(grant.left for grant in self.grants)

    @property
    def left(self) -> int:
        """Return what is left in all."""
        return self.room + self.granted

    def draws(self, charge: Charge) -> tuple[Draw, ...] | None:
        """Return what a charge takes of which grants, or None where not even they suffice.

        The allowance comes first, then the grants, those that expire soonest before the others. A limit of
        which a charge takes nothing does not stop it, however far it is used up.
        """
        needs = self.limit.needs(charge)
        if not needs:
            return ()
        short, draws = needs - self.room, list[Draw]()
        for grant in self.grants:
            if short <= 0:
                break
            taken = min(short, grant.left)
            if taken > 0:
                draws.append(Draw(grant.id, taken))
                short -= taken
        return None if short > 0 else tuple(draws)


def kept(draws: Sequence[Draw], unspent: int) -> tuple[Draw, ...]:
    """Return what stays drawn once it is known how much of a hold was not needed: grants get it back first.

    Of several grants the one that was drawn last gets it back first.
    """
    after: list[Draw] = []
    for draw in reversed(draws):
        back = min(max(0, unspent), draw.amount)
        unspent -= back
        after.append(Draw(draw.grant_id, draw.amount - back))
    return tuple(reversed(after))


@dataclass(frozen=True, slots=True)
class Policy:
    """An allowance by meter; a meter that is absent is not limited."""

    caps: tuple[tuple[Meter, int], ...] = ()

    def limits(
        self, owner: Owner, now: datetime, zone: ZoneInfo, *, user_id: int = 0, guild_id: int = 0
    ) -> tuple[Limit, ...]:
        """Return the policy's limits for the windows that hold `now`."""
        return tuple(
            Limit(owner, meter, cap, window(meter, now, zone), user_id=user_id, guild_id=guild_id)
            for meter, cap in self.caps
        )


def window(meter: Meter, now: datetime, zone: ZoneInfo) -> Window:
    """Return the calendar day or month around `now` in a time zone; days of 23 and 25 hours included."""
    local = now.astimezone(zone)
    midnight = datetime(local.year, local.month, local.day)  # noqa: DTZ001 - the zone is added after the arithmetic
    if meter.is_daily:
        start, end = midnight, midnight + timedelta(days=1)
    else:
        start = midnight.replace(day=1)
        end = (start + timedelta(days=32)).replace(day=1)
    return Window(_utc(start, zone), _utc(end, zone))


def _utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Return a wall-clock time as UTC; of two 00:00s the first, of none the moment the gap ends."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def charged(came: int, held: Charge, cost_microusd: int) -> Charge:
    """Return what is settled: never more pictures than were held, and the true cost."""
    return Charge(images=min(came, held.images), microusd=cost_microusd)
