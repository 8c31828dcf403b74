"""Bytes without a holder are known from before they are stored until they are deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.images import Role
from bot.storage.jobs import Jobs
from bot.storage.pictures import Pictures
from bot.storage.strays import Strays

BLOB = "ab" * 32


@pytest.fixture
def strays(database):
    return Strays(database)


async def picture_of(database, make):
    job = make.job()
    await Jobs(database).open(job, [], make.now)
    return make.picture(job.id, role=Role.REFERENCE, blob=BLOB)


async def test_what_was_stored_for_nobody_is_let_go_when_its_time_is_over(strays, make):
    await strays.storing(BLOB, make.now)

    assert not await strays.abandon(make.now)
    assert await strays.loose(9) == ()
    assert await strays.abandon(make.now + timedelta(seconds=1))
    assert await strays.loose(9) == (BLOB,)
    assert not await strays.abandon(make.now + timedelta(seconds=1)), "once"


async def test_what_has_a_holder_is_not_being_stored_any_more(strays, database, make):
    await strays.storing(BLOB, make.now)
    await Pictures(database).add(await picture_of(database, make), make.now)

    assert await database.read("SELECT * FROM storing") == []
    await strays.storing(BLOB, make.now)  # the same bytes once more, for somebody who is refused
    assert not await strays.abandon(make.now + timedelta(days=1))
    assert await strays.loose(9) == ()


async def test_what_is_stored_for_two_waits_for_both(strays, database, make):
    for _ in range(2):
        await strays.storing(BLOB, make.now)
    await Pictures(database).add(await picture_of(database, make), make.now)
    await database.change("DELETE FROM picture", {})

    await database.change("INSERT INTO loose_blob (blob) VALUES (:blob)", {"blob": BLOB})
    assert await strays.is_held_again(BLOB), "the other's is on its way"


async def test_what_an_earlier_process_stored_is_let_go_at_once_and_once_more(strays, make):
    await strays.storing(BLOB, make.now)
    began_at = make.now + timedelta(seconds=9)
    await strays.storing("cd" * 32, began_at)

    assert await strays.leave(began_at, began_at)
    assert await strays.loose(9) == (BLOB,)
    assert not await strays.is_held_again(BLOB)
    await strays.freed([BLOB])
    assert not await strays.leave(began_at, began_at)

    assert await strays.abandon(began_at + timedelta(hours=1))
    assert BLOB in await strays.loose(9)


async def test_what_an_earlier_process_stored_is_kept_for_whoever_has_it(strays, database, make):
    await strays.storing(BLOB, make.now)
    await Pictures(database).add(await picture_of(database, make), make.now)
    await strays.storing(BLOB, make.now)

    assert not await strays.leave(make.now + timedelta(seconds=1), make.now)
    assert not await strays.abandon(make.now + timedelta(days=1))


async def test_what_is_being_stored_is_not_deleted_for_another_who_lets_it_go(strays, database, make):
    picture = await picture_of(database, make)
    await Pictures(database).add(picture, make.now)
    await Jobs(database).forget_pictures(picture.job_id)
    await database.change("INSERT INTO loose_blob (blob) VALUES (:blob)", {"blob": BLOB})
    await strays.storing(BLOB, make.now)

    assert await strays.is_held_again(BLOB)
    assert await strays.loose(9) == ()


async def test_what_is_deleted_is_not_loose_any_more(strays, database):
    for blob in (BLOB, "cd" * 32):
        await database.change("INSERT INTO loose_blob (blob) VALUES (:blob)", {"blob": blob})
    await strays.freed([BLOB])

    assert await strays.loose(9) == ("cd" * 32,)
