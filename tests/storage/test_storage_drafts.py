from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.requests import PictureRequest, Upload
from bot.storage.drafts import Drafts

REQUEST = PictureRequest("a fox", references=(Upload("https://cdn.example/a.png", "a.png", 5),))


@pytest.fixture
async def drafts(database, make):
    kept = Drafts(database)
    await kept.keep(7, 101, REQUEST, make.now + timedelta(minutes=15))
    return kept


async def test_another_person_does_not_find_a_draft(drafts, make):
    assert await drafts.get(7, 102, make.now) is None
    assert await drafts.take(7, 102, make.now) is None
    assert await drafts.get(7, 101, make.now) == REQUEST


async def test_an_expired_draft_is_not_there_and_is_purged(drafts, make):
    late = make.now + timedelta(minutes=15)

    assert await drafts.get(7, 101, late) is None
    assert await drafts.take(7, 101, late) is None
    assert await drafts.purge(late - timedelta(seconds=1)) == 0
    assert await drafts.purge(late) == 1


@pytest.mark.further
async def test_of_many_who_take_a_draft_one_gets_it(drafts, make):
    taken = await asyncio.gather(*(drafts.take(7, 101, make.now) for _ in range(20)))

    assert [one for one in taken if one is not None] == [REQUEST]


async def test_the_same_event_delivered_twice_keeps_the_first(drafts, make):
    await drafts.keep(7, 102, PictureRequest("another"), make.now + timedelta(days=1))

    assert await drafts.get(7, 101, make.now) == REQUEST
