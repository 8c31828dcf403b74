from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

import migrations
from bot.doctor.finding import Grade
from bot.doctor.house import examine_house
from bot.services.reconciliation import Comparison
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.meta import Meta

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-11-27T12:00:00+00:00"


@pytest.mark.further
@pytest.mark.parametrize(("used", "grade"), [(5_000_000, Grade.WARNING), (900_000, Grade.OK)])
async def test_a_count_of_the_provider_that_is_far_from_the_ledger_is_a_warning(
    tmp_path: Path, used: int, grade: Grade
):
    settings = Settings.load({"DATA_DIR": str(tmp_path)})
    migrations.upgrade(settings.database_url, backups=None)
    async with aclosing(await Database.open(settings.database_url)) as database:
        await Meta(database).set("reconciliation", json.dumps(asdict(Comparison("k", AT, AT, 0, 0, used, 0))))

        found = [finding for finding in await examine_house(settings) if finding.subject == "ledger"]

    assert [finding.grade for finding in found] == [grade]
    assert "more than the ledger" in str(found[0])


async def test_sums_that_disagree_with_the_rows_are_a_problem(tmp_path: Path):
    settings = Settings.load({"DATA_DIR": str(tmp_path)})
    migrations.upgrade(settings.database_url, backups=None)
    async with aclosing(await Database.open(settings.database_url)) as database:
        await database.change(
            "INSERT INTO spent VALUES ('operator', 0, 0, 86400000000, 0, 1, 1, 0, 40000, 0)", {}
        )

        (found,) = (one for one in await examine_house(settings) if one.subject == "database")

    assert found.grade is Grade.PROBLEM
    assert "disagree" in str(found)
