"""What moderators decide about allowances, as values: for whom, what holds in a server, what a walk asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain import zones
from bot.domain.amounts import NO_LIMIT, each, parse_cap
from bot.domain.quotas import Meter
from bot.domain.rules import Rule, Scope
from bot.errors import BadInput
from bot.texts import named, tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.hierarchy import Subject
    from bot.domain.quotas import Grant

MOST_REASON = 200
"""Characters of the reason of a grant."""
MOST_DAYS = 366
DAYS = 30
"""How long a grant holds where nobody says otherwise."""
FREE = (Meter.IMAGES_PER_DAY, Meter.MESSAGES_PER_DAY)
"""Of what the roles have no limit that the set-up names."""


@dataclass(frozen=True, slots=True)
class Target:
    """For whom a rule is: everybody, a role or a person."""

    scope: Scope
    id: int = 0

    @classmethod
    def of(cls, subject: Subject | None) -> Target:
        """Return whom a moderator named; nobody is everybody."""
        if subject is None:
            return EVERYBODY
        return cls(Scope.ROLE if subject.is_role else Scope.PERSON, subject.id)

    def rule(self, guild_id: int, meter: Meter, cap: int | None) -> Rule:
        """Return a rule for them."""
        return Rule(guild_id, self.scope, self.id, meter, cap)

    def __str__(self) -> str:
        """Return them as the audit names them."""
        return "everyone" if self.scope is Scope.DEFAULT else f"{self.scope.value}:{self.id}"


@dataclass(frozen=True, slots=True)
class Person:
    """A member whom a moderator acts on."""

    subject: Subject
    role_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Gift:
    """What a moderator wants to grant, as they wrote it."""

    meter: Meter
    amount: str
    reason: str
    days: int = DAYS


EVERYBODY = Target(Scope.DEFAULT)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a server may spend in a month, and when its moderators hear of it."""

    microusd: int | None
    percent: int
    spent_microusd: int
    held_microusd: int
    ends_at: int
    """When the month is over, in seconds since 1970."""
    operator_microusd: int | None
    """What the operator lets each server spend; it holds whatever the moderators say."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What holds in a server."""

    rules: tuple[Rule, ...]
    defaults: tuple[tuple[Meter, int], ...]
    """What the operator gives people where the moderators said nothing."""
    zone: str
    budget: Budget

    def of(self, target: Target) -> tuple[Rule, ...]:
        """Return the rules for somebody."""
        return tuple(
            rule for rule in self.rules if (rule.scope, rule.subject_id) == (target.scope, target.id)
        )

    def targets(self) -> tuple[Target, ...]:
        """Return for whom there are rules: everybody, then roles, then people."""
        found = {Target(rule.scope, rule.subject_id) for rule in self.rules}
        order = list(Scope)
        return tuple(sorted(found, key=lambda one: (order.index(one.scope), one.id)))

    def cap(self, meter: Meter) -> int | None:
        """Return what everybody may use of a meter; None for no limit."""
        for rule in self.of(EVERYBODY):
            if rule.meter is meter:
                return rule.cap
        return dict(self.defaults).get(meter)

    def free_roles(self) -> frozenset[int]:
        """Return the roles that have no daily limit."""
        return frozenset(
            target.id
            for target in self.targets()
            if target.scope is Scope.ROLE
            and {rule.meter for rule in self.of(target) if rule.cap is None} >= set(FREE)
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered to the set-up's questions, as they wrote it."""

    zone: str
    images: str
    messages: str
    budget: str
    free: tuple[Subject, ...] = field(default=())

    def read(self) -> Decided:
        """Return what they mean, or raise BadInput that names every one that means nothing."""
        asked = (
            (Meter.IMAGES_PER_DAY, each(Meter.IMAGES_PER_DAY), self.images),
            (Meter.MESSAGES_PER_DAY, each(Meter.MESSAGES_PER_DAY), self.messages),
            (Meter.USD_PER_MONTH, tr("Budget a month"), self.budget.strip() or NO_LIMIT),
        )
        zone, caps, wrong = "", dict[Meter, int | None](), list[str]()
        try:
            zone = zones.find(self.zone)
        except BadInput as error:
            wrong.append(named(tr("Time zone"), str(error)))
        for meter, name, text in asked:
            try:
                caps[meter] = parse_cap(text, meter)
            except BadInput as error:
                wrong.append(named(name, str(error)))
        if wrong:
            raise BadInput("\n".join(wrong))
        return Decided(zone, caps)


@dataclass(frozen=True, slots=True)
class Decided:
    """What the answers of the set-up mean."""

    zone: str
    caps: Mapping[Meter, int | None]
    """What everybody may use, and what the server may spend a month; None for no limit."""


@dataclass(frozen=True, slots=True)
class Export:
    """All that moderators decided about allowances, and what was used of them."""

    overview: Overview
    grants: Sequence[Grant]
    used: Sequence[tuple[int, Meter, int]]
    """Who used how much in the window that is open."""
