from __future__ import annotations

import io

import pytest
from image_files import saved
from PIL import Image

from bot.errors import PictureUnusable
from bot.images.glance import PAPER, glance


@pytest.mark.further
def test_a_glance_is_small_whatever_the_picture_is():
    seen = glance(saved(Image.effect_noise((3000, 800), 100).convert("RGB"), "PNG"), max_bytes=200_000)

    with Image.open(io.BytesIO(seen.data)) as image:
        assert (image.format, max(image.size) <= 1024) == ("JPEG", True)
    assert len(seen.data) <= 200_000


def test_white_on_nothing_is_seen():
    drawn = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    drawn.paste((255, 255, 255, 255), (16, 16, 48, 48))

    with Image.open(io.BytesIO(glance(saved(drawn, "PNG")).data)) as image:
        middle, corner = image.crop((32, 32, 33, 33)).tobytes(), image.crop((2, 2, 3, 3)).tobytes()

    assert all(abs(shade - 255) < 8 for shade in middle)
    assert all(abs(a - b) < 8 for a, b in zip(corner, PAPER, strict=True))


def test_what_is_damaged_is_said():
    with pytest.raises(PictureUnusable):
        glance(saved(Image.new("RGB", (64, 64)), "PNG")[:70])
