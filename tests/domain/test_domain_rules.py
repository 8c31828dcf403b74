"""Whose rule holds, and what is drawn of grants: pure, for any numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quotas import (
    Basis,
    Charge,
    Draw,
    Grant,
    Limit,
    Meter,
    Owner,
    Policy,
    Reading,
    Window,
    kept,
    window,
)
from bot.domain.rules import Claim, Decided, Rule, Scope, Terms, limits, zone_of
from bot.domain.rules import given as resolved

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
UTC_ZONE, TOKYO = ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo")
CAPS = st.none() | st.integers(0, 50)
RULES = st.builds(Rule, st.just(70), st.sampled_from(Scope), st.integers(1, 4), st.sampled_from(Meter), CAPS)
DEFAULTS = st.dictionaries(st.sampled_from(Meter), st.integers(0, 50)).map(
    lambda caps: Policy(tuple(caps.items()))
)


def by_meter(rules, otherwise):
    return {one.meter: one for one in resolved(rules, otherwise)}


@given(st.lists(RULES), DEFAULTS, st.sampled_from(Meter))
def test_the_most_particular_rule_holds_and_of_roles_the_most_generous(rules, otherwise, meter):
    found = by_meter(rules, otherwise).get(meter)

    on_meter = {scope: [r.cap for r in rules if r.meter is meter and r.scope is scope] for scope in Scope}
    for scope, basis in (
        (Scope.PERSON, Basis.PERSON),
        (Scope.ROLE, Basis.ROLE),
        (Scope.DEFAULT, Basis.EVERYONE),
    ):
        if caps := on_meter[scope]:
            assert found is not None
            assert found.basis is basis
            assert found.cap == (None if None in caps else max(caps))
            return
    default = dict(otherwise.caps).get(meter)
    assert (found.cap if found else None) == default
    assert found is None or found.basis is Basis.OPERATOR


@given(st.lists(RULES), DEFAULTS, RULES)
def test_another_role_never_takes_anything_away_from_who_has_one(rules, otherwise, more):
    more = Rule(70, Scope.ROLE, more.subject_id, more.meter, more.cap)
    has_one = any(r.scope is Scope.ROLE and r.meter is more.meter for r in rules)
    before = by_meter(rules, otherwise)
    after = by_meter([*rules, more], otherwise)

    for meter in Meter:
        if meter is not more.meter:
            assert after.get(meter) == before.get(meter)
        elif has_one:
            assert generosity(after[meter].cap) >= generosity(before[meter].cap)


def generosity(cap):
    return float("inf") if cap is None else cap


@given(st.lists(RULES), CAPS, st.integers(0, 23))
def test_the_operator_s_budgets_hold_whatever_moderators_say(rules, budget, hour):
    operators = Policy(((Meter.USD_PER_MONTH, 5),))
    terms = Terms(Policy(), operators, operators, UTC_ZONE)
    decided = Decided(tuple(rules), "Asia/Tokyo", budget)
    now = NOW.replace(hour=hour)
    found = limits(Claim(terms, 7, 70), decided, now)

    month = window(Meter.USD_PER_MONTH, now, UTC_ZONE)
    for owner in (Owner.SERVER, Owner.OPERATOR):
        assert any(
            (one.owner, one.basis, one.cap, one.window) == (owner, Basis.OPERATOR, 5, month) for one in found
        )
    assert all(one.cap is not None for one in found)


def test_people_and_the_budget_are_counted_in_the_server_s_days():
    terms = Terms(Policy(((Meter.IMAGES_PER_DAY, 3),)), Policy(), Policy(), UTC_ZONE)
    late = NOW.replace(hour=16)
    person, budget = limits(Claim(terms, 7, 70), Decided((), "Asia/Tokyo", 9), late)

    assert person.window == window(Meter.IMAGES_PER_DAY, late, TOKYO)
    assert budget.window == window(Meter.USD_PER_MONTH, late, TOKYO)
    assert person.window != window(Meter.IMAGES_PER_DAY, late, UTC_ZONE)


def test_in_direct_messages_and_for_the_server_alone_less_is_checked():
    terms = Terms(
        Policy(((Meter.IMAGES_PER_DAY, 3),)), Policy(((Meter.USD_PER_MONTH, 5),)), Policy(), UTC_ZONE
    )

    assert [one.owner for one in limits(Claim(terms, 7, None), Decided(), NOW)] == [Owner.PERSON]
    alone = limits(Claim(terms, 7, 70, is_personal=False), Decided(budget_microusd=1), NOW)
    assert [one.basis for one in alone] == [Basis.BUDGET, Basis.OPERATOR]


@pytest.mark.parametrize("name", [None, "Not/AZone", "../etc/passwd", ""])
def test_a_zone_that_is_not_known_any_more_gives_way(name):
    assert zone_of(name, TOKYO) is TOKYO


AMOUNTS = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 20)), max_size=4)


def a_reading(cap, used, amounts):
    day = window(Meter.IMAGES_PER_DAY, NOW, UTC_ZONE)
    grants = tuple(
        Grant(
            n, 70, 7, Meter.IMAGES_PER_DAY, amount + spent, spent, "why", 1, NOW, NOW + timedelta(days=n + 1)
        )
        for n, (amount, spent) in enumerate(amounts)
    )
    return Reading(Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, cap, day, 7, 70), used, grants)


@given(st.integers(0, 20), st.integers(0, 30), AMOUNTS, st.integers(0, 60))
def test_what_is_drawn_is_exactly_what_the_allowance_lacks_the_soonest_grant_first(cap, used, amounts, needs):
    reading = a_reading(cap, used, amounts)
    draws = reading.draws(Charge(needs, 0))

    if needs and needs > reading.left:
        assert draws is None
        return
    assert draws is not None
    drawn = {draw.grant_id: draw.amount for draw in draws}
    assert sum(drawn.values()) == max(0, needs - max(0, cap - used)) if needs else not drawn
    assert all(0 < amount <= reading.grants[n].left for n, amount in drawn.items())
    for n in list(drawn)[:-1]:
        assert drawn[n] == reading.grants[n].left


@given(st.lists(st.integers(1, 20), max_size=4), st.integers(-5, 100))
def test_what_was_not_needed_comes_back_to_grants_first_and_never_more_than_was_drawn(amounts, unspent):
    draws = [Draw(n, amount) for n, amount in enumerate(amounts)]
    after = kept(draws, unspent)

    back = sum(amounts) - sum(draw.amount for draw in after)
    assert back == max(0, min(unspent, sum(amounts)))
    assert [draw.grant_id for draw in after] == [draw.grant_id for draw in draws]
    assert all(0 <= now.amount <= before.amount for now, before in zip(after, draws, strict=True))


def test_a_reset_counts_from_its_moment_and_is_over_with_its_window():
    day = window(Meter.IMAGES_PER_DAY, NOW, UTC_ZONE)
    limit = Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, 5, day, counts_from=NOW)
    old = Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, 5, day, counts_from=NOW - timedelta(days=2))

    assert limit.counted == Window(NOW, day.ends_at)
    assert old.counted == day
