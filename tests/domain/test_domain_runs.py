from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.jobs import Origin
from bot.domain.quotas import Limit, Meter, Owner, Reading, window
from bot.domain.requests import PictureRequest
from bot.domain.runs import Batch, BatchState, Snapshot, Tally, fits, fresh_id

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def reading(meter: Meter, left: int) -> Reading:
    return Reading(Limit(Owner.PERSON, meter, left, window(meter, NOW, ZoneInfo("UTC"))), used=0)


@pytest.mark.parametrize(
    ("readings", "count"),
    [
        ((), 4),
        ((reading(Meter.IMAGES_PER_DAY, 9),), 4),
        ((reading(Meter.IMAGES_PER_DAY, 3),), 3),
        ((reading(Meter.IMAGES_PER_DAY, 0),), 0),
        ((reading(Meter.USD_PER_DAY, 60),), 3),
        ((reading(Meter.USD_PER_DAY, 59),), 2),
        ((reading(Meter.USD_PER_DAY, 30), reading(Meter.IMAGES_PER_MONTH, 1)), 1),
        ((reading(Meter.USD_PER_MONTH, 9),), 0),
    ],
)
def test_an_allowance_lets_as_many_through_as_its_tightest_meter(readings, count):
    assert fits([10, 20, 30, 40], readings) == count


@given(st.integers(0, 10**10), st.integers(0, 10**10), st.integers(0, 2**40), st.integers(0, 2**40))
def test_ids_sort_by_time_and_are_ones_that_a_button_can_hold(first_ms, later_ms, noise, more_noise):
    first, later = (
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms) for ms in (first_ms, later_ms)
    )

    ids = fresh_id(first, noise), fresh_id(later, more_noise)

    assert all(0 < one < 2**63 for one in ids)
    if later - first > timedelta(milliseconds=1):
        assert ids[0] < ids[1]


def snapshot(**changed) -> Snapshot:
    batch = Batch(
        id=7,
        state=BatchState.RUNNING,
        user_id=1,
        guild_id=None,
        channel_id=2,
        role_ids=frozenset(),
        title="list.txt",
        request=PictureRequest(""),
        origin=Origin(1, "token", NOW, 1),
        created_at=NOW,
    )
    return replace(Snapshot(batch, Tally(waiting=3), ready_at=NOW), **changed)


@pytest.mark.parametrize(
    ("now", "is_news"),
    [
        (snapshot(), False),
        (snapshot(ready_at=NOW + timedelta(seconds=9)), False),
        (snapshot(ready_at=NOW + timedelta(seconds=10)), True),
        (snapshot(ready_at=None), True),
        (snapshot(tally=Tally(waiting=2, drawing=1)), True),
        (snapshot(batch=replace(snapshot().batch, card_message_id=9)), False),
        (snapshot(batch=replace(snapshot().batch, reason="All used up.")), True),
        (snapshot(batch=replace(snapshot().batch, state=BatchState.PAUSED)), True),
    ],
)
def test_a_card_is_edited_where_there_is_something_to_see(now: Snapshot, is_news: bool):
    assert now.is_news(snapshot()) is is_news
    assert now.is_news(None)
