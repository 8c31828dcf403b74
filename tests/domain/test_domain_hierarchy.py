from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hierarchy import LOWEST, Rank, Subject, is_own, stands_over
from bot.domain.requests import Requester

GUILD = 70
MEMBER, LOW, HIGH = LOWEST, Rank(role=(1, -10)), Rank(role=(2, -20))
LOW_ADMIN, HIGH_ADMIN = Rank(is_administrator=True, role=(1, -11)), Rank(is_administrator=True, role=(2, -21))
OWNER = Rank(is_owner=True)
LADDER = [MEMBER, LOW, HIGH, LOW_ADMIN, HIGH_ADMIN, OWNER]
PLACES = st.tuples(st.integers(0, 250), st.integers(-(2**63), 0))
RANKS = st.builds(Rank, st.booleans(), st.booleans(), PLACES)


def who(rank: Rank, user_id: int = 1, *roles: int) -> Requester:
    return Requester(user_id, GUILD, 7, role_ids=frozenset({GUILD, *roles}), rank=rank)


@pytest.mark.parametrize("subject", range(len(LADDER)))
@pytest.mark.parametrize("actor", range(len(LADDER)))
def test_each_stands_over_those_below_alone(actor, subject):
    assert stands_over(who(LADDER[actor]), Subject(2, LADDER[subject])) == (actor > subject)


@pytest.mark.parametrize(
    ("rank", "may"), [(HIGH, False), (LOW_ADMIN, True), (OWNER, True)], ids=["role", "administrator", "owner"]
)
def test_only_the_top_may_act_on_themselves(rank, may):
    assert stands_over(who(rank, 1), Subject(1, rank)) == may


@pytest.mark.parametrize(
    ("rank", "may"), [(HIGH, False), (LOW_ADMIN, True), (OWNER, True)], ids=["role", "administrator", "owner"]
)
def test_only_the_top_may_act_on_a_role_of_their_own(rank, may):
    assert stands_over(who(rank, 1, 10), Subject(10, LOW, is_role=True)) == may


def test_a_role_is_not_the_person_of_the_same_id():
    assert stands_over(who(HIGH, 10), Subject(10, LOW, is_role=True))
    assert not is_own(who(HIGH, 1, 10), Subject(10, LOW))


def test_a_role_that_administers_is_above_who_does_not():
    assert not stands_over(who(HIGH), Subject(30, Rank(is_administrator=True, role=(1, -30)), is_role=True))


def test_the_role_of_everyone_is_the_server_itself():
    assert stands_over(who(LOW, 1), Subject(GUILD, LOWEST, is_role=True))


def test_of_two_roles_in_one_place_the_older_is_higher():
    older, newer = Rank(role=(3, -100)), Rank(role=(3, -200))

    assert stands_over(who(older), Subject(2, newer))
    assert not stands_over(who(newer), Subject(2, older))


@given(RANKS, RANKS)
def test_nobody_stands_over_who_stands_over_them(first, second):
    over, under = (
        stands_over(who(first, 1), Subject(2, second)),
        stands_over(who(second, 2), Subject(1, first)),
    )

    assert not (over and under)
    assert over or under or first == second
