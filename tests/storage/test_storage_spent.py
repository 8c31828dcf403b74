"""The sums that the database keeps: exact for every window and zone, and never apart from the rows."""

from __future__ import annotations

import importlib
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_maker import NOW

import migrations
from bot.domain.quotas import Meter, Owner, Window, window
from bot.storage.codec import to_micros
from bot.storage.spent import DAY, QUARTER, ROWS, WHOLE, Sum, cut, drifted, spent
from migrations import files

if TYPE_CHECKING:
    from pathlib import Path

ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/St_Johns",
]
INSERT = """
    INSERT INTO ledger
        (job_id, kind, user_id, guild_id, images, messages, microusd, absorbed_microusd, anchor_at,
        recorded_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
COUNTED = """
    SELECT COUNT(*) FILTER (WHERE kind = 'hold') AS jobs, COALESCE(SUM(images), 0) AS images,
        COALESCE(SUM(messages), 0) AS messages, COALESCE(SUM(microusd), 0) AS microusd,
        COALESCE(SUM(absorbed_microusd), 0) AS absorbed_microusd
    FROM ledger WHERE anchor_at >= :starts_at AND anchor_at < :ends_at
        AND (:user_id = 0 OR user_id = :user_id) AND (:guild_id IS NULL OR guild_id = :guild_id)
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("spent") / "easel.db"
    migrations.upgrade(f"sqlite:///{path}", backups=None)
    return path


def opened(template: Path) -> sqlite3.Connection:
    """Return a new database in memory; without jobs, which these rows need not belong to."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with closing(files.connect(template)) as source:
        source.backup(connection)
    connection.row_factory = sqlite3.Row
    return connection


def fill(connection: sqlite3.Connection, rows) -> None:
    for job_id, (offset, user_id, guild_id, end, held, came) in enumerate(rows, start=1):
        anchor = to_micros(NOW) + offset
        who = user_id or None, guild_id
        connection.execute(INSERT, (job_id, "hold", *who, held, 1, held * 7, 0, anchor, anchor))
        if end == "release":
            connection.execute(INSERT, (job_id, end, *who, -held, -1, -held * 7, came, anchor, anchor + 5))
        elif end == "settle":
            amounts = came - held, 0, came * 5 - held * 7, came
            connection.execute(INSERT, (job_id, end, *who, *amounts, anchor, anchor + 5))


offsets = st.one_of(
    st.integers(-40 * DAY, 40 * DAY),
    st.integers(-80, 80).map(lambda count: count * QUARTER - to_micros(NOW) % QUARTER),
)
rows = st.lists(
    st.tuples(
        offsets,
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from(["hold", "settle", "release"]),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=30,
)
moments = offsets.map(lambda offset: NOW + timedelta(microseconds=offset))
windows = st.one_of(
    st.tuples(moments, moments).map(lambda pair: Window(min(pair), max(pair))),
    st.builds(
        lambda meter, at, zone: window(meter, at, ZoneInfo(zone)),
        st.sampled_from([Meter.USD_PER_DAY, Meter.USD_PER_MONTH]),
        moments,
        st.sampled_from(ZONES),
    ),
)


def counted(
    connection: sqlite3.Connection, owner: Owner, stretch: Window, user_id: int, guild_id: int
) -> Sum:
    """Add up the rows one by one, as nothing but the rows says."""
    whose = {
        "user_id": user_id if owner is Owner.PERSON else 0,
        "guild_id": None if owner is Owner.OPERATOR else guild_id,
    }
    bounds = {"starts_at": to_micros(stretch.starts_at), "ends_at": to_micros(stretch.ends_at)}
    return Sum(*connection.execute(COUNTED, {**whose, **bounds}).fetchone())


def charged(total: Sum) -> tuple[int, int, int]:
    return total.images, total.messages, total.microusd


@given(rows, windows, st.integers(1, 2), st.integers(0, 2))
def test_every_sum_is_that_of_the_rows(template: Path, rows, stretch: Window, user_id: int, guild_id: int):
    with closing(opened(template)) as connection:
        fill(connection, rows)

        for owner in Owner:
            summed = spent(connection, owner, stretch, user_id=user_id, guild_id=guild_id)
            expected = counted(connection, owner, stretch, user_id, guild_id)
            assert charged(summed) == charged(expected)
            if owner is Owner.OPERATOR:
                assert summed == expected
        assert drifted(connection) == 0


@given(rows, st.integers(1, 2))
def test_who_is_forgotten_is_in_no_sum_and_the_others_stay(template: Path, rows, user_id: int):
    with closing(opened(template)) as connection:
        fill(connection, rows)
        connection.execute("UPDATE ledger SET user_id = NULL WHERE user_id = ?", (user_id,))

        left = {row["user_id"] for row in connection.execute("SELECT user_id FROM spent")}
        assert user_id not in left
        assert drifted(connection) == 0


@given(rows)
def test_the_upgrade_sums_what_is_there(template: Path, rows):
    step = importlib.import_module("migrations.versions.0003_words_and_more")
    with closing(opened(template)) as connection:
        fill(connection, rows)
        connection.execute("DELETE FROM spent")

        for statement in step.SUMMED:
            if "CREATE TRIGGER" not in statement:
                connection.execute(statement)

        assert drifted(connection) == 0


@given(st.integers(0, 400 * DAY), st.integers(0, 400 * DAY))
def test_a_window_is_cut_into_few_stretches_without_a_gap(first: int, second: int):
    starts_at, ends_at = sorted((first, second))

    stretches = list(cut(starts_at, ends_at, (DAY, QUARTER)))

    assert [start for _, start, _ in stretches[1:]] == [end for _, _, end in stretches[:-1]]
    if stretches:
        assert (stretches[0][1], stretches[-1][2]) == (starts_at, ends_at)
    else:
        assert starts_at == ends_at
    assert len(stretches) <= 5
    for unit, start, end in stretches:
        assert (start % unit, end % unit) == (0, 0) if unit else end - start < 2 * QUARTER


@pytest.mark.parametrize("zone", ZONES)
def test_the_days_and_months_of_no_zone_leave_rows_to_be_read(zone: str):
    for day in range(400):
        at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
        for meter in (Meter.USD_PER_DAY, Meter.USD_PER_MONTH):
            stretch = window(meter, at, ZoneInfo(zone))
            bounds = to_micros(stretch.starts_at), to_micros(stretch.ends_at)
            parts = list(cut(*bounds, (DAY, QUARTER)))
            assert all(unit for unit, _, _ in parts)
            assert sum((end - start) // unit for unit, start, end in parts) < 31 + 2 * 96


async def test_sums_are_found_by_their_key_and_rows_by_an_index_alone(database):
    asked = {"user_id": 1, "guild_id": 1, "starts_at": 0, "ends_at": 1, "unit": DAY, "owner": "server"}
    (plan,) = await database.read(f"EXPLAIN QUERY PLAN {WHOLE}", asked)
    assert re.fullmatch(
        r"SEARCH spent USING PRIMARY KEY \(owner=\? AND .*AND starts_at>\? AND starts_at<\?\)", plan["detail"]
    )

    for owner, statement in ROWS.items():
        (plan,) = await database.read(f"EXPLAIN QUERY PLAN {statement}", asked)
        assert re.fullmatch(
            rf"SEARCH ledger USING COVERING INDEX ledger_{owner.value} \(.*anchor_at>\? AND anchor_at<\?\)",
            plan["detail"],
        )
