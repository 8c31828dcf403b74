from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.gallery import Search
from bot.domain.requests import PictureRequest
from bot.storage.drafts import Drafts
from bot.storage.searches import Searches


@pytest.fixture
def searches(database):
    return Searches(database)


@pytest.mark.parametrize("other", [102, 0])
async def test_another_person_does_not_find_a_search(searches, make, other):
    await searches.keep(7, 101, Search("fox"), make.now, make.now + timedelta(days=1))

    assert await searches.get(7, other, make.now) is None


async def test_an_expired_search_is_not_found_and_makes_room(searches, database, make):
    await searches.keep(7, 101, Search("fox"), make.now, make.now + timedelta(days=1))
    late = make.now + timedelta(days=1)

    assert await searches.get(7, 101, late) is None
    await searches.keep(8, 101, Search("owl"), late, late + timedelta(days=1))
    assert [row["id"] for row in await database.read("SELECT id FROM draft")] == [8]


async def test_what_is_no_search_is_not_found_as_one(searches, database, make):
    await Drafts(database).keep(7, 101, PictureRequest("a fox"), make.now + timedelta(days=1))

    assert await searches.get(7, 101, make.now) is None


@pytest.mark.parametrize(
    "search",
    [Search(), Search("“fox” 狐", of=5, style="墨", model="m", favourites=True)],
    ids=["empty", "full"],
)
async def test_a_search_comes_back_as_it_was(searches, make, search):
    for search_id, times in enumerate(({}, {"since": make.now, "until": make.now + timedelta(hours=1)})):
        wanted = Search(**{name: getattr(search, name) for name in Search.__slots__} | times)
        await searches.keep(search_id, 101, wanted, make.now, make.now + timedelta(days=1))

        assert await searches.get(search_id, 101, make.now) == wanted
