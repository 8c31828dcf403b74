"""A small copy of a picture for whoever only has to see what it shows."""

from __future__ import annotations

from PIL import Image

from bot.domain.calls import PictureBytes
from bot.images import encode, inspect, pixels

QUALITY = 85
PAPER = (128, 128, 128)
"""Behind what is transparent: on white, what is drawn in white would not be seen, and on black the other."""


def glance(data: bytes, *, max_side: int = 1024, max_bytes: int = 512 * 1024) -> PictureBytes:
    """Return the first frame upright as JPEG, at most `max_side` pixels a side, in at most `max_bytes`.

    Raises PictureUnusable where it is damaged.
    """
    image = pixels.shown(inspect.open_picture(data, max_bytes=inspect.MAX_MODEL_BYTES), max_side=max_side)
    if image.mode != "RGB":
        paper = Image.new("RGB", image.size, PAPER)
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    return PictureBytes(encode.within(image, "image/jpeg", QUALITY, max_bytes), "image/jpeg")
