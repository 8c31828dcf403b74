from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from datetime import date, timedelta

import pytest

import migrations
from bot import usage
from bot.domain.usage import Amount, By, Entry, Report
from bot.errors import StartupError
from bot.services.reconciliation import Comparison
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.meta import Meta


@pytest.fixture
def settings(tmp_path):
    return Settings.load({"DATA_DIR": str(tmp_path)})


async def test_a_database_that_is_not_there_is_one_sentence(settings):
    with pytest.raises(StartupError, match=r"no database .* yet\. .*easel migrate"):
        await usage.spending(settings, 1)


@pytest.mark.further
async def test_spending_is_shown_beside_a_running_bot(settings):
    migrations.upgrade(settings.database_url, backups=None)
    database = await Database.open(settings.database_url)

    shown = await usage.spending(settings, 2)
    await database.aclose()

    heading, today, yesterday, total = shown.splitlines()
    assert heading.split() == ["day", "requests", "pictures", "messages", "charged", "held", "absorbed"]
    assert today.split()[0] > yesterday.split()[0]
    assert total.split() == ["all", "0", "0", "0", "$0.00", "$0.00", "$0.00"]


@pytest.mark.further
async def test_what_reads_beside_the_bot_cannot_write(settings):
    migrations.upgrade(settings.database_url, backups=None)
    database = await Database.open_beside(settings.database_url)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.write(lambda connection: connection.execute("CREATE TABLE extra (id INTEGER)"))
    await database.aclose()


async def test_a_file_that_is_no_database_is_one_sentence(settings, tmp_path):
    (tmp_path / "easel.db").write_bytes(b"not a database at all, but long enough to be looked at" * 20)

    with pytest.raises(StartupError, match="cannot be read"):
        await usage.spending(settings, 1)


def test_days_come_newest_first_and_everything_is_added_up():
    day = date(2026, 11, 20)
    entries = (
        Entry(day, 7, 70, "imagine", "a/b", Amount(10, 12, 0, 10_000_000, 0, 0)),
        Entry(day + timedelta(1), 7, 70, "imagine", "a/b", Amount(3, 5, 0, 1_230_000, 40_000, 7_500)),
        Entry(day + timedelta(1), 8, 71, "chat", "c/d", Amount(1, 0, 1, 500, 0, 0)),
    )
    report = Report((day, day + timedelta(1)), entries)

    assert usage.table(report, By.DAY).splitlines() == [
        "day         requests  pictures  messages   charged   held  absorbed",
        "2026-11-21         4         5         1   $1.2305  $0.04   $0.0075",
        "2026-11-20        10        12         0    $10.00  $0.00     $0.00",
        "all               14        17         1  $11.2305  $0.04   $0.0075",
    ]
    assert [line.split()[0] for line in usage.table(report, By.SERVER).splitlines()] == [
        "server",
        "70",
        "71",
        "all",
    ]


@pytest.mark.further
async def test_a_table_for_programs_has_plain_dollars_and_no_sum(settings):
    migrations.upgrade(settings.database_url, backups=None)
    shown = await usage.spending(settings, 1, as_csv=True)

    heading, today = shown.splitlines()
    assert heading == "day,requests,pictures,messages,charged,held,absorbed"
    assert today.endswith(",0,0,0,0.000000,0.000000,0.000000")


@pytest.mark.further
async def test_a_database_that_opens_badly_is_one_sentence(settings, monkeypatch):
    migrations.upgrade(settings.database_url, backups=None)
    monkeypatch.setattr("bot.storage.database.PRAGMAS", ("PRAGMA busy_timeout = (",))

    with pytest.raises(StartupError, match="cannot be opened"):
        await usage.spending(settings, 1)


@pytest.mark.further
async def test_how_far_the_provider_s_count_is_away_is_said(settings):
    migrations.upgrade(settings.database_url, backups=None)
    database = await Database.open(settings.database_url)
    at = "2026-11-27T12:00:00+00:00"
    found = Comparison("sk-or", "2026-11-01T00:00:00+00:00", at, 0, 0, 50_000, 80_000)
    await Meta(database).set("reconciliation", json.dumps(asdict(found)))

    shown = await usage.spending(settings, 1)
    await database.aclose()

    assert shown.splitlines()[-1] == (
        "Reconciled: the provider counted $0.03 less than the ledger "
        "since 2026-11-01, compared on 2026-11-27."
    )


@pytest.mark.parametrize(
    ("by", "said"), [(By.SERVER, "direct messages"), (By.PERSON, "nobody: captions, deleted data")]
)
def test_what_is_of_no_server_or_nobody_is_named_in_the_table(by, said):
    day = date(2026, 11, 20)
    report = Report((day,), (Entry(day, 0, 0, "caption", "some/model", Amount(1, 0, 1, 5)),))

    assert usage.table(report, by).splitlines()[1].startswith(f"{said} ")


def test_what_easel_does_by_itself_is_told_apart():
    day = date(2026, 11, 20)
    asked = Entry(day, 5, 7, "imagine", "some/model", Amount(8, 8, 0, 500))
    report = Report((day,), (asked, Entry(day, 0, 7, "caption", "some/model", Amount(8, 0, 8, 5))))

    assert (report.total.requests, report.by_itself) == (16, 8)
