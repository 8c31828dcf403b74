"""Allowances: meters, windows and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


class Owner(StrEnum):
    """Whose spending a limit counts."""

    PERSON = "person"
    SERVER = "server"
    OPERATOR = "operator"


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
    count everything.
    """

    owner: Owner
    meter: Meter
    cap: int
    window: Window
    user_id: int = 0
    guild_id: int = 0

    def needs(self, charge: Charge) -> int:
        """Return what a charge takes of this limit."""
        if self.meter.counts_messages:
            return charge.messages
        return charge.microusd if self.meter.is_money else charge.images


@dataclass(frozen=True, slots=True)
class Reading:
    """A limit and what is used of it."""

    limit: Limit
    used: int

    @property
    def left(self) -> int:
        """Return what is left, never below zero."""
        return max(0, self.limit.cap - self.used)


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
