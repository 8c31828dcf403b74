from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.jobs import JobState
from bot.domain.quotas import Charge, Limit, Meter, Owner, window
from bot.errors import QuotaExceeded
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def jobs(database):
    return Jobs(database)


@pytest.fixture
def ledger(database):
    return Ledger(database)


async def settled(jobs, job, charge, absorbed=0, at=None):
    now = at or job.created_at
    await jobs.open(job, [], now)
    await jobs.mark_sent(job.id, 0, now)
    await jobs.receive(job.id, 0, 0, [], now)
    await jobs.produce(job.id, now)
    await jobs.deliver(job.id, 1, 2, now)
    assert await jobs.settle(job.id, charge, absorbed, now)


async def used(ledger, limit):
    (reading,) = await ledger.readings([limit])
    return reading.used


async def test_absorbed_cost_counts_for_the_operator_alone(jobs, ledger, make):
    await settled(jobs, make.job(microusd=100), Charge(1, 60), absorbed=25)
    given_back = make.job(microusd=100)
    await jobs.open(given_back, [], make.now)
    await jobs.release(given_back.id, JobState.FAILED, None, 7, make.now)

    money = Meter.USD_PER_DAY
    assert await used(ledger, make.limit(0, owner=Owner.PERSON, meter=money)) == 60
    assert await used(ledger, make.limit(0, owner=Owner.SERVER, meter=money)) == 60
    assert await used(ledger, make.limit(0, owner=Owner.OPERATOR, meter=money)) == 60 + 25 + 7
    assert await used(ledger, make.limit(0, owner=Owner.OPERATOR)) == 1


async def test_settle_lands_in_the_window_of_its_hold(jobs, ledger, make):
    late = datetime(2026, 11, 30, 23, 59, 59, 999_999, tzinfo=UTC)
    job = make.job(microusd=100, created_at=late)
    await jobs.open(job, [], late)
    await jobs.mark_sent(job.id, 0, late)
    await jobs.receive(job.id, 0, 0, [], late)
    await jobs.produce(job.id, late)
    await jobs.deliver(job.id, 1, 2, late)
    next_month = late + timedelta(seconds=30)
    await jobs.settle(job.id, Charge(1, 60), 0, next_month)

    for meter in (Meter.USD_PER_DAY, Meter.USD_PER_MONTH):
        assert await used(ledger, make.limit(0, meter=meter, now=late)) == 60
        assert await used(ledger, make.limit(0, meter=meter, now=next_month)) == 0


async def test_window_holds_its_start_and_not_its_end(jobs, ledger, make):
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    for at in (midnight - timedelta(microseconds=1), midnight, midnight + timedelta(days=1)):
        await jobs.open(make.job(created_at=at), [], at)

    assert await used(ledger, make.limit(0, now=midnight)) == 1


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime(2026, 3, 29, 12, tzinfo=UTC), 23), (datetime(2026, 10, 25, 12, tzinfo=UTC), 25)],
    ids=["spring", "autumn"],
)
async def test_days_of_23_and_25_hours_hold_each_hour_once(jobs, ledger, make, day, hours):
    for hour in range(-48, 48):
        at = day + timedelta(hours=hour)
        await jobs.open(make.job(created_at=at), [], at)

    limit = Limit(Owner.PERSON, Meter.IMAGES_PER_DAY, 0, window(Meter.IMAGES_PER_DAY, day, BERLIN), 7, 70)
    assert await used(ledger, limit) == hours


async def test_clock_that_goes_back_refills_nothing(jobs, make):
    await jobs.open(make.job(), [make.limit(1)], make.now)
    earlier = make.now - timedelta(minutes=10)

    with pytest.raises(QuotaExceeded):
        await jobs.open(make.job(), [make.limit(1, now=earlier)], earlier)


async def test_readings_come_in_the_order_of_the_limits(jobs, ledger, make):
    await jobs.open(make.job(images=3, microusd=9), [], make.now)
    limits = [make.limit(5, meter=Meter.USD_PER_DAY), make.limit(5), make.limit(5, user_id=8)]

    assert [(r.limit, r.used) for r in await ledger.readings(limits)] == list(
        zip(limits, [9, 3, 0], strict=True)
    )


@pytest.fixture
async def job(jobs, make):
    job = make.job()
    await jobs.open(job, [], make.now)
    return job


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger",
        "UPDATE ledger SET microusd = 0",
        "UPDATE ledger SET images = 0",
        "UPDATE ledger SET absorbed_microusd = 1",
        "UPDATE ledger SET anchor_at = 0",
        "UPDATE ledger SET guild_id = 0",
        "UPDATE ledger SET kind = 'release'",
        "UPDATE ledger SET user_id = 8",
        "DELETE FROM job",
    ],
)
async def test_ledger_is_append_only(database, job, statement):
    before = [tuple(row) for row in await database.read("SELECT * FROM ledger")]

    with pytest.raises(sqlite3.IntegrityError):
        await database.change(statement, {})
    assert [tuple(row) for row in await database.read("SELECT * FROM ledger")] == before


async def test_person_may_be_forgotten_and_the_amounts_stay(database, jobs, ledger, job, make):
    await database.change("UPDATE ledger SET user_id = NULL", {})
    await database.change("UPDATE job SET user_id = NULL", {})

    assert await used(ledger, make.limit(0)) == 0
    assert await used(ledger, make.limit(0, owner=Owner.SERVER)) == 1
    assert (await jobs.get(job.id)).user_id == 0
    assert await jobs.release(job.id, JobState.FAILED, None, 0, make.now)


ROW = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, microusd, absorbed_microusd, anchor_at, recorded_at)
    SELECT job_id, :kind, user_id, guild_id, :images, :microusd, :absorbed, anchor_at + :shift, 0 FROM ledger
    WHERE kind = 'hold'
"""
GOOD = {"kind": "settle", "images": -1, "microusd": -40_000, "absorbed": 0, "shift": 0}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "hold"},
        {"kind": "gift"},
        {"images": -2},
        {"microusd": -40_001},
        {"absorbed": -1},
        {"shift": 1},
        {"kind": "release", "microusd": 1},
        {"images": 1.5},
        {"microusd": "much"},
    ],
    ids=str,
)
async def test_wrong_row_is_refused_by_the_database_itself(database, job, change):
    with pytest.raises(sqlite3.IntegrityError):
        await database.change(ROW, {**GOOD, **change})


@pytest.mark.parametrize("second", ["settle", "release"])
async def test_job_ends_once_even_past_the_code(database, job, second):
    assert await database.change(ROW, GOOD) == 1

    with pytest.raises(sqlite3.IntegrityError):
        await database.change(ROW, {**GOOD, "kind": second})


DAY, MONTH = Meter.IMAGES_PER_DAY, Meter.USD_PER_MONTH
AGAIN = " It starts again <t:{ends}:R>."
STOPPED = {
    "none": (
        (Owner.PERSON, DAY, 0, 0),
        "Nothing can be drawn here, because your allowance is set to zero.",
    ),
    "too small": (
        (Owner.PERSON, DAY, 1, 0),
        "This may take 2 pictures, more than your allowance of 1 picture a day. Ask for less.",
    ),
    "used up": (
        (Owner.PERSON, DAY, 4, 4),
        "Your allowance of 4 pictures a day is used up." + AGAIN,
    ),
    "used up by more than it is now": (
        (Owner.PERSON, DAY, 1, 4),
        "Your allowance of 1 picture a day is used up." + AGAIN,
    ),
    "a little left": (
        (Owner.PERSON, DAY, 5, 4),
        "This may take 2 pictures, but only 1 picture of your allowance of 5 pictures a day is left." + AGAIN,
    ),
    "a little money left": (
        (Owner.PERSON, MONTH, 100_000, 60_000),
        "This may take $0.08, but only $0.04 of your allowance of $0.10 a month is left." + AGAIN,
    ),
    "a little less than it shows": (
        (Owner.PERSON, MONTH, 80_039, 40),
        "This may take $0.08, but only $0.079999 of your allowance of $0.08 a month is left." + AGAIN,
    ),
    "server": (
        (Owner.SERVER, MONTH, 80_000, 80_000),
        "This server's allowance of $0.08 a month is used up." + AGAIN,
    ),
    "operator": (
        (Owner.OPERATOR, Meter.USD_PER_DAY, 100_000, 60_000),
        "This bot's own allowance for today is used up." + AGAIN,
    ),
    "operator, too small": (
        (Owner.OPERATOR, MONTH, 10, 0),
        "This may take $0.08, more than this bot's own allowance for this month. Ask for less.",
    ),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("case", "sentence"), STOPPED.values(), ids=STOPPED)
async def test_stopped_person_is_told_which_limit_and_when_it_lifts(jobs, make, case, sentence):
    owner, meter, cap, before = case
    limit = make.limit(cap, owner=owner, meter=meter)
    earlier = {"images": 0, "microusd": before} if meter.is_money else {"images": before, "microusd": 0}
    await jobs.open(make.job(**earlier), [], make.now)

    with pytest.raises(QuotaExceeded) as caught:
        await jobs.open(make.job(images=2, microusd=80_000), [limit], make.now)
    assert str(caught.value) == sentence.format(ends=int(limit.window.ends_at.timestamp()))
    assert caught.value.limit is limit


async def test_of_several_limits_the_one_that_lifts_last_is_said(jobs, make):
    day, month = make.limit(1), make.limit(1, meter=Meter.IMAGES_PER_MONTH)
    await jobs.open(make.job(), [], make.now)

    with pytest.raises(QuotaExceeded) as caught:
        await jobs.open(make.job(), [month, day], make.now)
    assert caught.value.limit is month


async def test_limit_that_never_lifts_is_said_before_those_that_do(jobs, make):
    day, month = make.limit(1), make.limit(2, meter=Meter.IMAGES_PER_MONTH)
    await jobs.open(make.job(), [], make.now)

    with pytest.raises(QuotaExceeded) as caught:
        await jobs.open(make.job(images=2), [month, day], make.now)
    assert caught.value.limit is day
