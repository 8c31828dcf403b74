"""A small copy of a picture, for lists and galleries."""

from __future__ import annotations

from bot.domain.calls import PictureBytes
from bot.images import encode, inspect, pixels

QUALITY = 85


def preview(data: bytes, *, max_side: int = 320, max_bytes: int = 64 * 1024) -> PictureBytes:
    """Return the picture upright with at most `max_side` pixels a side, in at most `max_bytes`.

    JPEG, or WebP where something is transparent; marked as made by a model. Raises PictureUnusable where it
    is damaged.
    """
    opened = inspect.open_picture(data, max_bytes=inspect.MAX_MODEL_BYTES)
    image = pixels.shown(opened, max_side=max_side)
    media_type = "image/jpeg" if image.mode == "RGB" else "image/webp"
    return PictureBytes(
        encode.within(image, media_type, QUALITY, max_bytes, xmp=encode.XMP_GENERATED), media_type
    )
