from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import migrations
from bot import usage
from bot.domain.quotas import Charge, Window
from bot.errors import StartupError
from bot.services.reconciliation import Comparison
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.ledger import Total
from bot.storage.meta import Meta


@pytest.fixture
def settings(tmp_path):
    return Settings.load({"DATA_DIR": str(tmp_path)})


async def test_a_database_that_is_not_there_is_one_sentence(settings):
    with pytest.raises(StartupError, match=r"no database .* yet\. .*easel migrate"):
        await usage.spending(settings, 1)


async def test_spending_is_shown_beside_a_running_bot(settings):
    migrations.upgrade(settings.database_url, backups=None)
    database = await Database.open(settings.database_url)

    shown = await usage.spending(settings, 2)
    await database.aclose()

    heading, today, yesterday, total = shown.splitlines()
    assert heading.split() == ["day", "jobs", "pictures", "charged", "held", "absorbed"]
    assert today.split()[0] > yesterday.split()[0]
    assert total.split() == ["all", "0", "0", "$0.00", "$0.00", "$0.00"]


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


def test_days_are_named_in_the_operators_zone_and_added_up():
    start = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    windows = [Window(start, start + timedelta(days=1)), Window(start - timedelta(days=1), start)]
    totals = [
        Total(windows[0], 3, Charge(5, 1_230_000), Charge(1, 40_000), 7_500),
        Total(windows[1], 10, Charge(12, 10_000_000), Charge(0, 0), 0),
    ]

    assert usage.table(totals, ZoneInfo("Europe/Berlin")).splitlines() == [
        "day         jobs  pictures  charged   held  absorbed",
        "2026-11-21     3         5    $1.23  $0.04   $0.0075",
        "2026-11-20    10        12   $10.00  $0.00     $0.00",
        "all           13        17   $11.23  $0.04   $0.0075",
    ]


async def test_a_database_that_opens_badly_is_one_sentence(settings, monkeypatch):
    migrations.upgrade(settings.database_url, backups=None)
    monkeypatch.setattr("bot.storage.database.PRAGMAS", ("PRAGMA busy_timeout = (",))

    with pytest.raises(StartupError, match="cannot be opened"):
        await usage.spending(settings, 1)


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
