"""Rules, grants and resets where money is held: many at once, and exact."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from storage_steps import drawn

from bot.domain.jobs import JobState
from bot.domain.quotas import Charge, Grant, Meter, Owner, Policy
from bot.domain.rules import Claim, Rule, Scope, Terms
from bot.errors import QuotaExceeded
from bot.storage.audit import Audit, AuditLine
from bot.storage.grants import Grants
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.policies import Policies
from bot.storage.server_settings import ServerSettings

PERSON, SERVER, ARTISTS = 7, 70, 500
DAY = Meter.IMAGES_PER_DAY


@pytest.fixture
def jobs(database):
    return Jobs(database)


@pytest.fixture
def policies(database):
    return Policies(database)


@pytest.fixture
def grants(database):
    return Grants(database)


@pytest.fixture
def ledger(database):
    return Ledger(database)


def claim(*roles, default=10, server=(), operator=()):
    person = Policy(((DAY, default),))
    terms = Terms(person, Policy(server), Policy(operator), ZoneInfo("UTC"))
    return Claim(terms, PERSON, SERVER, frozenset(roles))


USUAL = claim()


def line(make, action="quota.set"):
    return AuditLine(SERVER, 1, action, "x", {}, make.now)


def a_rule(cap, scope=Scope.DEFAULT, subject=0, meter=DAY):
    return Rule(SERVER, scope, subject, meter, cap)


async def granted(grants, make, amount, *, meter=DAY, days=30):
    ends_at = make.now + timedelta(days=days)
    grant = Grant(0, SERVER, PERSON, meter, amount, 0, "why", 1, make.now, ends_at)
    return await grants.add(grant, line(make, "quota.grant"))


async def many(jobs, make, count, held=USUAL, **more):
    """Open many at once; return the jobs that were let in."""
    tried = [make.job(**more) for _ in range(count)]
    outcomes = await asyncio.gather(
        *(jobs.open(job, held, make.now) for job in tried), return_exceptions=True
    )
    assert all(one is True or isinstance(one, QuotaExceeded) for one in outcomes)
    return [job for job, one in zip(tried, outcomes, strict=True) if one is True]


async def reading(ledger, make, held=USUAL, meter=DAY, now=None):
    found = await ledger.entitlement(held, now or make.now)
    return next(one for one in found.readings if one.limit.meter is meter and one.limit.owner is Owner.PERSON)


async def left_of(grants):
    return [grant.left for grant in await grants.of_server(SERVER)]


async def settled(jobs, job, charge, now):
    await drawn(jobs, job, now)
    await jobs.produce(job.id, now)
    await jobs.deliver(job.id, 1, 2, now)
    assert await jobs.settle(job.id, charge, 0, now)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("rules", "roles", "allowed"),
    [
        ([], (), 10),
        ([a_rule(3)], (), 3),
        ([a_rule(3), a_rule(5, Scope.ROLE, ARTISTS), a_rule(4, Scope.ROLE, 501)], (ARTISTS, 501), 5),
        ([a_rule(3), a_rule(5, Scope.ROLE, ARTISTS)], (), 3),
        ([a_rule(5, Scope.ROLE, ARTISTS), a_rule(2, Scope.PERSON, PERSON)], (ARTISTS,), 2),
        ([a_rule(3), a_rule(None, Scope.ROLE, ARTISTS)], (ARTISTS,), 20),
        ([a_rule(0, Scope.PERSON, 8)], (), 10),
    ],
    ids=["operator", "everybody", "best role", "not their role", "person", "unlimited", "another person"],
)
async def test_of_twenty_at_once_exactly_as_many_as_their_rule_gives(
    jobs, policies, make, rules, roles, allowed
):
    for one in rules:
        await policies.set([one], line(make))

    assert len(await many(jobs, make, 20, claim(*roles))) == allowed


async def test_a_rule_that_changes_meanwhile_holds_from_one_request_to_the_next(jobs, policies, ledger, make):
    """However they fall, no request is let in that the rule before it would not have let in."""
    await policies.set([a_rule(50)], line(make))
    tried = [make.job() for _ in range(50)]
    opening = [jobs.open(job, claim(), make.now) for job in tried]
    changing = policies.set([a_rule(20)], line(make))
    outcomes = await asyncio.gather(*opening[:30], changing, *opening[30:], return_exceptions=True)

    came = [one for one in outcomes if one is True]
    assert len(came) == 30, "those before were let in by the old rule, those after by none"
    assert (await reading(ledger, make)).used == 30
    assert (await reading(ledger, make)).left == 0


async def test_grants_are_used_after_the_allowance_exactly_once_by_fifty_at_once(jobs, grants, ledger, make):
    await granted(grants, make, 4, days=9)
    await granted(grants, make, 3, days=2)

    assert len(await many(jobs, make, 50, claim(default=5))) == 12
    assert await left_of(grants) == [0, 0]
    assert (await reading(ledger, make, claim(default=5))).used == 5


async def test_the_grant_that_expires_first_is_used_first(jobs, grants, make):
    await granted(grants, make, 4, days=9)
    await granted(grants, make, 3, days=2)

    await many(jobs, make, 2, claim(default=0))

    assert await left_of(grants) == [4, 1]


async def test_a_release_gives_grants_back_and_a_settle_what_was_not_needed(jobs, grants, ledger, make):
    await granted(grants, make, 5)
    held = claim(default=1)
    (first,) = await many(jobs, make, 1, held, images=3)
    assert await left_of(grants) == [3]
    await settled(jobs, first, Charge(2, 10), make.now)
    assert await left_of(grants) == [4]
    assert (await reading(ledger, make, held)).used == 1

    (second,) = await many(jobs, make, 1, held, images=4)
    assert await left_of(grants) == [0]
    await jobs.release(second.id, JobState.FAILED, "No.", 0, make.now)
    assert await left_of(grants) == [4]
    assert not await jobs.release(second.id, JobState.FAILED, "No.", 0, make.now)
    assert await left_of(grants) == [4]


async def test_dollars_that_are_granted_are_settled_at_the_true_cost(jobs, grants, ledger, make):
    dollars = Meter.USD_PER_DAY
    await granted(grants, make, 100, meter=dollars)
    held = replace(claim(), terms=replace(claim().terms, person=Policy(((dollars, 60),))))
    (job,) = await many(jobs, make, 1, held, microusd=130)
    assert await left_of(grants) == [30]

    await settled(jobs, job, Charge(1, 75), make.now)

    assert await left_of(grants) == [85]
    assert (await reading(ledger, make, held, dollars)).used == 60


async def test_a_grant_lets_nobody_over_a_budget(jobs, grants, database, make):
    await granted(grants, make, 50)
    chosen = {"budget": "120000"}
    await ServerSettings(database).choose(chosen, line(make, "budget.set"))
    assert len(await many(jobs, make, 20, claim(default=0), microusd=40_000)) == 3
    assert await left_of(grants) == [47]

    await ServerSettings(database).choose({"budget": None}, line(make, "budget.set"))
    operators = ((Meter.USD_PER_DAY, 200_000),)
    assert len(await many(jobs, make, 20, claim(default=0, operator=operators), microusd=40_000)) == 2


async def test_a_grant_of_another_person_server_or_meter_and_one_that_ended_give_nothing(jobs, grants, make):
    for change in (
        {"user_id": 8},
        {"guild_id": 71},
        {"meter": Meter.IMAGES_PER_MONTH},
        {"expires_at": make.now},
    ):
        grant = Grant(0, SERVER, PERSON, DAY, 5, 0, "why", 1, make.now, make.now + timedelta(days=1))
        await grants.add(replace(grant, **change), line(make))
    ended = await granted(grants, make, 5)
    assert await grants.end(ended.id, line(make, "quota.revoke"))
    assert await grants.end(ended.id, line(make, "quota.revoke")) is None

    assert not await many(jobs, make, 3, claim(default=0))


async def test_a_reset_forgives_what_was_held_before_it_and_nothing_after(jobs, policies, ledger, make):
    before = await many(jobs, make, 5, claim(default=3))
    assert len(before) == 3
    reset_at = await policies.reset(PERSON, [DAY], line(make, "quota.reset"))
    assert reset_at > make.now, "holds of this very moment are forgiven too"

    after = await many(jobs, make, 50, claim(default=3))
    assert len(after) == 3, "their clock stands still, and all the same they count"
    for job in before:
        await settled(jobs, job, Charge(1, 10), make.now)
    assert (await reading(ledger, make, claim(default=3))).used == 3
    assert await ledger.drifted() == 0


async def test_fifty_requests_and_a_reset_in_their_midst_are_exact(jobs, policies, ledger, make):
    held = claim(default=4)
    opening = [jobs.open(make.job(), held, make.now) for _ in range(50)]
    resetting = policies.reset(PERSON, [DAY], line(make, "quota.reset"))
    outcomes = await asyncio.gather(*opening[:25], resetting, *opening[25:], return_exceptions=True)

    assert sum(one is True for one in outcomes) == 8
    assert (await reading(ledger, make, held)).used == 4


async def test_a_reset_of_one_meter_leaves_the_others_and_the_server(jobs, policies, ledger, make):
    person = Policy(((DAY, 9), (Meter.IMAGES_PER_MONTH, 9)))
    server = Policy(((Meter.IMAGES_PER_DAY, 9),))
    held = Claim(Terms(person, server, Policy(), ZoneInfo("UTC")), PERSON, SERVER)
    await many(jobs, make, 2, held)
    await policies.reset(PERSON, [DAY], line(make, "quota.reset"))

    found = await ledger.entitlement(held, make.now)

    assert [(one.limit.owner, one.used) for one in found.readings] == [
        (Owner.PERSON, 0),
        (Owner.PERSON, 2),
        (Owner.SERVER, 2),
    ]


async def test_another_zone_counts_the_same_rows_in_its_own_days(jobs, database, ledger, make):
    """No row is lost and none counts twice: each is in exactly one day of any zone."""
    settings = ServerSettings(database)
    start = datetime(2026, 11, 20, tzinfo=UTC)
    for hour in range(96):
        at = start + timedelta(hours=hour)
        await jobs.open(make.job(created_at=at), [], at)
    for zone, day in (("UTC", 24), ("Asia/Tokyo", 24), ("Asia/Kathmandu", 24), ("UTC", 24)):
        await settings.choose({"zone": zone}, line(make, "quota.zone"))
        days = [await reading(ledger, make, now=start + timedelta(days=n)) for n in range(1, 3)]
        assert [one.used for one in days] == [day, day]
        assert days[0].limit.window.ends_at == days[1].limit.window.starts_at


async def test_a_day_of_25_hours_gives_its_allowance_once(jobs, database, ledger, make):
    await ServerSettings(database).choose({"zone": "Europe/Berlin"}, line(make, "quota.zone"))
    begins = datetime(2026, 10, 24, 22, tzinfo=UTC)
    came, lifts = [], set()
    for hour in range(26):
        at = begins + timedelta(hours=hour)
        try:
            came.append(await jobs.open(make.job(created_at=at), claim(default=3), at))
        except QuotaExceeded as error:
            lifts.add(error.limit.window.ends_at)
    assert lifts == {begins + timedelta(hours=25)}
    assert len(came) == 4, "three in the long day, one in the next"


async def test_what_is_lowered_within_a_window_stops_and_loses_nothing(jobs, policies, ledger, make):
    await many(jobs, make, 6)
    await policies.set([a_rule(4)], line(make))
    assert not await many(jobs, make, 1)
    await policies.set([a_rule(8)], line(make))

    assert len(await many(jobs, make, 9)) == 2
    assert (await reading(ledger, make)).used == 8


async def test_every_change_leaves_a_line(policies, grants, database, make):
    await policies.set([a_rule(4)], line(make))
    await granted(grants, make, 1)
    await policies.reset(PERSON, [DAY], line(make, "quota.reset"))
    await policies.unset([a_rule(None)], line(make, "quota.clear"))

    acts = [one.action for one in await Audit(database).recent(SERVER, 9)]
    assert acts == ["quota.clear", "quota.reset", "quota.grant", "quota.set"]
