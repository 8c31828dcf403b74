from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.quotas import Charge, Limit, Meter, Owner, Policy, Reading, Window, charged, window

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",  # its clocks skipped midnight
    "America/Havana",  # its midnights happen twice
    "Asia/Kathmandu",  # a quarter of an hour off
    "Australia/Lord_Howe",  # changes by half an hour
    "Pacific/Apia",  # left out a whole day
    "America/St_Johns",
)
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone


def _hours(stretch: Window) -> float:
    return (stretch.ends_at - stretch.starts_at) / timedelta(hours=1)


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(Meter))
@example(datetime(2018, 11, 4, 3, 0, tzinfo=UTC), "America/Sao_Paulo", Meter.IMAGES_PER_DAY)
@example(datetime(2018, 11, 4, 2, 59, tzinfo=UTC), "America/Sao_Paulo", Meter.IMAGES_PER_DAY)
@example(datetime(2018, 2, 18, 2, 30, tzinfo=UTC), "America/Sao_Paulo", Meter.IMAGES_PER_DAY)
@example(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/Havana", Meter.IMAGES_PER_MONTH)
@example(datetime(2026, 11, 1, 4, 30, tzinfo=UTC), "America/Havana", Meter.IMAGES_PER_MONTH)
@example(datetime(2011, 12, 30, 9, 59, tzinfo=UTC), "Pacific/Apia", Meter.IMAGES_PER_DAY)
@example(datetime(2024, 2, 29, 23, 59, tzinfo=UTC), "UTC", Meter.IMAGES_PER_DAY)
def test_every_moment_is_in_its_window_and_windows_leave_no_gap(now: datetime, name: str, meter: Meter):
    zone = ZoneInfo(name)

    here = window(meter, now, zone)

    assert here.starts_at <= now < here.ends_at
    assert window(meter, here.ends_at, zone).starts_at == here.ends_at
    assert window(meter, here.starts_at, zone) == here
    assert window(meter, here.ends_at - timedelta(microseconds=1), zone) == here
    assert here.starts_at.tzinfo is UTC
    assert here.ends_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "now", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 12, tzinfo=UTC), 23),
        ("Europe/Berlin", datetime(2026, 10, 25, 12, tzinfo=UTC), 25),
        ("America/Sao_Paulo", datetime(2018, 11, 4, 12, tzinfo=UTC), 23),
        ("America/Sao_Paulo", datetime(2018, 2, 17, 12, tzinfo=UTC), 25),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 18, tzinfo=UTC), 23.5),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 18, tzinfo=UTC), 24.5),
        ("Asia/Kathmandu", datetime(2026, 6, 1, 12, tzinfo=UTC), 24),
        ("Asia/Tokyo", datetime(2026, 3, 29, 12, tzinfo=UTC), 24),
    ],
    ids=[
        "spring",
        "autumn",
        "midnight skipped",
        "an hour twice",
        "half spring",
        "half autumn",
        "quarter hour",
        "no summer",
    ],
)
def test_a_day_lasts_as_long_as_it_does_on_the_wall(name: str, now: datetime, hours: float):
    assert _hours(window(Meter.USD_PER_DAY, now, ZoneInfo(name))) == hours


def test_a_day_whose_midnight_does_not_exist_begins_when_the_gap_ends():
    day = window(Meter.IMAGES_PER_DAY, datetime(2018, 11, 4, 12, tzinfo=UTC), ZoneInfo("America/Sao_Paulo"))

    assert day.starts_at == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert day.starts_at.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_kathmandu_s_day_begins_at_a_quarter_past():
    day = window(Meter.IMAGES_PER_DAY, datetime(2026, 6, 1, 12, tzinfo=UTC), ZoneInfo("Asia/Kathmandu"))

    assert day.starts_at == datetime(2026, 5, 31, 18, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "starts", "ends"),
    [
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), (2026, 12), (2027, 1)),
        (datetime(2024, 2, 29, tzinfo=UTC), (2024, 2), (2024, 3)),
        (datetime(2026, 1, 1, tzinfo=UTC), (2026, 1), (2026, 2)),
    ],
    ids=["end of a year", "leap day", "first moment"],
)
def test_a_month_is_the_calendar_s(now: datetime, starts: tuple[int, int], ends: tuple[int, int]):
    month = window(Meter.USD_PER_MONTH, now, ZoneInfo("UTC"))

    assert month == Window(datetime(*starts, 1, tzinfo=UTC), datetime(*ends, 1, tzinfo=UTC))


def test_a_policy_limits_by_meter_and_carries_whose_it_is():
    now, zone = datetime(2026, 6, 1, 12, tzinfo=UTC), ZoneInfo("UTC")
    policy = Policy(((Meter.IMAGES_PER_DAY, 5), (Meter.USD_PER_MONTH, 2_000_000)))

    limits = policy.limits(Owner.PERSON, now, zone, user_id=1, guild_id=2)

    assert limits == (
        Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, 5, window(Meter.IMAGES_PER_DAY, now, zone), 1, 2),
        Limit(Owner.PERSON, Meter.USD_PER_MONTH, 2_000_000, window(Meter.USD_PER_MONTH, now, zone), 1, 2),
    )
    assert Policy().limits(Owner.SERVER, now, zone) == ()


@pytest.mark.parametrize(
    ("meter", "is_money", "is_daily", "needs"),
    [
        (Meter.IMAGES_PER_DAY, False, True, 3),
        (Meter.IMAGES_PER_MONTH, False, False, 3),
        (Meter.USD_PER_DAY, True, True, 70_000),
        (Meter.USD_PER_MONTH, True, False, 70_000),
    ],
)
def test_a_meter_counts_pictures_or_money_by_day_or_month(meter, is_money, is_daily, needs):
    stretch = window(meter, datetime(2026, 6, 1, tzinfo=UTC), ZoneInfo("UTC"))

    assert (meter.is_money, meter.is_daily) == (is_money, is_daily)
    assert Limit(Owner.PERSON, meter, 1, stretch).needs(Charge(3, 70_000)) == needs


@given(st.integers(0, 100), st.integers(-5, 200))
def test_what_is_left_is_never_below_zero(cap: int, used: int):
    stretch = window(Meter.IMAGES_PER_DAY, datetime(2026, 6, 1, tzinfo=UTC), ZoneInfo("UTC"))
    left = Reading(Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, cap, stretch), used).left

    assert left == max(0, cap - used)


@given(st.integers(0, 20), st.integers(0, 10), st.integers(0, 10**9), st.integers(0, 10**9))
def test_never_more_pictures_are_charged_than_were_held(came: int, images: int, held: int, cost: int):
    charge = charged(came, Charge(images, held), cost)

    assert charge == Charge(min(came, images), cost)
