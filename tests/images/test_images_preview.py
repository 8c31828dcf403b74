"""Small copies for lists: few bytes, the same picture."""

from __future__ import annotations

import io

import pytest
from image_files import SECRET, SOUND, exif, glass, p3_profile, photo, saved
from PIL import Image, ImageChops

from bot.errors import PictureUnusable
from bot.images.inspect import verify
from bot.images.preview import preview


def test_a_damaged_picture_has_no_preview():
    with pytest.raises(PictureUnusable, match="damaged"):
        preview(SOUND["png"]()[:-30])


@pytest.mark.further
@pytest.mark.parametrize(
    ("image", "expected"),
    [(photo(900, 600), ("image/jpeg", 320, 213)), (glass(600, 900), ("image/webp", 213, 320))],
    ids=["opaque", "clear"],
)
def test_a_preview_is_small_and_keeps_what_shows(image, expected):
    kept = preview(saved(image, "PNG"))

    info = verify(kept.data)
    assert (kept.media_type, info.width, info.height) == expected
    assert info.media_type == kept.media_type
    assert len(kept.data) <= 64 * 1024
    shown = Image.open(io.BytesIO(kept.data))
    difference = ImageChops.difference(shown.convert("RGBA"), image.resize(shown.size).convert("RGBA"))
    assert max(difference.crop((10, 10, 200, 200)).tobytes()) < 48


def test_a_preview_is_upright_and_carries_no_words_of_a_person():
    kept = preview(saved(photo(), "JPEG", exif=exif(6), icc_profile=p3_profile()))

    assert (verify(kept.data).width, verify(kept.data).height) == (64, 96)
    assert SECRET not in kept.data
    assert b"trainedAlgorithmicMedia" in kept.data


def test_noise_is_made_smaller_until_it_fits():
    kept = preview(saved(Image.effect_noise((500, 500), 200), "PNG"), max_bytes=5000)

    assert len(kept.data) <= 5000
