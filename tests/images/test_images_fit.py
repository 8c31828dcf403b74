"""The model's pictures under an upload limit: untouched where possible, marked where not."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_files import SOUND, chunk, glass, photo, png, saved
from PIL import Image

from bot.domain.calls import PictureBytes
from bot.errors import PictureUnusable
from bot.images import encode
from bot.images.fit import _level, convert, fit, fit_all
from bot.images.inspect import inspect, verify

MARK = b"trainedAlgorithmicMedia"


def noise(side: int, mode: str = "RGB") -> Image.Image:
    """The picture that compresses worst."""
    bands = [Image.effect_noise((side, side), 120) for _ in mode]
    return Image.merge(mode, bands)


def test_damaged_picture_over_the_limit_is_refused():
    with pytest.raises(PictureUnusable, match="damaged"):
        fit(SOUND["png"]()[:-30], "image/png", 100)


def test_picture_that_cannot_get_small_enough_is_refused_in_words():
    with pytest.raises(PictureUnusable) as caught:
        fit(saved(noise(300), "PNG"), "image/png", 100)

    assert str(caught.value) == "That picture cannot be made small enough to send."


def test_fitting_picture_keeps_its_provenance_byte_for_byte():
    data = png(64, 64, chunk(b"caBX", b"\0\0\0\x10jumb a manifest"))

    kept = fit(data, "image/png", len(data))

    assert kept == PictureBytes(data, "image/png")
    assert b"caBX" in kept.data


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("kind", "expected"), [("PNG", "image/webp"), ("WEBP", "image/webp"), ("JPEG", "image/jpeg")]
)
@pytest.mark.parametrize("share", [0.9, 0.4, 0.1, 0.02])
def test_picture_over_the_limit_is_made_to_fit_and_marked(kind, expected, share):
    data = saved(noise(400), kind, quality=100)
    limit = int(len(data) * share)

    kept = fit(data, f"image/{kind.lower()}", limit)

    assert kept.media_type == expected
    assert verify(kept.data).media_type == expected
    assert len(kept.data) <= limit
    assert MARK in kept.data


def test_a_little_over_the_limit_costs_no_pixels():
    data = saved(photo(300, 200), "PNG")

    assert inspect(fit(data, "image/png", len(data) - 1).data).width == 300


@pytest.mark.further
def test_alpha_survives():
    kept = fit(saved(glass(400, 300), "PNG"), "image/png", 8000)

    alpha = Image.open(io.BytesIO(kept.data)).getchannel("A")
    assert min(alpha.tobytes()) < 10
    assert max(alpha.tobytes()) > 245


@pytest.mark.further
def test_large_result_fits_in_good_time():
    data = saved(noise(1200), "PNG")
    assert len(data) > 3 * 2**20
    started = time.thread_time()

    kept = fit(data, "image/png", 3 * 2**20)

    assert inspect(kept.data).width == 1200
    assert time.thread_time() - started < 5


@pytest.mark.parametrize("target", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("source", SOUND)
def test_conversion_gives_the_format_and_the_mark(source, target):
    data = SOUND[source]()

    kept = convert(data, f"image/{target}")

    assert verify(kept.data).media_type == kept.media_type == f"image/{target}"
    assert (kept.data == data) == (source == target)
    assert (MARK in kept.data) == (source != target)


def test_conversion_to_png_loses_nothing():
    data = saved(glass(), "WEBP", lossless=True, exact=True)

    assert Image.open(io.BytesIO(convert(data, "image/png").data)).tobytes() == glass().tobytes()


def test_conversion_to_jpeg_puts_clear_places_on_white():
    data = saved(Image.new("RGBA", (16, 16), (0, 0, 0, 0)), "PNG")

    picture = Image.open(io.BytesIO(convert(data, "image/jpeg").data))

    assert picture.getpixel((8, 8)) == (255, 255, 255)


def test_jpeg_is_the_same_where_no_file_lives_in_memory(monkeypatch):
    expected = convert(SOUND["png"](), "image/jpeg")
    monkeypatch.delattr("os.memfd_create", raising=False)

    assert convert(SOUND["png"](), "image/jpeg") == expected


def test_conversion_to_another_format_is_refused():
    with pytest.raises(PictureUnusable, match="PNG, JPEG or WebP"):
        convert(SOUND["png"](), "image/tiff")


@pytest.mark.further
def test_files_of_one_message_fit_together_and_the_largest_pay():
    large, middle, small = (PictureBytes(saved(noise(side), "PNG"), "image/png") for side in (400, 250, 40))
    each, total = len(large.data) - 1, len(middle.data) + len(small.data) + len(large.data) // 3

    kept = fit_all([small, large, middle], each=each, total=total)

    sizes = [len(picture.data) for picture in kept]
    assert sum(sizes) <= total
    assert max(sizes) <= each
    assert kept[0] == small
    assert kept[1] != large


def test_files_that_fit_stay_as_they_are():
    pictures = tuple(PictureBytes(make(), f"image/{kind}") for kind, make in SOUND.items())

    assert fit_all(pictures, each=10**6, total=10**7) == pictures
    assert fit_all([], each=1, total=1) == ()


def test_each_file_obeys_its_own_limit_as_well():
    picture = PictureBytes(saved(noise(200), "PNG"), "image/png")

    (kept,) = fit_all([picture], each=20_000, total=10**7)

    assert len(kept.data) <= 20_000


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=10), st.integers(10, 10**7))
def test_level_never_exceeds_the_total_and_wastes_nothing(sizes, total):
    cap = _level(sizes, total)

    cut = [min(size, cap) for size in sizes]
    assert sum(cut) <= total
    assert cut == sizes or sum(cut) > total - len(sizes)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.99, 0.6, 0.3])
def test_an_ordinary_picture_over_the_limit_is_encoded_twice_at_most(kind, share, monkeypatch):
    data = saved(Image.blend(photo(600, 400), noise(600).crop((0, 0, 600, 400)), 0.1), kind, quality=95)
    encoded: list[bytes] = []

    def counting(name: str) -> None:
        original = getattr(encode, name)

        def counted(*args: object, **options: object) -> bytes:
            encoded.append(original(*args, **options))
            return encoded[-1]

        monkeypatch.setattr(encode, name, counted)

    counting("jpeg")
    counting("webp")
    kept = fit(data, f"image/{kind.lower()}", int(share * len(data)))

    assert kept.data == encoded[-1]
    assert len(encoded) <= 2
