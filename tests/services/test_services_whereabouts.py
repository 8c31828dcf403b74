"""Cards that are gone without a word, and channels that are gone with all of theirs."""

from __future__ import annotations

import asyncio
import zipfile
from typing import TYPE_CHECKING

import pytest
from gallery_kit import OPEN, drawn, found, gallery_of, looks, world
from sight_kit import Eyes, finding_room, whereabouts_room
from world_kit import BOB, CHANNEL, GUILD, ann, bob

from bot.domain.gallery import Search
from bot.services import whereabouts as room
from bot.storage import gallery as rows

if TYPE_CHECKING:
    from house_kit import House

__all__ = ["world"]


async def card_of(house: House, job_id: int) -> int:
    message_id = (await house.job(job_id)).card_message_id
    assert message_id is not None
    return message_id


class TestCards:
    @pytest.mark.further
    async def test_what_was_deleted_unheard_others_do_not_find_and_no_gap_is_left(self, house: House):
        cards = [await drawn(house) for _ in range(11)]
        lost = cards[4]
        gallery = gallery_of(house, Eyes(await card_of(house, lost)))

        page = await gallery.page(looks(), Search())

        left = [one for one in cards[::-1] if one != lost]
        assert [find.picture.job_id for find in page.finds] == left[:9]
        assert await found(gallery, ann(), Search(words="fox")) == cards[:1:-1], "its owner keeps it"

    async def test_a_card_is_looked_at_once_for_others_and_again_after_a_new_session(self, house: House):
        first, own = await drawn(house), await drawn(house, who=bob())
        eyes = Eyes()
        whereabouts = whereabouts_room(house, eyes)
        finding = finding_room(house)
        finding.whereabouts = whereabouts

        async def told() -> list[int]:
            finds = await finding.told(looks(BOB), Search(), 9, shared=False)
            return [find.picture.job_id for find in finds]

        assert await told() == await told() == [own, first]
        assert eyes.looked == [(CHANNEL, await card_of(house, first))]
        eyes.gone = (await card_of(house, first),)
        whereabouts.begin()
        assert await told() == [own]
        assert len(eyes.looked) == 2

    async def test_what_cannot_be_looked_at_just_now_counts_as_there_and_is_looked_at_again(
        self, house: House
    ):
        job_id = await drawn(house)
        eyes = Eyes(await card_of(house, job_id))
        gallery = gallery_of(house, eyes)
        eyes.is_blind = True

        assert await found(gallery, looks()) == [job_id]
        eyes.is_blind = False
        assert await found(gallery, looks()) == []

    async def test_nobody_waits_for_looks_for_ever(self, house: House, monkeypatch: pytest.MonkeyPatch):
        class Dreamer(Eyes):
            async def is_gone(self, channel_id: int, message_id: int) -> bool | None:
                self.looked.append((channel_id, message_id))
                await asyncio.Event().wait()

        monkeypatch.setattr(room, "LOOKING_S", 0.01)
        jobs = [await drawn(house) for _ in range(3)]
        eyes = Dreamer()

        assert await found(gallery_of(house, eyes), looks()) == jobs[::-1]
        assert len(eyes.looked) == 3

    async def test_a_download_leaves_out_what_is_gone(self, house: House):
        lost, kept = await drawn(house), await drawn(house)
        gallery = gallery_of(house, Eyes(await card_of(house, lost)))

        async with gallery.packed(looks(), Search(), "foxes", 2**20) as bundle:
            names = zipfile.ZipFile(bundle.parts[0]).namelist()

        assert [f"{kept}-0" in name for name in names if name.endswith(".png")] == [True]


class TestChannels:
    async def test_what_stood_in_a_channel_that_is_gone_its_owner_alone_finds(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(rows, "SOME", 2)
        gone = [await drawn(house, who=ann(channel_id=OPEN), count=2) for _ in range(3)]
        kept = await drawn(house)
        gallery = gallery_of(house)

        await whereabouts_room(house).closed(OPEN)

        assert await found(gallery, looks()) == [kept]
        assert await found(gallery, looks(channel_id=OPEN)) == [kept]
        assert await found(gallery, ann()) == [kept, *(one for one in gone[::-1] for _ in range(2))]
        assert {(await house.job(one)).card_message_id for one in gone} == {None}
        assert (await house.job(kept)).card_message_id is not None

    @pytest.mark.further
    async def test_of_the_channels_that_are_missing_a_few_are_looked_at(self, house: House):
        channels = [700 + n for n in range(room.MOST_CHANNELS + 3)]
        jobs = {one: await drawn(house, who=ann(channel_id=one)) for one in channels}
        present, archived, closed = channels[-1], channels[-2], channels[-3]
        eyes = Eyes(closed)

        await whereabouts_room(house, eyes).compare(GUILD, {present})

        assert [channel_id for channel_id, _ in eyes.looked] == channels[-2 : -2 - room.MOST_CHANNELS : -1]
        left = await found(gallery_of(house), looks(into=tuple(channels)))
        assert jobs[closed] not in left
        assert jobs[archived] in left

    async def test_where_all_channels_are_there_none_is_looked_at(self, house: House):
        await drawn(house)
        eyes = Eyes()

        await whereabouts_room(house, eyes).compare(GUILD, {CHANNEL})

        assert eyes.looked == []
