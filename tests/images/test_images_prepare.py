"""What a person uploaded becomes upright sRGB pixels, and nothing else."""

from __future__ import annotations

import io
import zipfile
from typing import cast

import pytest
from image_files import (
    ANIMATED,
    SECRET,
    SOUND,
    chunk,
    colour_distance,
    exif,
    glass,
    p3_profile,
    phone,
    photo,
    png,
    ramp16,
    saved,
    segment,
    srgb_of_p3,
    wide,
    ycck,
    zipped,
)
from PIL import Image, ImageChops, ImageCms
from time_kit import fastest_s

from bot.errors import PictureUnusable
from bot.images import pixels
from bot.images.inspect import MAX_BYTES, open_picture, verify
from bot.images.prepare import prepare


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def shown(data: bytes) -> Image.Image:
    return pixels.shown(open_picture(data, max_bytes=MAX_BYTES))


def pixel(image: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    return cast("tuple[int, ...]", image.getpixel(place))


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return max(high for _, high in cast("list[tuple[int, int]]", difference.getextrema()))


def key_of_corner() -> bytes:
    """A grey picture whose first pixel's grey is the transparent one."""
    grey = photo().convert("L")
    return saved(grey, "PNG", transparency=grey.getpixel((0, 0)))


def test_damaged_pixels_are_refused_in_words_for_a_guest():
    with pytest.raises(PictureUnusable) as caught:
        prepare(SOUND["jpeg"]()[:-200])

    assert str(caught.value) == "That picture is damaged or of a rare kind. Save it again as PNG or JPEG."


def turned_by_hand(image: Image.Image, orientation: int) -> Image.Image:
    """The definition of EXIF 2.32 §4.6.5, pixel by pixel: where row 0 and column 0 are on the shown side."""
    width, height = image.size
    size = (height, width) if orientation > 4 else (width, height)
    place = {
        1: lambda x, y: (x, y),
        2: lambda x, y: (width - 1 - x, y),
        3: lambda x, y: (width - 1 - x, height - 1 - y),
        4: lambda x, y: (x, height - 1 - y),
        5: lambda x, y: (y, x),
        6: lambda x, y: (height - 1 - y, x),
        7: lambda x, y: (height - 1 - y, width - 1 - x),
        8: lambda x, y: (y, width - 1 - x),
    }[orientation]
    result = Image.new(image.mode, size)
    for x in range(width):
        for y in range(height):
            result.putpixel(place(x, y), pixel(image, (x, y)))
    return result


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_every_orientation_is_turned_pixel_by_pixel(kind, orientation):
    original = glass(12, 8)
    data = saved(
        original,
        kind,
        exif=exif(orientation),
        **({"lossless": True, "exact": True} if kind == "WEBP" else {}),
    )

    kept = prepare(data)

    assert kept.media_type == "image/png"
    assert opened(kept.data).tobytes() == turned_by_hand(original, orientation).tobytes()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_jpeg_is_turned(orientation):
    data = saved(photo(), "JPEG", exif=exif(orientation), quality=95)

    kept = prepare(data)

    expected = turned_by_hand(opened(data), orientation)
    assert opened(kept.data).size == expected.size
    assert largest_difference(opened(kept.data), expected) < 24


def test_sixteen_bit_grey_is_scaled_not_clipped():
    greys = shown(ramp16()).getchannel("R").tobytes()

    assert greys == bytes(y for y in range(256) for _ in range(256))


@pytest.mark.parametrize(
    ("pixel", "color", "expected"),
    [
        pytest.param(b"\x80\x00", 0, (128, 128, 128), id="grey"),
        pytest.param(b"\x80\0\x40\0\x20\0", 2, (128, 64, 32), id="rgb"),
        pytest.param(b"\x80\0\x40\0", 4, (128, 128, 128, 64), id="grey and alpha"),
        pytest.param(b"\x80\0\x40\0\x20\0\x10\0", 6, (128, 64, 32, 16), id="rgba"),
    ],
)
def test_sixteen_bit_colours_keep_their_upper_half(pixel, color, expected):
    assert shown(wide(pixel, color)).getpixel((0, 0)) == expected


def test_transparency_key_of_a_sixteen_bit_picture_does_not_break_it():
    assert shown(wide(b"\x80\0" * 3, 2, chunk(b"tRNS", b"\x80\0" * 3))).getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize("colour", [(200, 100, 50), (60, 120, 160), (128, 128, 128), (150, 170, 90)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_wide_gamut_colours_become_srgb_by_no_difference_that_is_seen(kind, colour):
    options = {"quality": 100} if kind != "PNG" else {}
    data = saved(Image.new("RGB", (32, 32), colour), kind, icc_profile=p3_profile(), **options)

    kept = opened(prepare(data).data)

    assert "icc_profile" not in kept.info
    red, green, blue = pixel(kept.convert("RGB"), (16, 16))
    assert colour_distance((red, green, blue), srgb_of_p3(colour)) < 2


def test_an_srgb_profile_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert shown(saved(photo(), "PNG", icc_profile=profile)).tobytes() == photo().tobytes()


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(b"\0" * 16 + b"RGB " + b"\1" * 200, id="broken"),
        pytest.param(b"x", id="one byte"),
        pytest.param(p3_profile().replace(b"RGB ", b"CMYK", 1), id="of another colour space"),
    ],
)
def test_a_profile_that_does_not_apply_is_ignored(profile):
    assert shown(saved(photo(), "PNG", icc_profile=profile)).tobytes() == photo().tobytes()


def test_transparent_picture_keeps_alpha_and_its_colours_through_a_profile():
    kept = shown(saved(glass(), "PNG", icc_profile=p3_profile()))

    assert kept.getchannel("A").tobytes() == glass().getchannel("A").tobytes()
    assert kept.convert("RGB").tobytes() != glass().convert("RGB").tobytes()


def test_cmyk_red_is_red():
    data = saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100)

    red, green, blue = pixel(shown(data), (8, 8))

    assert red > 250
    assert max(green, blue) < 5


def test_ycck_is_read_as_photoshop_means_it():
    assert largest_difference(shown(ycck()), opened(ycck())) == 0


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(lambda: saved(glass().convert("LA"), "PNG"), "image/png", id="grey and alpha"),
        pytest.param(lambda: saved(photo().quantize(9), "GIF", transparency=3), "image/png", id="gif key"),
        pytest.param(key_of_corner, "image/png", id="grey with key"),
        pytest.param(lambda: saved(photo().convert("RGBA"), "PNG"), "image/jpeg", id="opaque alpha"),
        pytest.param(lambda: saved(photo().convert("1"), "PNG"), "image/jpeg", id="1-bit"),
        pytest.param(lambda: saved(photo().quantize(16), "PNG"), "image/jpeg", id="palette"),
    ],
)  # fmt: skip
def test_alpha_is_kept_only_where_it_shows(make, expected):
    assert prepare(make()).media_type == expected


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ANIMATED)
def test_first_of_many_frames_is_taken_soon(kind):
    data = ANIMATED[kind](2000, 40)
    kept = prepare(data)

    assert largest_difference(opened(kept.data), Image.new("RGB", (2000, 2000), "red")) < 4
    assert kept == prepare(ANIMATED[kind](2000, 1))
    assert fastest_s(lambda: prepare(data), 3) < 0.5


def test_phone_photograph_is_upright_small_and_without_a_place():
    kept = prepare(phone())

    picture = opened(kept.data)
    assert (kept.media_type, picture.size) == ("image/jpeg", (1500, 2000))
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    expected = photo(4000, 3000).resize((256, 192)).transpose(Image.Transpose.ROTATE_270)
    assert largest_difference(picture.resize((192, 256)), expected) < 24


def everything(kind: str) -> bytes:
    """A file with words in each place that its format has for them."""
    if kind == "PNG":
        texts = chunk(b"tEXt", b"Comment\0" + SECRET), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET)
        return png(8, 8, *texts, chunk(b"eXIf", exif(3)), chunk(b"prIv", SECRET)) + SECRET
    if kind == "JPEG":
        data = saved(photo(), "JPEG", exif=exif(3), xmp=SECRET, comment=SECRET, icc_profile=p3_profile())
        return data[:2] + segment(0xED, b"Photoshop 3.0\0" + SECRET) + data[2:] + SECRET
    if kind == "WEBP":
        return saved(photo(), "WEBP", exif=exif(3), xmp=SECRET, icc_profile=p3_profile()) + SECRET
    return saved(photo().quantize(16), "GIF", comment=SECRET) + SECRET


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_nothing_but_pixels_is_carried_over(kind):
    data = everything(kind)
    assert SECRET in data

    kept = prepare(data)

    assert SECRET not in kept.data
    assert not {"exif", "xmp", "comment", "icc_profile", "Comment"} & set(opened(kept.data).info)


@pytest.mark.parametrize("kind", SOUND)
def test_equal_files_give_equal_bytes(kind):
    assert prepare(SOUND[kind]()) == prepare(SOUND[kind]())


def test_small_picture_is_not_enlarged():
    assert opened(prepare(SOUND["png"]()).data).size == (96, 64)


@pytest.mark.further
def test_draft_decoding_shows_the_same_picture():
    kept = prepare(phone(), max_side=512)

    assert opened(kept.data).size == (375, 500)
    expected = photo(4000, 3000).resize((96, 72)).transpose(Image.Transpose.ROTATE_270)
    assert largest_difference(opened(kept.data).resize((72, 96)), expected) < 24


@pytest.mark.further
@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(photo(800, 600), "image/jpeg", id="opaque"),
        pytest.param(glass(800, 600), "image/webp", id="clear"),
    ],
)
def test_a_limit_of_bytes_is_kept(image, expected):
    kept = prepare(saved(image, "PNG"), max_bytes=6000)

    assert kept.media_type == expected
    assert len(kept.data) <= 6000
    assert verify(kept.data).media_type == expected


def test_shrinking_averages_all_pixels():
    """A lattice that shows one thing to those who pick pixels and another to those who average."""
    lattice = Image.new("RGB", (64, 64), "white")
    for x in range(0, 64, 8):
        for y in range(0, 64, 8):
            lattice.putpixel((x + 4, y + 4), (0, 0, 0))

    small = opened(prepare(saved(lattice, "PNG"), max_side=8).data)

    assert min(low for low, _ in cast("list[tuple[int, int]]", small.getextrema())) > 230


@pytest.mark.parametrize("make", [lambda: SOUND["jpeg"]() + zipped(), lambda: SOUND["png"]() + zipped()])
def test_a_picture_that_is_a_zip_as_well_is_only_a_picture_afterwards(make):
    assert zipfile.is_zipfile(io.BytesIO(make()))

    assert not zipfile.is_zipfile(io.BytesIO(prepare(make()).data))


def test_half_of_a_large_jpeg_will_do_where_it_is_nearly_the_wish():
    sizes = [
        opened(prepare(saved(photo(side, 300), "JPEG"), max_side=400).data).width for side in (720, 719, 401)
    ]

    assert sizes == [360, 400, 400]
