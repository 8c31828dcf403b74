from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from provider_kit import noise, picture_bytes
from ui_kit import kept
from world_kit import GUILD, MOD

from bot.domain.calls import PictureBytes
from bot.domain.spoilers import Showing, Spoilers
from bot.errors import NotFound
from bot.services.showing import Showings
from bot.storage.server_settings import ServerSettings
from bot.ui.covers import Covers
from bot.ui.prints import Posted, Prints, Unseen, posted

if TYPE_CHECKING:
    import discord
    from house_kit import House

ENOUGH = 20 * 2**20
ADULT, COMMON, DIRECT = (
    SimpleNamespace(is_nsfw=lambda: True),
    SimpleNamespace(is_nsfw=lambda: False),
    SimpleNamespace(),
)


def _prints(house: House, spoilers: Spoilers = Spoilers.NEVER) -> tuple[Prints, Showings]:
    """Return prints by a rule, and the rule."""
    settings = ServerSettings(house.database)
    showings = Showings(settings, spoilers, house.world.clock, house.pictures.homes)
    return Prints(house.blobs, house.pool, Covers(showings.views)), showings


def _kind_of(file: discord.File) -> str | None:
    return Image.open(io.BytesIO(file.fp.read())).format


@pytest.mark.parametrize("wanted", [None, "png", "tiff"], ids=["nothing", "what came", "what nobody knows"])
async def test_what_came_as_it_was_asked_for_goes_out_byte_for_byte(house: House, wanted: str | None):
    drawn = picture_bytes()
    came = await kept(house, drawn)

    (file,) = await Prints(house.blobs, house.pool).files(came.pictures, ENOUGH, wanted=wanted, channel=None)

    assert file.fp.read() == drawn
    assert file.filename == came.pictures[0].filename
    assert posted(came.pictures, ENOUGH, wanted) == (Posted.AS_SENT,)


@pytest.mark.parametrize(
    ("wanted", "kind", "ending"), [("jpeg", "JPEG", "jpg"), ("webp", "WEBP", "webp")], ids=["jpeg", "webp"]
)
async def test_another_kind_than_asked_for_is_converted_and_the_original_kept(
    house: House, wanted: str, kind: str, ending: str
):
    drawn = picture_bytes()
    came = await kept(house, drawn)

    (file,) = await Prints(house.blobs, house.pool).files(came.pictures, ENOUGH, wanted=wanted, channel=None)

    assert _kind_of(file) == kind
    assert file.filename.endswith(f".{ending}")
    assert await house.blobs.get(came.pictures[0].blob) == drawn
    assert posted(came.pictures, ENOUGH, wanted) == (Posted.CONVERTED,)


async def test_what_is_converted_keeps_the_upload_limit(house: House):
    came = await kept(house, noise((300, 300)), picture_bytes())

    files = await Prints(house.blobs, house.pool).files(came.pictures, 30_000, wanted="jpeg", channel=None)

    assert [_kind_of(file) for file in files] == ["JPEG", "JPEG"]
    assert all(file.fp.seek(0, io.SEEK_END) <= 30_000 for file in files)


async def test_a_damaged_picture_that_is_to_be_converted_is_said_to_be_gone(house: House):
    came = await kept(house, picture_bytes())
    broken = await house.blobs.put(picture_bytes()[:-30])
    pictures = [replace(one, blob=broken) for one in came.pictures]

    with pytest.raises(NotFound, match="cannot be read"):
        await Prints(house.blobs, house.pool).files(pictures, ENOUGH, wanted="webp", channel=None)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("spoilers", "channel", "is_covered"),
    [
        (Spoilers.NEVER, COMMON, False),
        (Spoilers.NEVER, None, False),
        (Spoilers.ALWAYS, ADULT, True),
        (Spoilers.ALWAYS, None, True),
        (Spoilers.OUTSIDE_NSFW, ADULT, False),
        (Spoilers.OUTSIDE_NSFW, COMMON, True),
        (Spoilers.OUTSIDE_NSFW, DIRECT, True),
        (Spoilers.OUTSIDE_NSFW, None, True),
    ],
)
async def test_pictures_are_covered_where_the_operator_wants_it(
    house: House, spoilers: Spoilers, channel: object, is_covered: bool
):
    prints, _ = _prints(house, spoilers)
    came = await kept(house, picture_bytes())
    half = PictureBytes(picture_bytes(), "image/png")

    (file,) = await prints.files(came.pictures, ENOUGH, channel=channel)
    (partial,) = await prints.partials([half], ENOUGH, channel=channel)

    assert file.spoiler == partial.spoiler == is_covered
    assert file.filename.startswith("SPOILER_") == is_covered


async def test_a_server_s_choice_counts_more_than_the_operator_s(house: House):
    prints, showings = _prints(house)
    came = await kept(house, picture_bytes())
    here = SimpleNamespace(guild=SimpleNamespace(id=GUILD), is_nsfw=lambda: False)
    await showings.choose(Showing(Spoilers.OUTSIDE_NSFW), GUILD, MOD)

    async def is_covered(channel: object) -> bool:
        (file,) = await prints.files(came.pictures, ENOUGH, channel=channel)
        return file.spoiler

    assert await is_covered(here)
    assert not await is_covered(SimpleNamespace(guild=SimpleNamespace(id=GUILD), is_nsfw=lambda: True))
    assert not await is_covered(SimpleNamespace(guild=SimpleNamespace(id=GUILD + 1), is_nsfw=lambda: False))
    assert not await is_covered(None)
    assert [file.spoiler for file in await prints.covered(came.pictures, ENOUGH)] == [True]


async def test_delicate_pictures_alone_are_covered_and_kept_from_all_but_adult_channels(house: House):
    prints, showings = _prints(house)
    (plain,) = (await kept(house, picture_bytes())).pictures
    both = (plain, replace(plain, is_delicate=True))
    here = SimpleNamespace(guild=SimpleNamespace(id=GUILD), is_nsfw=lambda: False)
    adult = SimpleNamespace(guild=SimpleNamespace(id=GUILD), is_nsfw=lambda: True)
    await showings.choose(Showing(Spoilers.FLAGGED), GUILD, MOD)

    async def previews(channel: object) -> list[object]:
        small = await prints.previews(both, channel=channel)
        return [file if isinstance(file, Unseen) else file.spoiler for file in small]

    assert [file.spoiler for file in await prints.files(both, ENOUGH, channel=here)] == [False, True]
    assert await previews(here) == [False, True]
    await showings.choose(Showing(Spoilers.NEVER, keeps_apart=True), GUILD, MOD)
    assert await previews(here) == [False, Unseen.APART]
    assert await previews(adult) == [False, False]
    with pytest.raises(NotFound, match="only in age-restricted channels"):
        await prints.files(both, ENOUGH, channel=here)
    admitted = await prints.ready(both, ENOUGH, channel=here)
    assert [file.spoiler for file in admitted()] == [False, True], (
        "what moderators let in is covered at least"
    )
