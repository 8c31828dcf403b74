"""Who finds what: the heart of the gallery, with those who should not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from gallery_kit import OPEN, OTHER_GUILD, SECRET, drawn, found, gallery, jobs_of, looks, world
from sight_kit import revival_room
from world_kit import ANN, BOB, CHANNEL, GUILD, ann, bob

from bot.domain.gallery import Search
from bot.domain.requests import StyleUse
from bot.errors import BadInput
from bot.services import finding as room

if TYPE_CHECKING:
    from house_kit import House

    from bot.services.gallery import Gallery

__all__ = ["gallery", "world"]


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

    @pytest.mark.further
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

    @pytest.mark.sampled(2)
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

    @pytest.mark.sampled(2)
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
        (picture,) = (await revival_room(house).revive(job_id, ann())).pictures
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


async def test_what_is_delicate_is_known_to_be_so_where_it_is_found(house: House, gallery: Gallery):
    job_id = await drawn(house)
    sql = "UPDATE picture SET delicate = 1 WHERE job_id = ?"
    await house.database.write(lambda connection: connection.execute(sql, [job_id]).rowcount)

    (find,) = (await gallery.page(looks(), Search())).finds
    assert find.picture.is_delicate
