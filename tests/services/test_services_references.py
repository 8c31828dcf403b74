from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from provider_kit import MINI, picture_bytes

from bot.domain.images import Role
from bot.domain.jobs import JobState
from bot.domain.requests import PictureRequest, Stored, Upload
from bot.errors import BadInput, NotFound, PictureUnusable, UserFacingError
from bot.services.references import MAX_UPLOAD_BYTES

if TYPE_CHECKING:
    from house_kit import House

    from bot.domain.calls import PictureBytes


async def _opened(house: House, *references: Upload | Stored):
    request = PictureRequest("as a painting", references=references, model=MINI)
    job = await house.order(request, start=False)
    assert job is not None
    return job


def _references(house: House):
    return house.workshop._references


async def test_a_file_that_is_too_big_is_not_even_fetched(house: House):
    upload = Upload("https://cdn.example/0/huge.png", "huge.png", MAX_UPLOAD_BYTES + 1)

    with pytest.raises(PictureUnusable, match=r"“huge\.png” is over 20 MB"):
        await _references(house).of(await _opened(house, upload))

    assert house.world.fetched == []


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"<svg/>", picture_bytes()[:40]], ids=["empty", "pdf", "svg", "cut"]
)
async def test_what_is_no_picture_by_its_bytes_is_named(house: House, data: bytes):
    upload = house.world.attach(data, "cat.png")

    with pytest.raises(PictureUnusable, match=r"^“cat\.png”: "):
        await _references(house).of(await _opened(house, upload))


async def test_a_dead_link_is_named_as_bad_input(house: House):
    upload = house.world.attach(picture_bytes(), "cat.png")
    house.world.fetch_script = [BadInput("That attachment can no longer be read.")]

    with pytest.raises(BadInput, match=r"^“cat\.png”: That attachment can no longer be read\.$"):
        await _references(house).of(await _opened(house, upload))


async def test_discord_in_trouble_is_not_the_asker_s_mistake(house: House):
    upload = house.world.attach(picture_bytes())
    house.world.fetch_script = [UserFacingError("Discord did not hand over the attachment.")]

    job = await house.done(PictureRequest("as a painting", references=(upload,)))

    assert job.state is JobState.FAILED
    assert not isinstance(house.world.board.sorry[0][1], BadInput)
    assert await house.used() == 0


async def test_the_file_s_name_and_claims_do_not_matter(house: House):
    upload = house.world.attach(picture_bytes(kind="JPEG"), "scan.png")

    (prepared,) = await _references(house).of(await _opened(house, upload))

    assert prepared.media_type == "image/jpeg"


async def test_where_it_was_taken_goes_nowhere(house: House):
    file = io.BytesIO()
    picture = Image.new("RGB", (40, 20), (5, 5, 5))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    picture.save(file, "JPEG", exif=exif)
    upload = house.world.attach(file.getvalue(), "home.jpg")
    job = await _opened(house, upload)

    (prepared,) = await _references(house).of(job)

    (kept,) = await house.pictures.of_job(job.id, Role.REFERENCE)
    assert (kept.info.width, kept.info.height) == (20, 40), "upright"
    for data in (prepared.data, await house.blobs.get(kept.blob)):
        assert b"taken at home" not in data
        assert not Image.open(io.BytesIO(data)).getexif()


async def test_they_keep_their_order_and_are_read_once(house: House):
    uploads = [house.world.attach(picture_bytes((n * 60, 0, 0)), f"{n}.png") for n in range(4)]
    job = await _opened(house, *uploads)

    first = await _references(house).of(job)
    second = await _references(house).of(job)

    assert first == second
    assert [_red(one) for one in first] == pytest.approx([0, 60, 120, 180], abs=3)
    assert len(house.world.fetched) == 4


def _red(picture: PictureBytes) -> int:
    pixel = Image.open(io.BytesIO(picture.data)).convert("RGB").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel[0]


class TestStored:
    async def test_a_result_is_prepared_and_remembered_as_the_parent(self, house: House):
        before = await house.done()
        (picture,) = await house.pictures.of_job(before.id, Role.RESULT)
        job = await _opened(house, Stored(picture.id))

        (prepared,) = await _references(house).of(job)

        (kept,) = await house.pictures.of_job(job.id, Role.REFERENCE)
        assert kept.parents == (picture.id,)
        assert await house.blobs.get(kept.blob) == prepared.data

    async def test_a_reference_is_passed_on_as_it_is_with_its_own_parents(self, house: House):
        drawn = await house.done()
        (picture,) = await house.pictures.of_job(drawn.id, Role.RESULT)
        first = await _opened(house, Stored(picture.id))
        (once,) = await _references(house).of(first)
        second = await _opened(house, Stored(f"{first.id}-r0"))

        (twice,) = await _references(house).of(second)

        (kept,) = await house.pictures.of_job(second.id, Role.REFERENCE)
        assert twice == once
        assert kept.parents == (picture.id,)

    async def test_a_deleted_picture_is_said(self, house: House):
        with pytest.raises(NotFound, match="was deleted"):
            await _references(house).of(await _opened(house, Stored("1-0")))

    async def test_a_picture_whose_file_is_gone_is_said(self, house: House):
        drawn = await house.done()
        (picture,) = await house.pictures.of_job(drawn.id, Role.RESULT)
        await house.blobs.delete(picture.blob)

        job = await house.done(PictureRequest("again", references=(Stored(picture.id),)))

        assert job.failure == "That picture is not kept any more."
        assert await house.used() == 1
