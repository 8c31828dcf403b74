"""Who finds what: the heart of the gallery, with those who should not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from world_kit import ANN, BOB, CHANNEL, GUILD, World, ann, bob

from bot.domain.gallery import Search
from bot.domain.requests import PictureRequest, StyleUse
from bot.errors import BadInput, NotFound
from bot.services import gallery as room
from bot.services.archive import Archive
from bot.services.gallery import EVERYTHING, PAGE, Gallery
from bot.storage.gallery import GalleryRows
from bot.storage.searches import Searches

if TYPE_CHECKING:
    from house_kit import House

    from bot.domain.gallery import Page
    from bot.domain.requests import Requester

OTHER_GUILD, SECRET, OPEN = 71, 701, 702


def looks(user_id: int = BOB, *, into: tuple[int, ...] = (CHANNEL, OPEN), **changed: Any) -> Requester:
    """Return somebody of the server who can look into some channels."""
    return replace(ann(user_id=user_id, **changed), sees=lambda channel_id: channel_id in into)


@pytest.fixture
def world(world: World) -> World:
    """A world in which nobody's allowance is in the way."""
    world.caps.person = {}
    return world


@pytest.fixture
def gallery(house: House) -> Gallery:
    archive = Archive(house.blobs, house.world.folder / "packing")
    clock = house.world.clock
    return Gallery(GalleryRows(house.database), Searches(house.database), archive, clock)


async def drawn(house: House, prompt: str = "a fox", who: Requester | None = None, **request: Any) -> int:
    house.world.clock.move(seconds=1)
    return (await house.done(PictureRequest(prompt, **request), who)).id


def jobs_of(page: Page) -> list[int]:
    return [find.picture.job_id for find in page.finds]


async def found(gallery: Gallery, who: Requester, search: Search | str = "") -> list[int]:
    search = Search(words=search) if isinstance(search, str) else search
    return jobs_of(await gallery.page(who, search))


class TestWhoFindsWhat:
    async def test_what_is_private_is_found_by_its_owner_alone(self, house: House, gallery: Gallery):
        private = await drawn(house, "a diary", private=True)

        assert await found(gallery, ann()) == [private]
        assert await found(gallery, looks()) == []
        for search in (Search("diary"), Search(of=ANN), Search(model=house.world.caps.models[0])):
            assert await found(gallery, looks(), search) == []
            assert await found(gallery, ann(), search) == [private]

    async def test_a_channel_that_one_cannot_see_is_not_found(self, house: House, gallery: Gallery):
        await drawn(house, who=ann(channel_id=SECRET))
        seen = await drawn(house, who=ann(channel_id=OPEN))

        assert await found(gallery, looks()) == [seen]
        assert await found(gallery, looks(into=())) == []
        assert await found(gallery, looks(into=(), channel_id=OPEN)) == [seen], "the channel one is in"

    async def test_one_s_own_is_found_where_one_cannot_look_any_more(self, house: House, gallery: Gallery):
        own = await drawn(house, who=bob(channel_id=SECRET))
        await drawn(house, who=ann(channel_id=SECRET))

        assert await found(gallery, looks(BOB)) == [own]

    async def test_nothing_of_another_server_is_found(self, house: House, gallery: Gallery):
        await drawn(house, who=ann(guild_id=OTHER_GUILD))
        await drawn(house, who=bob(guild_id=OTHER_GUILD))
        here = await drawn(house)

        assert await found(gallery, looks()) == [here]
        assert await found(gallery, looks(), Search(of=BOB)) == []

    async def test_in_direct_messages_one_s_own_is_found_alone_and_from_everywhere(
        self, house: House, gallery: Gallery
    ):
        direct = {"guild_id": None, "channel_id": 900}
        owns = [
            await drawn(house, who=ann(**direct)),
            await drawn(house, who=ann(guild_id=OTHER_GUILD), private=True),
            await drawn(house),
        ]
        await drawn(house, who=bob(**direct))

        assert await found(gallery, ann(**direct)) == owns[::-1]
        assert await found(gallery, ann(**direct), Search(of=BOB)) == []
        assert await found(gallery, looks()) == [owns[-1]], "direct messages are no part of a server"

    async def test_someone_who_left_finds_their_own_alone(self, house: House, gallery: Gallery):
        theirs = await drawn(house, who=bob())
        await drawn(house)

        assert await found(gallery, bob(guild_id=None, channel_id=900)) == [theirs]
        assert theirs in await found(gallery, looks(ANN))

    async def test_what_was_deleted_is_found_by_nobody(self, house: House, gallery: Gallery):
        job_id = await drawn(house)

        await house.studio.remove(job_id, ann())

        assert await found(gallery, ann()) == await found(gallery, ann(), "fox") == []

    async def test_what_is_not_shown_yet_is_not_found(self, house: House, gallery: Gallery):
        house.world.board.script.append(ZeroDivisionError())

        await house.order("a fox")
        await house.rest()

        assert await found(gallery, ann()) == []

    @pytest.mark.parametrize("search", [Search(), Search("fox")], ids=["all", "by words"])
    async def test_a_page_is_full_however_much_is_hidden_around_it(
        self, house: House, gallery: Gallery, monkeypatch: pytest.MonkeyPatch, search: Search
    ):
        monkeypatch.setattr(room, "CHUNK", 5)
        seen = [await drawn(house, who=ann(channel_id=OPEN)) for _ in range(3)]
        for n in range(6):
            await drawn(house, who=ann(channel_id=SECRET + 10 + n))
            await drawn(house, private=True, who=ann(channel_id=OPEN))

        page = await gallery.page(looks(), search)

        assert (jobs_of(page), page.older, page.is_full) == (seen[::-1], None, True)

    async def test_looking_is_broken_off_and_goes_on_from_there(
        self, house: House, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(room, "CHUNK", 1)
        monkeypatch.setattr(room, "ROUNDS", 2)
        seen = await drawn(house)
        for n in range(4):
            await drawn(house, who=ann(channel_id=SECRET + 10 + n))

        page = await gallery.page(looks(), Search())
        assert (page.finds, page.is_full) == ((), False)
        pages = 1
        while page.older is not None and pages < 9:
            page = await gallery.page(looks(), Search(), before=page.older)
            pages += 1

        assert jobs_of(page) == [seen]


class TestSearch:
    @pytest.mark.parametrize(
        "words",
        ["  ", "🦊", '"', "***", "()", "-", "\x00", "\u200b", "\u0951", "\ud83d"],
    )
    async def test_where_nothing_is_left_to_look_for_it_says_so(self, gallery: Gallery, words: str):
        with pytest.raises(BadInput, match="Use words"):
            await gallery.begin(5, ann(), Search(words))

    @pytest.mark.parametrize(
        "words",
        [
            'a "fox',
            "fox AND",
            "NOT fox",
            "NEAR(fox)",
            "prompt:fox",
            "fox*",
            "^fox",
            "(fox",
            "-fox",
            "fox\x00",
            "fox 🦊",
            "{place}: fox",
            "fo",
            "FOX",
            "föx",
            "don't fox",
        ],
    )
    async def test_whatever_people_write_is_only_words(self, house: House, gallery: Gallery, words: str):
        job_id = await drawn(house, "don't draw a {place}: NOT AND NEAR fox prompt fox")

        assert await found(gallery, ann(), words) == [job_id]

    async def test_the_words_of_places_are_not_found_as_words(self, house: House, gallery: Gallery):
        await drawn(house, "a fox", private=True)

        for words in (f"u{ANN}", f"g{GUILD}", "place", f"o{GUILD}"):
            assert await found(gallery, ann(), words) == []

    @pytest.mark.parametrize(
        ("prompt", "words"),
        [
            ("黒い猫が座る", "猫"),
            ("黒い猫が座る", "黒い猫"),
            ("一只黑猫坐着", "黑猫"),
            ("Ein猫Bild", "猫"),
            ("แมวดำนั่ง", "ดำ"),
            ("고양이가 앉아", "고양"),
            ("рыжая лиса", "лис"),
            ("सुनहरी लोमड़ी", "लोमड़ी"),
            ("un café crème", "cafe"),
            ("a lighthouse at dusk", "dusk light"),
        ],
    )
    async def test_words_of_every_script_are_found(
        self, house: House, gallery: Gallery, prompt: str, words: str
    ):
        await drawn(house, "something else")
        job_id = await drawn(house, prompt)

        page = await gallery.page(ann(), Search(words))

        assert jobs_of(page) == [job_id]
        assert page.finds[0].prompt == prompt

    async def test_only_the_last_word_may_be_unfinished(self, house: House, gallery: Gallery):
        job_id = await drawn(house, "a lighthouse at dusk")

        assert await found(gallery, ann(), "lighthouse du") == [job_id]
        assert await found(gallery, ann(), "light dusk") == []

    async def test_what_a_picture_shows_is_found_and_read_with_it(self, house: House, gallery: Gallery):
        job_id = await drawn(house, "surprise me")

        assert await gallery.set_caption(f"{job_id}-0", "A penguin: 企鹅 in snow")
        assert not await gallery.set_caption("5-0", "nothing")

        assert await found(gallery, ann(), "pengu") == await found(gallery, ann(), "鹅") == [job_id]
        (picture,) = (await house.studio.revive(job_id, ann())).pictures
        assert picture.caption == "A penguin: 企鹅 in snow"

    async def test_each_filter_narrows_what_is_found(self, house: House, gallery: Gallery):
        plain = await drawn(house)
        styled = await drawn(house, style=StyleUse("Ink Wash", "{subject} in ink"))
        other = await drawn(house, model=house.world.caps.models[1], who=bob())
        clock = house.world.clock

        assert await found(gallery, ann(channel_id=CHANNEL), Search(style="ink wash")) == [styled]
        assert await found(gallery, ann(), Search(model=house.world.caps.models[1])) == [other]
        assert await found(gallery, ann(), Search(of=BOB)) == [other]
        assert await found(gallery, ann(), Search(since=clock())) == [other]
        assert await found(gallery, ann(), Search(until=clock() - timedelta(seconds=1))) == [plain]
        assert await found(gallery, ann(), Search("fox", of=ANN, style="Ink Wash")) == [styled]
        assert await gallery.names(ann()) == (("Ink Wash",), house.world.caps.models[1::-1])

    async def test_names_that_one_may_not_see_are_not_suggested(self, house: House, gallery: Gallery):
        await drawn(house, style=StyleUse("My secret", "{subject}"), private=True)
        await drawn(house, style=StyleUse("Theirs", "{subject}"), who=ann(channel_id=SECRET))

        assert await gallery.names(looks()) == ((), ())


class TestPages:
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
            assert (bundle.packed.count, len(bundle.packed.parts)) == (2, 1)
        async with gallery.packed(ann(), Search(), "x", 10**6, bundle.older) as rest:
            assert (rest.packed.count, rest.older) == (1, None)

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
                counts.append(bundle.packed.count)
            before = bundle.older

        assert sum(counts) == 3
        assert len(counts) > 1
