"""What was spent, by day, person, command, model and server: rows that add up to the ledger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.asks import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from bot.domain.quotas import Reading


OWN = frozenset({Purpose.CAPTION.value, Purpose.TITLE.value, Purpose.SUMMARY.value})
"""The commands that nobody asks for: Easel does them by itself."""


class By(StrEnum):
    """By what spending is told apart."""

    DAY = "day"
    PERSON = "person"
    COMMAND = "command"
    MODEL = "model"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Amount:
    """What some requests took: charged to people, held for those under way, and paid for nothing."""

    requests: int = 0
    images: int = 0
    messages: int = 0
    charged_microusd: int = 0
    held_microusd: int = 0
    absorbed_microusd: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.requests + other.requests,
            self.images + other.images,
            self.messages + other.messages,
            self.charged_microusd + other.charged_microusd,
            self.held_microusd + other.held_microusd,
            self.absorbed_microusd + other.absorbed_microusd,
        )

    @property
    def microusd(self) -> int:
        """Return what counts against allowances: what is charged, and what is held."""
        return self.charged_microusd + self.held_microusd


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person's requests of one command and model took on one day.

    `user_id` is 0 for what a server pays by itself, and for people whose data was deleted; `guild_id` is 0
    for direct messages.
    """

    day: date
    user_id: int
    guild_id: int
    command: str
    model: str
    amount: Amount

    def key(self, by: By) -> str:
        """Return what the entry counts as."""
        if by is By.DAY:
            return self.day.isoformat()
        if by is By.PERSON:
            return str(self.user_id)
        if by is By.SERVER:
            return str(self.guild_id)
        return self.command if by is By.COMMAND else self.model


@dataclass(frozen=True, slots=True)
class Report:
    """Spending on some calendar days, the oldest first; days without any are named as well."""

    days: tuple[date, ...]
    entries: tuple[Entry, ...]

    @property
    def total(self) -> Amount:
        """Return everything together."""
        return _sum(entry.amount for entry in self.entries)

    @property
    def by_itself(self) -> int:
        """Return how many of the requests nobody asked for, such as captions."""
        return sum(entry.amount.requests for entry in self.entries if entry.command in OWN)

    def of_days(self, days: tuple[date, ...]) -> Report:
        """Return what it says of some of its days."""
        wanted = frozenset(days)
        return Report(days, tuple(entry for entry in self.entries if entry.day in wanted))

    def by(self, by: By) -> Mapping[str, Amount]:
        """Return the amounts told apart, the largest first; days in their order, all of them."""
        sums: defaultdict[str, Amount] = defaultdict(Amount)
        if by is By.DAY:
            sums.update((day.isoformat(), Amount()) for day in self.days)
        for entry in self.entries:
            sums[entry.key(by)] += entry.amount
        if by is By.DAY:
            return dict(sums)
        return dict(sorted(sums.items(), key=lambda item: (-item[1].microusd, item[0])))

    def of_day(self, by: By, key: str) -> tuple[int, ...]:
        """Return what one person, command or model took on each day, in micro-dollars."""
        sums: defaultdict[date, int] = defaultdict(int)
        for entry in self.entries:
            if entry.key(by) == key:
                sums[entry.day] += entry.amount.microusd
        return tuple(sums[day] for day in self.days)


class Stretch(StrEnum):
    """How far back to look."""

    WEEK = "week"
    DAYS_30 = "days30"
    MONTH = "month"
    MONTH_BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Course:
    """How a server's budget of this month is used: all days of it, and what was spent on those so far."""

    reading: Reading
    days: tuple[date, ...]
    spent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a server spent, and its budget if it has one."""

    stretch: Stretch
    report: Report
    budget: Course | None


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, Amount())
