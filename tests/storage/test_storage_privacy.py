"""Deleting takes all that is somebody's, and nothing that is another's; every column is accounted for."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest
from privacy_rows import ANN, BOB, EVE, ROOT, all_of, dump, erase, fill, mentions, tables_of
from storage_maker import NOW
from things import BLOB

from bot.storage.database import Database
from bot.storage.erasures import Erasures
from bot.storage.holdings import TABLES, described
from bot.storage.strays import Strays
from bot.storage.takeout import SECTIONS

Rows = dict[str, list[dict[str, object]]]


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
        ("refusal", "pseudonym"),
        ("grant_use", "user_id"),
        ("review", "decided_by"),
        ("reported", "decided_by"),
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


@pytest.mark.further
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


@pytest.mark.further
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

    loose = set(await Strays(database).loose(1000))

    await database.aclose()
    assert loose == {BLOB.format(7), BLOB.format(107)}  # 50 is held by others' turns
