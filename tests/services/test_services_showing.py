"""The one rule of how pictures leave, and the services that hand pictures out by it."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from gallery_kit import drawn, gallery, looks, world
from rooms_kit import chat_rooms, export_room
from test_services_forgetting import say
from test_services_gallery_tool import of, search
from world_kit import CHANNEL, GUILD, MOD, ann

from bot.domain.gallery import Search
from bot.domain.images import Role
from bot.domain.requests import PictureRequest, Stored
from bot.domain.spoilers import Showing, Spoilers, Venue, View
from bot.errors import NotFound
from bot.services import gallery as room

if TYPE_CHECKING:
    from house_kit import House

    from bot.domain.images import Picture
    from bot.services.gallery import Gallery

__all__ = ["gallery", "world"]

ELSEWHERE, ENOUGH = 71, 2**20
HERE, ADULTS, DIRECT = Venue(GUILD), Venue(GUILD, is_age_restricted=True), Venue(None)


async def delicate(house: House, job_id: int) -> Picture:
    """Let a job's picture be delicate, and return it."""
    (picture,) = await house.pictures.of_job(job_id, Role.RESULT)
    await house.database.change("UPDATE picture SET delicate = 1 WHERE id = :id", {"id": picture.id})
    return (await house.pictures.of_job(job_id, Role.RESULT))[0]


async def keep_apart(house: House, guild_id: int = GUILD) -> None:
    await house.showings.choose(Showing(Spoilers.FLAGGED, keeps_apart=True), guild_id, MOD)


class TestViews:
    async def test_what_a_server_keeps_apart_it_keeps_from_everywhere_but_adults(self, house: House):
        picture = await delicate(house, await drawn(house))
        views = house.showings.views
        assert await views([picture, None], HERE) == (View.OPEN, View.OPEN)

        await keep_apart(house)

        assert await views([picture, None], HERE) == (View.APART, View.OPEN)
        for venue in (DIRECT, Venue(ELSEWHERE)):
            assert await views([picture], venue) == (View.APART,)
        assert await views([picture], ADULTS) == (View.COVERED,)
        assert await views([picture], Venue(None, is_age_restricted=True)) == (View.OPEN,)

    async def test_what_comes_from_elsewhere_a_server_keeps_apart_as_well(self, house: House):
        strange = await delicate(house, await drawn(house, who=ann(guild_id=ELSEWHERE, channel_id=9)))
        direct = await delicate(house, await drawn(house, who=ann(guild_id=None, channel_id=900)))

        await keep_apart(house)

        assert await house.showings.views([strange, direct], HERE) == (View.APART, View.APART)
        assert await house.showings.views([strange, direct], DIRECT) == (View.OPEN, View.OPEN)

    async def test_a_copy_that_guides_a_picture_is_what_its_original_is(self, house: House):
        picture = await delicate(house, await drawn(house))
        first = await house.done(PictureRequest("in ink", references=(Stored(picture.id),)))
        (copy,) = await house.pictures.of_job(first.id, Role.REFERENCE)
        again = await house.done(PictureRequest("in oil", references=(Stored(copy.id),)))

        (second,) = await house.pictures.of_job(again.id, Role.REFERENCE)

        assert copy.is_delicate
        assert second.is_delicate
        (result,) = await house.pictures.of_job(again.id, Role.RESULT)
        assert not result.is_delicate


class TestDownload:
    async def test_it_leaves_out_what_is_kept_apart_and_counts_it(self, house: House, gallery: Gallery):
        await delicate(house, await drawn(house))
        fine = await drawn(house)
        await keep_apart(house)

        async def packed(**where: Any) -> tuple[int, int, list[str]]:
            async with gallery.packed(looks(**where), Search(), "foxes", ENOUGH) as bundle:
                return bundle.count, bundle.apart, zipfile.ZipFile(bundle.parts[0]).namelist()

        count, apart, names = await packed()
        assert (count, apart) == (1, 1)
        assert [name for name in names if name.endswith(".png")] == [names[0]]
        assert f"{fine}-0.png" in names[0]
        assert (await packed(is_among_adults=True))[:2] == (2, 0)

    async def test_where_nothing_is_left_it_says_where_that_can_be_had(self, house: House, gallery: Gallery):
        await delicate(house, await drawn(house))
        await keep_apart(house)

        with pytest.raises(NotFound, match="only in age-restricted channels"):
            async with gallery.packed(ann(), Search(), "foxes", ENOUGH):
                pass

    async def test_what_comes_after_many_that_are_kept_apart_is_reached(
        self, house: House, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(room, "MOST_PACKED", 1)
        fine = await drawn(house)
        await delicate(house, await drawn(house))
        await keep_apart(house)

        async with gallery.packed(ann(), Search(), "foxes", ENOUGH) as first:
            assert (first.parts, first.apart) == ((), 1)
        async with gallery.packed(ann(), Search(), "foxes", ENOUGH, first.older) as second:
            assert f"{fine}-0.png" in zipfile.ZipFile(second.parts[0]).namelist()[0]


async def test_a_conversation_finds_nothing_that_is_kept_apart_and_shows_the_rest_covered(house: House):
    chat = chat_rooms(house)
    await delicate(house, await drawn(house, "a red fox"))
    await drawn(house, "a sleeping fox")
    await house.showings.choose(Showing(Spoilers.FLAGGED), GUILD, MOD)

    _, covered = await search(house, chat, words="fox")
    await keep_apart(house)
    told, sheet = await search(house, chat, of(), private=True, words="fox")

    assert [name for name, _ in covered.pictures] == ["found-1.png", "SPOILER_found-2.png"]
    assert [name for name, _ in sheet.pictures] == ["found-1.png"]
    assert "red fox" not in told


async def test_a_conversation_is_taken_along_without_what_is_kept_apart(house: House):
    shown, hidden = await drawn(house), await drawn(house)
    await delicate(house, hidden)
    for job_id in (shown, hidden):
        await say(house, "draw", job_id=job_id)
    await keep_apart(house)
    who = ann(guild_id=GUILD, channel_id=CHANNEL)

    packed = await export_room(house).pack(who, None, is_direct=True, most_bytes=ENOUGH)
    among = await export_room(house).pack(ann(is_among_adults=True), None, is_direct=True, most_bytes=ENOUGH)

    def pictures(data: bytes) -> list[str]:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
        return [name for name in names if name.endswith(".png")]

    assert (len(pictures(packed.data)), packed.apart) == (1, 1)
    assert f"{shown}-0" in pictures(packed.data)[0]
    assert (len(pictures(among.data)), among.apart) == (2, 0)
