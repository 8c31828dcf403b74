"""What is deleted of a stretch of time, of a server, and of any mixture of people and places."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from privacy_rows import ANN, BOB, HERE, LONG_AGO, THERE, dump, erase, fill, mentions
from storage_maker import NOW
from things import Things

from bot.domain.privacy import BEGINNING, Erasure, Extent, Span
from bot.storage.belongings import of_person, of_server
from bot.storage.erasures import Erasures
from bot.storage.holdings import TABLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.sampled
@pytest.mark.parametrize("extent", Extent)
async def test_what_is_outside_of_the_span_stays(database_path, extent):
    fill(database_path)
    before = mentions(dump(database_path), ANN)

    await erase(database_path, Erasure(extent, Span(BEGINNING, LONG_AGO + timedelta(days=1)), user_id=ANN))

    rows = dump(database_path)
    assert mentions(rows, ANN) >= before - {("preference", "chosen"), ("preference", "user_id")}
    made = {row["created_at"] for row in rows["turn"] if row["user_id"] == ANN}
    assert len(made) == 1
    assert len({row["created_at"] for row in rows["job"] if row["user_id"] == ANN}) == (
        2 if extent is Extent.TALK else 1
    )


async def test_what_others_quote_of_somebody_counts_but_not_who_asked_in_private(database, database_path):
    with closing(sqlite3.connect(database_path)) as connection, connection:
        things = Things(connection)
        things.quote(things.turn(ANN, HERE, LONG_AGO), BOB, LONG_AGO)
        private = things.turn(ANN, HERE, LONG_AGO)
        things.quote(private, BOB, LONG_AGO)
        connection.execute("UPDATE turn SET private = 1 WHERE id = ?", (private,))

    held = await Erasures(database).holdings(Erasure(Extent.TALK, Span(BEGINNING, NOW), user_id=BOB))

    assert held.messages == 1


@pytest.mark.further
async def test_a_server_goes_with_all_that_was_made_in_it_and_no_other(database_path):
    fill(database_path)
    before = dump(database_path)

    await erase(database_path, Erasure(Extent.EVERYTHING, Span(BEGINNING, NOW), guild_id=HERE))

    after = dump(database_path)
    books = {"job", "turn", "ledger", "spent"}
    for name, rows in after.items():
        left = [row for row in rows if row.get("guild_id") == HERE]
        assert name in books or left == [], name
        elsewhere = [row for row in before[name] if row.get("guild_id", HERE) != HERE]
        if name not in {"gallery", "turn", "chat_thread", "style"}:
            assert [row for row in rows if row.get("guild_id", HERE) != HERE] == elsewhere, name
    words = [row for name in books for row in after[name] if row.get("guild_id") == HERE]
    assert [row for row in words if "zq" in str(row)] == []
    assert [row for row in words if row["user_id"]] == []


async def test_young_lines_of_the_audit_go_with_their_server_alone(database):
    columns = "guild_id, actor_id, action, subject, detail, at"
    line = f"INSERT INTO audit ({columns}) VALUES (:g, 2, 'a', 'b', '{{}}', :at)"  # noqa: S608 - as above
    await database.change(line, {"g": HERE, "at": 2**62})
    await database.change(line, {"g": THERE, "at": 2**62})
    gone = Erasure(Extent.EVERYTHING, Span(BEGINNING, NOW), guild_id=HERE)
    await Erasures(database).begin(gone, NOW)

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        await database.change("DELETE FROM audit", {})
    assert await database.change("DELETE FROM audit WHERE guild_id = :g", {"g": HERE}) == 1


LARGE = re.compile(
    r"SCAN (job|turn|ledger|picture|turn_file|gallery|spent|batch|batch_row|draft|favourite)\b"
)


@pytest.mark.parametrize("owned", [of_person(), of_server()], ids=["person", "server"])
async def test_nothing_reads_a_whole_table_that_grows(database, owned):
    statements = [getattr(owned, one.name) for one in fields(owned) if one.name.startswith("count_")]
    statements += [owned.turns, owned.jobs, owned.unfinished_jobs, owned.unfinished_batches, owned.batches]
    statements += [owned.unname, owned.named, *owned.counted.values(), *owned.rest_of, *owned.rest_whole]
    values = {
        "user_id": ANN,
        "guild_id": HERE,
        "since": 0,
        "before": 5,
        "since_id": 0,
        "before_id": 5,
        "most": 9,
    }

    plans = {
        statement: [
            row["detail"]
            for row in await database.read(f"EXPLAIN QUERY PLAN {statement}", values | {"most": 9})
        ]
        for statement in statements
    }

    scans = {sql: plan for sql, plan in plans.items() if any(map(LARGE.search, plan))}
    assert scans == {}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_mixture_is_deleted_exactly(empty_database, tmp_path, data):
    path = tmp_path / "mixed.db"
    path.unlink(missing_ok=True)
    path.write_bytes(empty_database.read_bytes())
    _fill_mixed(path, data)
    since = data.draw(st.sampled_from((BEGINNING, LONG_AGO, NOW - timedelta(days=2))))
    before = dump(path)

    await erase(path, Erasure(Extent.EVERYTHING, Span(since, NOW), user_id=ANN))

    after = dump(path)
    if since == BEGINNING:
        kept = {(one.name, column) for one in TABLES for column in one.kept}
        assert mentions(after, ANN) <= kept
    readings = {("turn", "annotations")}  # of a document that was forgotten, whoever asked about it
    assert mentions(after, BOB) | readings == mentions(before, BOB) | readings
    told = [[row for row in rows["turn"] if row["user_id"] == BOB] for rows in (before, after)]
    assert [row["text"] for row in told[0]] == [row["text"] for row in told[1]]
    sums = [sum(int(str(row["microusd"])) for row in rows["ledger"]) for rows in (before, after)]
    assert sums[0] == sums[1]


def _fill_mixed(path: Path, data: st.DataObject) -> None:
    people, places = st.sampled_from((ANN, BOB)), st.sampled_from((HERE, THERE, None))
    times = st.sampled_from((LONG_AGO, NOW - timedelta(days=1), NOW - timedelta(hours=1)))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.row_factory = sqlite3.Row
        things = Things(connection)
        drawn: list[str] = []
        turns: list[tuple[int | None, int]] = []
        for _ in range(data.draw(st.integers(1, 12))):
            who, where, at = data.draw(people), data.draw(places), data.draw(times)
            if data.draw(st.booleans()):
                job_id = things.job(who, where, at)
                parents = (
                    data.draw(st.lists(st.sampled_from(drawn), unique=True, max_size=2)) if drawn else []
                )
                blob = data.draw(st.integers(1, 3))
                drawn.append(things.picture(job_id, who, where, at, blob, *parents))
                things.belongings(who, where or HERE, at, drawn[-1])
            else:
                here = [turn_id for place, turn_id in turns if place == where]
                parent = data.draw(st.sampled_from([None, *here]))
                speaker = data.draw(st.sampled_from(("person", "easel")))
                made = things.turn(
                    who, where, at, parent=parent, speaker=speaker, blob=data.draw(st.integers(1, 3))
                )
                turns.append((where, made))
