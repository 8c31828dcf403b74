"""Whose rule holds for whom: a person's own, else their roles', else everybody's, else the operator's."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.quotas import Basis, Limit, Meter, Owner, Policy, window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.domain.quotas import Reading


class Scope(StrEnum):
    """For whom a rule holds."""

    DEFAULT = "default"
    ROLE = "role"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Rule:
    """One cap that was set; a cap of None lifts the limit. `subject_id` is 0 for the default."""

    guild_id: int
    scope: Scope
    subject_id: int
    meter: Meter
    cap: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """What a person may use of a meter, and who said so; a cap of None is no limit."""

    meter: Meter
    cap: int | None
    basis: Basis
    role_id: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator decided.

    `person` is what holds for people where moderators said nothing; they may say more. `server` and
    `operator` hold whatever anybody says.
    """

    person: Policy
    server: Policy
    operator: Policy
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose limits hold for a request; without `is_personal` those of the person do not."""

    terms: Terms
    user_id: int
    guild_id: int | None
    role_ids: frozenset[int] = frozenset()
    is_personal: bool = True


@dataclass(frozen=True, slots=True)
class Decided:
    """What moderators decided, as far as it concerns one person."""

    rules: tuple[Rule, ...] = ()
    zone: str | None = None
    budget_microusd: int | None = None
    resets: Mapping[Meter, datetime] = field(default_factory=dict[Meter, "datetime"])
    has_grants: bool = False
    """Whether the person was ever granted anything."""

    def moment(self, now: datetime) -> datetime:
        """Return when a request counts: never before what was spent until then was forgiven."""
        return max((now, *self.resets.values()))


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What somebody may use: how far limits are used, every meter with its rule, and all that was decided."""

    readings: tuple[Reading, ...]
    given: tuple[Given, ...]
    decided: Decided


def given(rules: Iterable[Rule], otherwise: Policy) -> tuple[Given, ...]:
    """Return what holds for a person on each meter that anybody spoke of, in the order of the meters.

    The rules are those of the person, of roles that they have, and of everybody. Of several roles the most
    generous counts.
    """
    known, defaults = tuple(rules), dict(otherwise.caps)
    found: list[Given] = []
    for meter in Meter:
        on_meter = [rule for rule in known if rule.meter is meter]
        for scope in (Scope.PERSON, Scope.ROLE, Scope.DEFAULT):
            candidates = [rule for rule in on_meter if rule.scope is scope]
            if candidates:
                found.append(_given(max(candidates, key=_generosity)))
                break
        else:
            if meter in defaults:
                found.append(Given(meter, defaults[meter], Basis.OPERATOR))
    return tuple(found)


def limits(claim: Claim, decided: Decided, now: datetime) -> tuple[Limit, ...]:
    """Return all that a request is checked against, in the windows that hold `now`.

    People and the server's budget are counted in the server's time zone; what the operator limits is counted
    in the operator's, so that nobody escapes it by choosing another.
    """
    terms, guild_id = claim.terms, claim.guild_id or 0
    zone = zone_of(decided.zone, terms.zone)
    found: list[Limit] = []
    if claim.is_personal:
        found += [
            Limit(
                Owner.PERSON,
                one.meter,
                one.cap,
                window(one.meter, now, zone),
                user_id=claim.user_id,
                guild_id=guild_id,
                basis=one.basis,
                role_id=one.role_id,
                counts_from=decided.resets.get(one.meter),
            )
            for one in given(decided.rules, terms.person)
            if one.cap is not None
        ]
    if guild_id:
        if decided.budget_microusd is not None:
            found.append(budget_limit(guild_id, decided.budget_microusd, now, zone))
        found += terms.server.limits(Owner.SERVER, now, terms.zone, guild_id=guild_id)
    return (*found, *terms.operator.limits(Owner.OPERATOR, now, terms.zone))


def budget_limit(guild_id: int, cap_microusd: int, now: datetime, zone: ZoneInfo) -> Limit:
    """Return the limit that a server's moderators put on the server itself."""
    month = window(Meter.USD_PER_MONTH, now, zone)
    return Limit(
        Owner.SERVER, Meter.USD_PER_MONTH, cap_microusd, month, guild_id=guild_id, basis=Basis.BUDGET
    )


def zone_of(name: str | None, otherwise: ZoneInfo) -> ZoneInfo:
    """Return a time zone by its name; another one where there is none, or none that is known any more."""
    if name is None:
        return otherwise
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise


def _generosity(rule: Rule) -> tuple[bool, int, int]:
    """Order rules by what they give; among equals the older role is named."""
    return rule.cap is None, rule.cap or 0, -rule.subject_id


def _given(rule: Rule) -> Given:
    basis = {Scope.PERSON: Basis.PERSON, Scope.ROLE: Basis.ROLE, Scope.DEFAULT: Basis.EVERYONE}[rule.scope]
    return Given(rule.meter, rule.cap, basis, rule.subject_id if rule.scope is Scope.ROLE else 0)
