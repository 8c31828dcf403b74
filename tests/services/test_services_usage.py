from __future__ import annotations

import csv
import itertools
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from house_kit import House, open_house
from judge_kit import BAD, GREEN, drawing, judged
from provider_kit import MINI, refusal, words
from rooms_kit import chat_rooms, extractor_room
from test_services_captioner import Tags, captioner_of
from test_services_chat import said
from world_kit import World, ann, bob

from bot.domain.extraction import by_fields
from bot.domain.money import in_dollars
from bot.domain.quotas import Meter
from bot.domain.requests import PictureRequest
from bot.domain.usage import By, Report, Stretch
from bot.services.usage import UsageDesk, days_of, last_days
from bot.storage.usage import UsageRows
from bot.usage import _csv as operator_csv

if TYPE_CHECKING:
    from datetime import timedelta

BERLIN = ZoneInfo("Europe/Berlin")


def desk(house: House) -> UsageDesk:
    async def zone_of(_guild_id: int) -> ZoneInfo:
        return ZoneInfo("UTC")

    return UsageDesk(UsageRows(house.database), house.allowances, zone_of, house.world.clock)


@pytest.mark.parametrize("count", [1, 3])
def test_last_days_come_oldest_first_and_without_gaps(count: int):
    after_the_change = datetime(2026, 10, 26, 12, tzinfo=UTC)
    days = last_days(count, after_the_change, BERLIN)

    lengths: list[timedelta] = [span.ends_at - span.starts_at for _, span in days]
    assert [length.total_seconds() / 3600 for length in lengths] == [24, 25, 24][-count:]
    assert days[-1][0] == date(2026, 10, 26)
    assert all(one.ends_at == later.starts_at for (_, one), (_, later) in itertools.pairwise(days))


@pytest.mark.parametrize(
    ("stretch", "first", "last", "count"),
    [
        (Stretch.WEEK, date(2026, 2, 24), date(2026, 3, 2), 7),
        (Stretch.DAYS_30, date(2026, 2, 1), date(2026, 3, 2), 30),
        (Stretch.MONTH, date(2026, 3, 1), date(2026, 3, 2), 2),
        (Stretch.MONTH_BEFORE, date(2026, 2, 1), date(2026, 2, 28), 28),
    ],
)
def test_a_stretch_is_whole_days_of_the_zone_and_none_ahead(
    stretch: Stretch, first: date, last: date, count: int
):
    days = days_of(stretch, datetime(2026, 3, 1, 23, 30, tzinfo=UTC), BERLIN)

    assert (days[0][0], days[-1][0], len(days)) == (first, last, count)


async def test_what_moderators_see_adds_up_to_the_ledger_and_stays_in_their_server(world: World):
    world.caps.server = {Meter.USD_PER_MONTH: 1_000_000}
    async with open_house(world) as house:
        await house.done(PictureRequest("a fox", count=2), who=ann())
        await house.done(PictureRequest("a hare"), who=bob())
        usage = await desk(house).of_server(ann(), Stretch.DAYS_30)

        rows = await house.database.read("SELECT SUM(microusd) AS n FROM ledger")
        assert usage.report.total.charged_microusd == rows[0]["n"] > 0
        assert usage.report.total.images == 3
        assert usage.budget is not None
        assert sum(usage.budget.spent) == usage.budget.reading.used == rows[0]["n"]
        assert len(usage.report.by(By.PERSON)) == 2

        table = (await desk(house).table(ann(), Stretch.WEEK)).decode()
        charged = [row["charged_usd"] for row in csv.DictReader(table.splitlines())]
        assert sum(int(float(one) * 1_000_000 + 0.5) for one in charged) == rows[0]["n"]


@pytest.mark.sampled
@pytest.mark.parametrize("stretch", Stretch)
async def test_each_day_is_read_once_and_told_where_it_belongs(
    world: World, stretch: Stretch, monkeypatch: pytest.MonkeyPatch
):
    world.caps.server = {Meter.USD_PER_MONTH: 1_000_000}
    read: list[date] = []
    entries = UsageRows.entries

    async def noted(rows: UsageRows, days: Any, guild_id: int | None = None) -> Any:
        read.extend(day for day, _ in days)
        return await entries(rows, days, guild_id)

    async with open_house(world) as house:
        await house.done()
        house.world.clock.move(days=35)
        await house.done()
        monkeypatch.setattr(UsageRows, "entries", noted)
        usage = await desk(house).of_server(ann(), stretch)

    assert len(read) == len(set(read))
    assert usage.report.days == tuple(
        day for day, _ in days_of(stretch, house.world.clock(), ZoneInfo("UTC"))
    )
    assert {entry.day in usage.report.days for entry in usage.report.entries} == {True}
    assert usage.budget is not None
    assert sum(usage.budget.spent) == usage.budget.reading.used > 0


async def test_a_server_without_a_budget_has_no_course(world: World):
    world.caps.server = {}
    async with open_house(world) as house:
        assert (await desk(house).of_server(ann(), Stretch.MONTH)).budget is None


async def test_all_that_costs_adds_up_to_the_ledger_for_moderators_and_the_operator(world: World):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.IMAGES_PER_DAY: 100}
    async with open_house(world) as house:
        script = world.provider.script
        judged(house)
        drawing(house, (GREEN, BAD))
        job = await house.done(PictureRequest("boats", count=2, model=MINI))
        script.append(lambda _: refusal())
        await house.done("refused")
        script.append(lambda _: words(json.dumps({"alt_text": "A boat."})))
        captioner = captioner_of(house, Tags())
        captioner.note(job.id)
        await captioner.next()
        await said(chat_rooms(house), "hello")
        script.append(lambda _: words(json.dumps({"total": 3})))
        page = world.attach(b"a,b\n1,2\n", "table.csv")
        await extractor_room(house).extract(bob(), [page], by_fields("total as number"), _read)
        await house.till.aclose(5)
        usage = await desk(house).of_server(ann(), Stretch.WEEK)
        table = (await desk(house).table(ann(), Stretch.WEEK)).decode()
        (booked,) = await house.database.read(
            "SELECT SUM(microusd) AS charged, SUM(absorbed_microusd) AS absorbed FROM ledger"
        )
        operator = await spending_of(house)

    commands = {name: one.charged_microusd for name, one in usage.report.by(By.COMMAND).items()}
    assert {*commands} == {"imagine", "chat", "caption", "extract"}
    assert min(commands.values()) > 0
    assert usage.report.total.charged_microusd == sum(commands.values()) == booked["charged"]
    assert usage.report.total.absorbed_microusd == booked["absorbed"] == 10_001
    rows = [*csv.DictReader(table.splitlines())]
    assert sum(Decimal(row["charged_usd"]) for row in rows) * 1_000_000 == booked["charged"]
    assert sum(Decimal(row["charged"]) for row in operator) * 1_000_000 == booked["charged"]
    assert {row["command"]: row["charged"] for row in operator} == {
        name: in_dollars(amount) for name, amount in commands.items()
    }


async def _read(_shown: object) -> None:
    pass


async def spending_of(house: House) -> list[dict[str, str]]:
    """Return what `easel usage` says of a house, as of its own day."""
    days = last_days(7, house.world.clock(), ZoneInfo("UTC"))
    entries = await UsageRows(house.database).entries(days)
    report = Report(tuple(day for day, _ in days), entries)
    return [*csv.DictReader(operator_csv(report, By.COMMAND).splitlines())]
