"""Pages that are turned, favourites, and archives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gallery_kit import OPEN, OTHER_GUILD, drawn, found, gallery, jobs_of, looks, world
from world_kit import BOB, ann, bob

from bot.domain.gallery import Search
from bot.errors import NotFound
from bot.services import gallery as room
from bot.services.gallery import EVERYTHING, PAGE

if TYPE_CHECKING:
    from house_kit import House

    from bot.services.gallery import Gallery

__all__ = ["gallery", "world"]


class TestPages:
    @pytest.mark.further
    async def test_pages_follow_one_another_both_ways_and_nothing_is_seen_twice(
        self, house: House, gallery: Gallery
    ):
        jobs = [await drawn(house, count=2) for _ in range(11)]

        first = await gallery.page(ann(), Search())
        second = await gallery.page(ann(), Search(), before=first.older)
        third = await gallery.page(ann(), Search(), before=second.older)
        back = await gallery.page(ann(), Search(), after=third.newer)
        top = await gallery.page(ann(), Search(), after=back.newer)

        pictures = [find.picture.id for page in (first, second, third) for find in page.finds]
        assert pictures == [f"{job_id}-{n}" for job_id in reversed(jobs) for n in (0, 1)]
        assert (len(first.finds), len(second.finds), len(third.finds)) == (PAGE, PAGE, 4)
        assert (first.newer, third.older) == (None, None)
        assert back == second
        assert top == first

    async def test_what_was_drawn_since_comes_before_the_first_page(self, house: House, gallery: Gallery):
        for _ in range(2):
            await drawn(house, count=9)
        first = await gallery.page(ann(), Search())
        second = await gallery.page(ann(), Search(), before=first.older)
        new = await drawn(house)

        back = await gallery.page(ann(), Search(), after=second.newer)
        newest = await gallery.page(ann(), Search(), after=back.newer)

        assert back.finds == first.finds
        assert (jobs_of(newest)[0], newest.newer) == (new, None)

    async def test_a_search_is_kept_for_its_asker_and_expires(self, house: House, gallery: Gallery):
        search = Search("fox", of=BOB, style="Ink", since=house.world.clock(), favourites=True)

        search_id = await gallery.begin(5, ann(), search)

        assert await gallery.search(search_id, ann()) == search
        with pytest.raises(NotFound, match="expired"):
            await gallery.search(search_id, bob())
        house.world.clock.move(days=31)
        with pytest.raises(NotFound, match="expired"):
            await gallery.search(search_id, ann())
        assert await gallery.search(EVERYTHING, ann()) == Search()


class TestFavourites:
    async def test_favourites_are_one_s_own(self, house: House, gallery: Gallery):
        job_id = await drawn(house, count=3)
        _, pictures = await house.studio.show(job_id, ann())

        assert await gallery.set_favourites(bob(), pictures, {f"{job_id}-1"}) == (f"{job_id}-1",)

        page = await gallery.page(looks(), Search(favourites=True))
        assert [(find.picture.id, find.is_favourite) for find in page.finds] == [(f"{job_id}-1", True)]
        assert await found(gallery, ann(), Search(favourites=True)) == []
        assert await gallery.favourites(ann(), job_id) == ()
        assert [find.is_favourite for find in (await gallery.page(ann(), Search())).finds] == [False] * 3

    async def test_what_cannot_be_seen_any_more_is_no_favourite(self, house: House, gallery: Gallery):
        job_id = await drawn(house, who=ann(channel_id=OPEN))
        _, pictures = await house.studio.show(job_id, ann())
        await gallery.set_favourites(bob(), pictures, {f"{job_id}-0"})

        assert await found(gallery, looks(), Search(favourites=True)) == [job_id]
        assert await found(gallery, looks(into=()), Search(favourites=True)) == []
        assert await found(gallery, looks(guild_id=OTHER_GUILD), Search(favourites=True)) == []

    async def test_they_are_searched_and_taken_back(self, house: House, gallery: Gallery):
        fox, owl = await drawn(house), await drawn(house, "an owl")
        for job_id in (fox, owl):
            _, pictures = await house.studio.show(job_id, ann())
            await gallery.set_favourites(ann(), pictures, {f"{job_id}-0"})
            await gallery.set_favourites(bob(), pictures, {f"{job_id}-0"})

        assert await found(gallery, ann(), Search("ow", favourites=True)) == [owl]
        _, pictures = await house.studio.show(owl, ann())
        assert await gallery.set_favourites(ann(), pictures, ()) == ()
        assert await found(gallery, ann(), Search(favourites=True)) == [fox]
        assert await found(gallery, looks(), Search(favourites=True)) == [owl, fox]

    async def test_favourites_of_deleted_pictures_vanish(self, house: House, gallery: Gallery):
        job_id = await drawn(house)
        _, pictures = await house.studio.show(job_id, ann())
        await gallery.set_favourites(ann(), pictures, {f"{job_id}-0"})

        await house.studio.remove(job_id, ann())

        assert await gallery.favourites(ann(), job_id) == ()
        assert await house.database.read("SELECT * FROM favourite") == []
        assert await gallery.set_favourites(ann(), pictures, {f"{job_id}-0"}) == ()


class TestDownloads:
    async def test_where_nothing_is_found_there_is_nothing_to_download(self, gallery: Gallery):
        with pytest.raises(NotFound, match="nothing to download"):
            async with gallery.packed(ann(), Search(), "x", 10**6):
                pass

    async def test_more_than_one_archive_holds_goes_on_where_the_first_ends(
        self, house: House, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(room, "MOST_PACKED", 2)
        for _ in range(3):
            await drawn(house)

        async with gallery.packed(ann(), Search(), "x", 10**6) as bundle:
            assert (bundle.count, len(bundle.parts)) == (2, 1)
        async with gallery.packed(ann(), Search(), "x", 10**6, bundle.older) as rest:
            assert (rest.count, rest.older) == (1, None)

    @pytest.mark.further
    async def test_what_the_last_part_does_not_hold_is_in_the_next_archive(
        self, house: House, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(room, "MOST_PARTS", 1)
        for _ in range(3):
            await drawn(house)
        size = (await gallery.page(ann(), Search())).finds[0].picture.info.size_bytes

        counts: list[int] = []
        before = None
        while not counts or before is not None:
            async with gallery.packed(ann(), Search(), "x", size + 5500, before) as bundle:
                counts.append(bundle.count)
            before = bundle.older

        assert sum(counts) == 3
        assert len(counts) > 1
