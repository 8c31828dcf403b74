"""Many people at once, with roles and rules of their own, around the borders of days and months: exact."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage_maker import Maker

from bot.domain.quotas import Meter, Policy
from bot.domain.rules import Claim, Rule, Scope, Terms
from bot.errors import QuotaExceeded
from bot.storage.audit import AuditLine
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.policies import Policies
from bot.storage.server_settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

SERVER, PEOPLE, ROLES = 70, (7, 8, 9), (500, 501)
DAY, MONTH = Meter.IMAGES_PER_DAY, Meter.IMAGES_PER_MONTH
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Tokyo",
)
BORDERS = (
    datetime(2026, 3, 28, 23, tzinfo=UTC),  # the eve of Berlin's day of 23 hours
    datetime(2026, 10, 24, 22, tzinfo=UTC),  # Berlin's day of 25 hours begins
    datetime(2026, 11, 1, 4, tzinfo=UTC),  # New York's begins, a month with it
    datetime(2026, 10, 3, 14, tzinfo=UTC),  # Lord Howe's day of 23 hours and a half begins
    datetime(2026, 10, 31, 23, 30, tzinfo=UTC),
    datetime(2018, 11, 4, 2, tzinfo=UTC),  # before São Paulo's day without a midnight
    datetime(2018, 2, 17, 2, tzinfo=UTC),  # São Paulo's day of 25 hours, its last hour twice
)
CAPS = st.none() | st.integers(0, 6)
ASKED = st.tuples(st.sampled_from(PEOPLE), st.integers(1, 3))
BURSTS = st.lists(st.tuples(st.integers(-3, 27), st.lists(ASKED, min_size=2, max_size=6)), max_size=5)


@dataclass(frozen=True)
class House:
    """A server: its zone, its rules, who has which roles, and what it may use a day altogether."""

    zone: str
    rules: dict[tuple[Scope, int, Meter], int | None]
    roles: dict[int, frozenset[int]]
    altogether: int

    def cap(self, person: int, meter: Meter) -> int | None:
        """Return what somebody may use: their own rule, else their most generous role, else everybody's."""
        if (Scope.PERSON, person, meter) in self.rules:
            return self.rules[Scope.PERSON, person, meter]
        of_roles = [
            self.rules[key] for role in self.roles[person] if (key := (Scope.ROLE, role, meter)) in self.rules
        ]
        if of_roles:
            return None if None in of_roles else max(one for one in of_roles if one is not None)
        return self.rules.get((Scope.DEFAULT, 0, meter), {DAY: 4, MONTH: 9}[meter])

    def limits(self, person: int, at: datetime) -> list[tuple[Any, int]]:
        """Return what is counted together with a request, and up to where, by the wall's calendar."""
        local = at.astimezone(ZoneInfo(self.zone))
        counted = [
            (("day", person, local.date()), self.cap(person, DAY)),
            (("month", person, local.year, local.month), self.cap(person, MONTH)),
            (("server", at.date()), self.altogether),  # the operator's limit, by the operator's day
        ]
        return [(key, cap) for key, cap in counted if cap is not None]

    def claim(self, person: int) -> Claim:
        everybody, server = Policy(((DAY, 4), (MONTH, 9))), Policy(((DAY, self.altogether),))
        return Claim(Terms(everybody, server, Policy(), ZoneInfo("UTC")), person, SERVER, self.roles[person])


@st.composite
def houses(draw: st.DrawFn) -> House:
    subjects = [(Scope.DEFAULT, 0), *((Scope.ROLE, one) for one in ROLES), (Scope.PERSON, PEOPLE[0])]
    keys = st.tuples(st.sampled_from(subjects), st.sampled_from((DAY, MONTH)))
    rules = draw(st.dictionaries(keys, CAPS, max_size=6))
    return House(
        zone=draw(st.sampled_from(ZONES)),
        rules={(scope, subject, meter): cap for ((scope, subject), meter), cap in rules.items()},
        roles={one: draw(st.frozensets(st.sampled_from(ROLES))) for one in PEOPLE},
        altogether=draw(st.integers(3, 12)),
    )


@asynccontextmanager
async def opened(path: Path, house: House) -> AsyncGenerator[Jobs]:
    """Open a database that knows the server."""
    database = await Database.open(f"sqlite:///{path}")
    try:
        line = AuditLine(SERVER, 1, "quota.set", "x", {}, BORDERS[0])
        await ServerSettings(database).choose({"zone": house.zone}, line)
        rules = [
            Rule(SERVER, scope, subject, meter, cap) for (scope, subject, meter), cap in house.rules.items()
        ]
        if rules:
            await Policies(database).set(rules, line)
        yield Jobs(database)
    finally:
        await database.aclose()


async def check(path: Path, house: House, begins: datetime, bursts: list[tuple[int, list[Any]]]) -> None:
    """Let people ask at once, burst after burst, and hold every answer against the wall's calendar."""
    make, used = Maker(), Counter[Any]()
    async with opened(path, house) as jobs:
        for hours, asked in sorted(bursts, key=lambda one: one[0]):
            at = begins + timedelta(hours=hours)
            made = [make.job(user_id=person, images=images, created_at=at) for person, images in asked]
            opening = (jobs.open(job, house.claim(job.user_id), at) for job in made)
            answers = await asyncio.gather(*opening, return_exceptions=True)
            assert all(one is True or isinstance(one, QuotaExceeded) for one in answers), answers
            outcomes = list(zip(asked, answers, strict=True))
            for (person, images), answer in outcomes:
                if answer is True:
                    used.update({key: images for key, _ in house.limits(person, at)})
            for (person, images), answer in outcomes:
                limits = house.limits(person, at)
                assert all(used[key] <= cap for key, cap in limits if used[key])
                if answer is not True:  # what is used only grows within a burst
                    assert any(used[key] + images > cap for key, cap in limits), "refused for nothing"


@pytest.mark.parametrize("examples", [25, pytest.param(500, marks=pytest.mark.slow)])
def test_nobody_gets_more_than_their_rules_give_and_none_is_refused_for_nothing(
    empty_database: Path, tmp_path: Path, examples: int
):
    fresh = iter(range(10**6))

    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(houses(), st.sampled_from(BORDERS), BURSTS)
    def hold(house: House, begins: datetime, bursts: list[tuple[int, list[Any]]]) -> None:
        path = tmp_path / f"{next(fresh)}.db"
        shutil.copy(empty_database, path)
        asyncio.run(check(path, house, begins, bursts))
        path.unlink()

    hold()
