from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conduct import LONGEST, Crowd, cooled_until, made_at

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=m) for m in minutes]


@pytest.mark.parametrize(
    ("refused", "minutes"),
    [
        (ago(), None),
        (ago(0, 5), None),
        (ago(0, 5, 10), 30),
        (ago(10, 0, 5), 30),
        (ago(0, 30, 61), None),
        (ago(2, 3, 4), 28),
        (ago(0, 1, 2, 100, 101), 30),
        (ago(0, 1, 2, 100, 101, 102), 60),
        (ago(*range(9)), 120),
        (ago(*(n / 10 for n in range(300))), 1440),
    ],
    ids=[
        "none",
        "two",
        "three",
        "in any order",
        "far apart",
        "a while ago",
        "four",
        "again",
        "and again",
        "very many",
    ],
)
def test_a_break_follows_a_series_and_doubles_with_each(refused: list[datetime], minutes: int | None):
    until = cooled_until(refused, 3, HALF_HOUR)

    assert until == (None if minutes is None else NOW + timedelta(minutes=minutes))


@given(st.lists(st.integers(0, 24 * 60), max_size=60), st.integers(1, 10))
def test_every_break_ends_within_a_day_and_begins_with_a_refusal(minutes: list[int], after: int):
    refused = ago(*minutes)
    until = cooled_until(refused, after, HALF_HOUR)

    if until is not None:
        assert max(refused) + HALF_HOUR <= until <= max(refused) + LONGEST


def test_an_account_s_age_is_in_its_id():
    assert made_at(175928847299117063).isoformat() == "2016-04-30T11:18:25.796000+00:00"


def test_new_accounts_weigh_more_and_old_requests_nothing():
    crowd = Crowd()
    newest = (int(NOW.timestamp() * 1000) - 1_420_070_400_000) << 22
    crowd.note(1, NOW - timedelta(minutes=3))
    for user_id in (101, 101, 102, newest):
        crowd.note(user_id, NOW)

    assert crowd.people() == {101, 102, newest}
    assert crowd.young(NOW) == 1
    assert crowd.weight(NOW) == 6
