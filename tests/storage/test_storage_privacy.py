"""Deleting takes all that is somebody's, and nothing that is another's; every column is accounted for."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage_maker import NOW
from things import BLOB, Things

from bot.domain.privacy import BEGINNING, Erasure, Extent, Span, names_until
from bot.storage.belongings import of_person, of_server
from bot.storage.database import Database
from bot.storage.erasures import Erasures
from bot.storage.holdings import TABLES, described
from bot.storage.takeout import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

ANN, BOB, EVE = 7_000_000_007, 8_000_000_008, 9_000_000_009
HERE, THERE = 70, 71
LONG_AGO = NOW - timedelta(days=100)
SHADOWS = re.compile(r"gallery_text_|sqlite_|alembic_version")
ROOT = Path(__file__).parents[2]

Rows = dict[str, list[dict[str, object]]]


def tables_of(path: Path) -> dict[str, set[str]]:
    """Return the columns of every table."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
            for name in names
            if not SHADOWS.match(name)
        }


def dump(path: Path) -> Rows:
    """Return all rows of all tables, but for the index of words."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608 - names of the schema
            for name in tables_of(path)
            if name != "gallery_text"
        }


def fill(path: Path, people: Iterable[int] = (ANN, BOB, EVE)) -> None:
    """Let people have something of everything, a while ago and now, in two servers and in direct messages."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.row_factory = sqlite3.Row
        things = Things(connection)
        drawn: dict[int, str] = {}
        for user_id in people:
            things.settings(user_id, LONG_AGO)
            for at in (LONG_AGO, NOW - timedelta(hours=1)):
                for guild_id in (HERE, THERE, None):
                    _fill_place(things, user_id, guild_id, at, drawn)
        for user_id in people:
            for other in drawn.values():
                connection.execute(
                    "INSERT INTO favourite VALUES (?, ?, 5) ON CONFLICT DO NOTHING", (user_id, other)
                )
        things.server(HERE, ANN, BOB, LONG_AGO)
        things.server(THERE, BOB, ANN, LONG_AGO)


def _fill_place(things: Things, user_id: int, guild_id: int | None, at, drawn: dict[int, str]) -> None:
    job_id = things.job(user_id, guild_id, at)
    parents = [things.reference(job_id, at, 100 + user_id % 10, *drawn.values())]
    drawn[user_id] = things.picture(job_id, user_id, guild_id, at, user_id % 10, *parents)
    things.job(user_id, guild_id, at, words=True)
    things.belongings(user_id, guild_id or 0 or HERE, at, drawn[user_id])
    asked = things.turn(user_id, guild_id, at, blob=50)
    answer = things.turn(user_id, guild_id, at, parent=asked, speaker="easel")
    other = BOB if user_id != BOB else EVE
    followed = things.turn(other, guild_id, at, parent=answer)
    things.put("turn_summary", turn_id=followed, text=things.mark(user_id), created_at=5)


def mentions(rows: Rows, user_id: int) -> set[tuple[str, str]]:
    """Return in which columns a person's id or words stand."""
    words = (f"zq{user_id}qz", str(user_id))
    return {
        (table, column)
        for table, all_rows in rows.items()
        for row in all_rows
        for column, value in row.items()
        if any(word in str(value) for word in words)
    }


async def erase(path: Path, erasure: Erasure) -> None:
    database = await Database.open(f"sqlite:///{path}")
    try:
        rows = Erasures(database)
        begun = await rows.begin(erasure, NOW)
        while await rows.wipe(begun):
            pass
        await rows.unname(begun, names_until(NOW + timedelta(days=62)))
        await rows.end(begun)
        for blob in await rows.loose(1000):
            assert not await rows.is_held_again(blob)
            await rows.freed(blob)
    finally:
        await database.aclose()


def all_of(user_id: int, extent: Extent = Extent.EVERYTHING) -> Erasure:
    return Erasure(extent, Span(BEGINNING, NOW), user_id=user_id)


def test_every_table_and_column_is_accounted_for(database_path):
    named = {one.name: set(one.columns) for one in TABLES}

    assert named == tables_of(database_path)


def test_privacy_md_says_what_the_code_does():
    text = (ROOT / "PRIVACY.md").read_text()

    assert described() in text


def test_what_is_said_to_be_exported_is():
    read = set(re.findall(r"(?:FROM|JOIN)\s+(\w+)", " ".join(SECTIONS.values())))

    assert {one.name for one in TABLES if one.exported} == read


def test_the_people_of_these_tests_have_something_in_every_column_that_is_theirs(database_path):
    fill(database_path)
    rows = dump(database_path)

    found = mentions(rows, ANN) | mentions(rows, BOB)
    theirs = {(one.name, column) for one in TABLES for column in (*one.names, *one.words)}
    no_mark = {"seed", "blob", "language"}
    left = {one for one in theirs - found if one[1] not in no_mark and one[0] != "gallery_text"}
    assert left == {
        ("job", "plan"),  # its seeds
        ("audit", "detail"),
        ("erasure", "user_id"),
    }


async def test_nothing_of_a_person_stays_but_what_is_said_to(database_path):
    fill(database_path)

    await erase(database_path, all_of(ANN))

    kept = {(one.name, column) for one in TABLES for column in one.kept}
    assert mentions(dump(database_path), ANN) <= kept
    with closing(sqlite3.connect(database_path)) as connection:
        found = connection.execute("SELECT * FROM gallery_text WHERE gallery_text MATCH ?", (f"zq{ANN}qz",))
        assert found.fetchall() == []
        whose = connection.execute("SELECT * FROM gallery_text WHERE gallery_text MATCH ?", (f"u{ANN}",))
        assert whose.fetchall() == []


async def test_no_seed_stays_by_which_a_picture_could_be_drawn_again(database_path):
    fill(database_path)

    await erase(database_path, all_of(ANN))

    rows = dump(database_path)
    wiped = [row for row in rows["job"] if row["user_id"] is None and row["kind"] == "pictures"]
    assert len(wiped) == 6
    assert {call[2] for row in wiped for call in json.loads(str(row["plan"]))["calls"]} == {None}
    ids = {row["id"] for row in wiped}
    assert {row["seed"] for row in rows["call"] if row["job_id"] in ids} == {None}


async def test_nothing_of_others_changes_but_what_pointed_at_it(database_path):
    fill(database_path)
    before = dump(database_path)
    gone = {row["id"] for row in before["picture"] if row["job_id"] in _jobs_of(before, ANN)}

    await erase(database_path, all_of(ANN))

    after = dump(database_path)
    for user_id in (BOB, EVE):
        assert mentions(before, user_id) == mentions(after, user_id)
    for table in ("job", "call", "picture", "ledger", "spent", "batch", "batch_row", "preference", "policy"):
        assert _of_others(before, table) == _of_others(after, table), table
    for table in ("favourite", "tray", "gallery"):
        kept = [row for row in _of_others(before, table) if row["picture_id"] not in gone]
        assert [_unliked(row) for row in kept] == [_unliked(row) for row in _of_others(after, table)], table
    links = [row for row in before["picture_parent"] if not gone & {row["picture_id"], row["parent_id"]}]
    assert after["picture_parent"] == links
    said = [row for row in before["turn"] if row["user_id"] in {BOB, EVE}]
    kept = {row["id"]: row for row in after["turn"]}
    assert [{**row, "parent_id": 0} for row in said] == [{**kept[row["id"]], "parent_id": 0} for row in said]


def _jobs_of(rows: Rows, user_id: int) -> set[object]:
    return {row["id"] for row in rows["job"] if row["user_id"] == user_id}


def _of_others(rows: Rows, table: str) -> list[dict[str, object]]:
    jobs = {row["id"] for row in rows["job"] if row["user_id"] in {BOB, EVE}}
    batches = {row["id"] for row in rows["batch"] if row["user_id"] in {BOB, EVE}}
    key = {"call": "job_id", "picture": "job_id", "batch_row": "batch_id", "policy": "guild_id"}.get(table)
    if table == "policy":
        return rows[table]
    if key is None:
        return [row for row in rows[table] if row["user_id"] in {BOB, EVE}]
    return [row for row in rows[table] if row[key] in jobs | batches]


def _unliked(row: dict[str, object]) -> dict[str, object]:
    """Return a row without the word that says whose favourite it is."""
    place = str(row.get("place", ""))
    return row | {"place": [word for word in place.split() if word != f"f{ANN}"]}


async def test_the_amounts_stay(database_path):
    fill(database_path)
    before = dump(database_path)

    await erase(database_path, all_of(ANN))

    after = dump(database_path)
    nameless = [[{**row, "user_id": 0} for row in rows["ledger"]] for rows in (before, after)]
    assert nameless[0] == nameless[1]
    for owner in ("operator", "server"):
        sums = [[row for row in rows["spent"] if row["owner"] == owner] for rows in (before, after)]
        assert sums[0] == sums[1]
    costs = [
        [(row["id"], row["cost_microusd"], row["state"]) for row in one["job"]] for one in (before, after)
    ]
    assert costs[0] == costs[1]


async def test_files_go_only_with_the_last_who_holds_them(database_path):
    fill(database_path)
    database = await Database.open(f"sqlite:///{database_path}")
    rows = Erasures(database)
    begun = await rows.begin(all_of(ANN), NOW)
    while await rows.wipe(begun):
        pass

    loose = set(await rows.loose(1000))

    await database.aclose()
    assert loose == {BLOB.format(7), BLOB.format(107)}  # 50 is held by others' turns


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
