"""Audit, meta, policies and pictures."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.images import Role
from bot.domain.quotas import Meter
from bot.domain.rules import Rule, Scope
from bot.storage.audit import Audit, AuditLine
from bot.storage.jobs import Jobs
from bot.storage.meta import Meta
from bot.storage.pictures import FAMILY, GENERATIONS, KIN, Pictures
from bot.storage.policies import Policies
from bot.storage.server_settings import ServerSettings


async def test_all_who_ask_for_a_value_get_the_same_one(database):
    made = iter(range(100))
    meta = Meta(database)
    values = await asyncio.gather(
        *(meta.get_or_create("key", lambda: f"value {next(made)}") for _ in range(20))
    )

    assert set(values) == {await meta.get("key")}
    assert await meta.get_or_create("key", lambda: pytest.fail("made again")) == values[0]


async def test_value_is_none_until_set_and_then_the_last_one(database):
    meta = Meta(database)

    assert await meta.get("key") is None
    await meta.set("key", "first")
    await meta.set("key", "second")
    assert await meta.get("key") == "second"


async def test_audit_lines_come_newest_first_of_one_server(database, make):
    audit = Audit(database)
    lines = [
        AuditLine(70, 1, "set quota", "person 2", {"before": None, "after": 5}, make.now + timedelta(n))
        for n in range(3)
    ]
    for line in [*lines, AuditLine(71, 1, "ban", "half a pair \ud83d", {}, make.now)]:
        await audit.add(line)

    assert await audit.recent(70, 2) == (lines[2], lines[1])
    assert [line.subject for line in await audit.recent(71, 5)] == ["half a pair \ufffd"]


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor_id = 2", "DELETE FROM audit"])
async def test_audit_lines_stay(database, statement):
    await Audit(database).add(AuditLine(70, 1, "ban", "2", {}, datetime.now(UTC) - timedelta(days=29)))

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        await database.change(statement, {})
    assert len(await Audit(database).recent(70, 5)) == 1


async def test_rules_are_set_replaced_and_removed(database, make):
    def line(guild_id=70):
        return AuditLine(guild_id, 1, "quota.set", "everyone", {}, make.now)

    policies = Policies(database)
    default = Rule(70, Scope.DEFAULT, 0, Meter.IMAGES_PER_DAY, 5)
    unlimited = Rule(70, Scope.ROLE, 3, Meter.USD_PER_MONTH, None)
    for rule in (Rule(70, Scope.DEFAULT, 0, Meter.IMAGES_PER_DAY, 1), default, unlimited):
        await policies.set([rule], line())
    await policies.set([Rule(71, Scope.PERSON, 3, Meter.USD_PER_DAY, 0)], line(71))

    assert await policies.of_server(70) == (default, unlimited)
    assert await policies.unset([unlimited], line()) == (unlimited,)
    assert await policies.unset([unlimited], line()) == ()
    assert await policies.of_server(70) == (default,)
    said = [one.detail for one in await Audit(database).recent(70, 9)]
    assert said == [{"usd_per_month": "unlimited"}, {"before": None}, {"before": 1}, {"before": None}]


@pytest.fixture
async def job(database, make):
    job = make.job()
    await Jobs(database).open(job, [], make.now)
    return job


async def test_picture_is_kept_once(database, make, job):
    pictures, picture = Pictures(database), make.picture(job.id, seed=0)

    assert await pictures.add(picture, make.now)
    assert not await pictures.add(picture, make.now)
    assert await pictures.get(picture.id) == picture
    assert await pictures.get("no such picture") is None


async def test_picture_of_no_job_is_refused(database, make):
    with pytest.raises(sqlite3.IntegrityError):
        await Pictures(database).add(make.picture(1), make.now)


async def test_pictures_of_a_job_come_in_order_by_role(database, make, job):
    pictures = Pictures(database)
    results = [make.picture(job.id, ordinal) for ordinal in range(11)]
    reference = make.picture(job.id, role=Role.REFERENCE)
    for picture in [*reversed(results), reference]:
        await pictures.add(picture, make.now)

    assert await pictures.of_job(job.id, Role.RESULT) == tuple(results)
    assert await pictures.of_job(job.id, Role.REFERENCE) == (reference,)


async def test_parents_keep_their_order_and_their_own_parents(database, make, job):
    pictures = Pictures(database)
    first = make.picture(job.id, 0)
    second = make.picture(job.id, 1, parents=(first.id,))
    child = make.picture(job.id, 2, parents=(second.id, first.id))
    for picture in (first, second, child):
        await pictures.add(picture, make.now)

    assert await pictures.get(child.id) == child
    assert await pictures.parents(child.id) == (second, first)
    assert await pictures.parents(first.id) == ()


async def _came_of(database, make, parent_id, *, kin=1):
    """Keep a job whose results were made from a picture; return their ids."""
    job = make.job()
    await Jobs(database).open(job, [], make.now)
    reference = make.picture(job.id, role=Role.REFERENCE, parents=(parent_id,))
    results = [make.picture(job.id, n, parents=(reference.id,)) for n in range(kin)]
    for picture in [reference, *results]:
        await Pictures(database).add(picture, make.now)
    return [picture.id for picture in results]


@pytest.fixture
async def first(database, make, job):
    await Pictures(database).add(make.picture(job.id), make.now)
    return make.picture(job.id).id


async def _family(database, picture_id):
    return {one.id: one.parents for one in await Pictures(database).family(int(picture_id.partition("-")[0]))}


async def test_a_family_is_what_pictures_came_from_and_what_came_of_them(database, make, job, first):
    second, beside = await _came_of(database, make, first, kin=2)
    (third,) = await _came_of(database, make, beside)
    (other,) = await _came_of(database, make, first)
    stranger = make.job()
    await Jobs(database).open(stranger, [], make.now)
    await Pictures(database).add(make.picture(stranger.id), make.now)

    family = {first: (), second: (first,), beside: (first,), third: (beside,), other: (first,)}

    assert [await _family(database, one) for one in (first, second, third, other)] == [family] * 4


async def test_a_family_ends_where_a_picture_was_deleted(database, make, job, first):
    (second,) = await _came_of(database, make, first)
    (third,) = await _came_of(database, make, second)
    await Jobs(database).forget_pictures(int(second.partition("-")[0]))

    assert await _family(database, first) == {first: ()}
    assert await _family(database, third) == {third: ()}


async def test_of_a_large_family_the_nearest_come(database, make, job, first, monkeypatch):
    monkeypatch.setattr("bot.storage.pictures.KIN", 8)
    line = [first]
    for _ in range(6):
        line += await _came_of(database, make, line[-1])

    near = await _family(database, line[3])

    assert line[3] in near
    assert set(near) < set(line)
    monkeypatch.setattr("bot.storage.pictures.KIN", 200)
    monkeypatch.setattr("bot.storage.pictures.GENERATIONS", 2)
    assert set(await _family(database, line[6])) == set(line[4:])


async def test_a_family_is_read_from_indexes(database, make):
    values = {"job_id": 1, "depth": 2 * GENERATIONS, "most": KIN}
    plan = [row["detail"] for row in await database.read(f"EXPLAIN QUERY PLAN {FAMILY}", values)]

    tables = ("picture", "one", "link", "origin")
    assert [line for line in plan if line.startswith(tuple(f"SCAN {name}" for name in tables))] == []
    assert sum(line.startswith("SEARCH") for line in plan) >= 7


async def test_a_server_s_settings_change_together_with_their_line_in_the_audit(database, make):
    settings, audit = ServerSettings(database), Audit(database)
    line = AuditLine(70, 1, "settings", "server", {"zone": "Europe/Berlin"}, make.now)

    await settings.choose({"zone": "Europe/Berlin", "paused": "1"}, line)
    await settings.choose({"zone": "Asia/Tokyo", "paused": None}, line)

    assert await settings.of(70) == {"zone": "Asia/Tokyo"}
    assert await settings.of(71) == {}
    assert await settings.servers_with("zone") == {70: "Asia/Tokyo"}
    assert len(await audit.recent(70, 5)) == 2
