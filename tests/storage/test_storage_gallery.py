"""How the gallery is read and filled: from indexes alone, and what was drawn before as what is drawn now."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.capabilities import Plan, PlannedCall, Transport
from bot.domain.gallery import Search
from bot.domain.requests import PictureRequest, Requester, StyleUse
from bot.storage import gallery
from bot.storage.gallery import GalleryRows
from bot.storage.jobs import Jobs
from bot.storage.pictures import OF_JOB
from migrations import gallery as step

if TYPE_CHECKING:
    from bot.domain.images import Picture
    from bot.domain.jobs import Job
    from bot.storage.database import Database

beginnings = import_module("migrations.versions.0007_beginnings_and_cards")
WHO = Requester(7, 70, 700)
SEARCHES = {
    "all": Search(),
    "words": Search("fox in the sno"),
    "everything": Search("fox", of=8, style="Ink", model="m", favourites=True),
}
SCAN = re.compile(r"SCAN (?!gallery_text VIRTUAL TABLE INDEX \d+:\S*M|CONSTANT ROW)|TEMP B-TREE|AUTOMATIC")
"""All that reads more than it needs; of the full-text index M says that it is asked for words."""


async def shown(database: Database, make, job: Job, *pictures: Picture, channel_id: int = 700) -> None:
    """Bring a job to where its pictures are shown."""
    jobs = Jobs(database)
    assert await jobs.open(job, [], make.now)
    for ordinal in range(len(job.plan.calls)):
        await jobs.mark_sent(job.id, ordinal, make.now)
        mine = [picture for picture in pictures if picture.call_ordinal == ordinal]
        await jobs.receive(job.id, ordinal, 100, mine, make.now)
    await jobs.produce(job.id, make.now)
    assert await jobs.deliver(job.id, channel_id, 1, make.now)
    assert not await jobs.deliver(job.id, channel_id, 2, make.now)


async def rows(database: Database) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await database.read("SELECT * FROM gallery ORDER BY id")]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
@pytest.mark.parametrize("who", [WHO, Requester(7, None, 900)], ids=["server", "direct"])
@pytest.mark.parametrize("hidden", [(), (5, 6)], ids=["all seen", "some hidden"])
async def test_a_page_is_read_from_the_index_of_words_in_its_order(database, search, who, hidden):
    values = {"match": gallery.match(search, who, hidden), "least": 0, "before": 10, "after": 0, "most": 9}

    for name in ("older", "newer"):
        plan = await database.read(f"EXPLAIN QUERY PLAN {gallery.QUERIES[name]}", values)
        steps = [row["detail"] for row in plan]
        assert [one for one in steps if SCAN.search(one)] == []
        assert "gallery_text VIRTUAL TABLE INDEX" in steps[0]
        assert await database.read(gallery.QUERIES[name], values) == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "sql",
    [
        gallery.FIND,
        gallery.FAVOURITES_OF_JOB,
        gallery.CAPTION,
        gallery.REMOVE_FAVOURITE,
        gallery.ADD_FAVOURITE,
        gallery.INSERT,
        OF_JOB,
        "DELETE FROM picture WHERE id = :picture_id",
    ],
    ids=["find", "favourites", "caption", "remove", "add", "insert", "pictures", "delete"],
)
async def test_whatever_else_the_gallery_does_is_one_walk_down_an_index(database, sql):
    names = set(re.findall(r":(\w+)", sql))

    plan = await database.read(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(names, 1))

    assert plan or sql == gallery.INSERT
    assert [row["detail"] for row in plan if SCAN.search(row["detail"])] == []


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM gallery", "SELECT * FROM gallery_text", "SELECT * FROM gallery, meta"]
)
async def test_the_test_above_would_see_a_scan(database, sql):
    plan = await database.read(f"EXPLAIN QUERY PLAN {sql} ORDER BY prompt")

    assert [row["detail"] for row in plan if SCAN.search(row["detail"])] != []


def jobs_of_all_kinds(make) -> list[tuple[Job, list[Picture]]]:
    """Return jobs as they were before the gallery was: plain, private, styled, of several prompts, in DMs."""
    style = StyleUse("Tusche 墨", "{subject} in ink")
    two = Plan("flux", Transport.IMAGES, (PlannedCall(0, 1, 5, 0), PlannedCall(1, 1, 5, 1)), 10)
    jobs = [
        make.job(),
        make.job(request=PictureRequest("a diary", private=True), guild_id=None),
        make.job(request=PictureRequest("黒い猫と cat", style=style)),
        replace(
            make.job(request=PictureRequest("a {red, blue} fox", variants=("a red fox", "a blue fox"))),
            plan=two,
        ),
        make.job(request=PictureRequest("half a \ud83d pair")),
    ]
    return [(job, [make.picture(job.id, n) for n in range(len(job.plan.calls))]) for job in jobs]


async def test_what_was_drawn_before_is_found_as_what_is_drawn_now(database, database_path, make):
    for job, pictures in jobs_of_all_kinds(make):
        await shown(database, make, job, *pictures)
    written = await rows(database)
    await database.change("DELETE FROM gallery", {})

    engine = sa.create_engine(f"sqlite:///{database_path}")
    with engine.begin() as connection:
        step.fill(connection)
    engine.dispose()

    filled = await rows(database)
    assert len(written) == 6
    assert sorted(row[1:] for row in filled) == sorted(row[1:] for row in written)
    assert [row[0] for row in filled] == sorted({row[0] for row in filled})
    assert (
        len(await database.read("SELECT rowid FROM gallery_text WHERE gallery_text MATCH '猫 OR blue'")) == 2
    )


async def test_the_upgrade_finds_all_and_hides_what_no_channel_shows(database, database_path, make):
    here, elsewhere = make.job(user_id=8), make.job(user_id=8)
    await shown(database, make, here, make.picture(here.id))
    await shown(database, make, elsewhere, make.picture(elsewhere.id), channel_id=900)
    written = await rows(database)
    await database.change("DROP INDEX job_card", {})
    await database.change("UPDATE gallery SET private = 0, place = 'u8 g70 m0 o70 c700' WHERE private", {})

    engine = sa.create_engine(f"sqlite:///{database_path}")
    with engine.begin() as connection:
        for statement in beginnings.STATEMENTS:
            connection.execute(sa.text(statement))
    engine.dispose()

    found = await GalleryRows(database).older(Search("a ligh"), WHO, None, (), 9)
    own = await GalleryRows(database).older(Search("a ligh"), replace(WHO, user_id=8), None, (), 9)
    assert [row[6] for row in await rows(database)] == [row[6] for row in written] == [0, 1]
    assert (len(found), len(own)) == (1, 2)


async def test_unfinished_jobs_are_not_filled_in(database, database_path, make):
    jobs = Jobs(database)
    job = make.job()
    await jobs.open(job, [], make.now)
    await jobs.mark_sent(job.id, 0, make.now)
    await jobs.receive(job.id, 0, 100, [make.picture(job.id)], make.now)

    engine = sa.create_engine(f"sqlite:///{database_path}")
    with engine.begin() as connection:
        step.fill(connection)
    engine.dispose()

    assert await rows(database) == []


async def test_the_index_of_words_follows_whatever_happens_to_rows(database, database_path, make):
    job = make.job()
    await shown(database, make, job, make.picture(job.id))
    found = GalleryRows(database)
    await found.change_favourites(8, [f"{job.id}-0"], [], make.now)
    await found.change_favourites(88, [f"{job.id}-0"], [], make.now)
    await found.set_caption(f"{job.id}-0", "a tower")
    await found.change_favourites(8, [], [f"{job.id}-0"], make.now)
    await database.change("UPDATE gallery SET user_id = NULL WHERE user_id = 7", {})
    ((place,),) = await database.read("SELECT place FROM gallery")

    assert place.split()[0] == "g70"
    assert place.split()[-1] == "f88"
    with closing(sqlite3.connect(database_path)) as connection:
        connection.execute("INSERT INTO gallery_text (gallery_text, rank) VALUES ('integrity-check', 1)")
    assert await found.older(Search(), WHO, None, (), 9)
    await Jobs(database).forget_pictures(job.id)
    assert await found.older(Search(), WHO, None, (), 9) == []
    with closing(sqlite3.connect(database_path)) as connection:
        connection.execute("INSERT INTO gallery_text (gallery_text, rank) VALUES ('integrity-check', 1)")


async def test_ids_grow_even_where_the_clock_stands_or_goes_back(database, make):
    first, second = make.job(), make.job()
    await shown(database, make, first, make.picture(first.id))
    await database.change("UPDATE gallery SET id = id + 1000000", {})
    await shown(database, make, second, make.picture(second.id))

    ids = [row[0] for row in await rows(database)]
    assert [row[2] for row in await rows(database)] == [first.id, second.id]
    assert ids == [ids[0], ids[0] + 1]
