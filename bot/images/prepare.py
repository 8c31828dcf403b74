"""What a person uploaded, made into what the model gets and Easel keeps."""

from __future__ import annotations

from bot.domain.calls import PictureBytes
from bot.images import encode, inspect, pixels

QUALITY = 90


def prepare(data: bytes, *, max_side: int = 2048, max_bytes: int = 4 * 1024 * 1024) -> PictureBytes:
    """Return the first frame upright, in sRGB, at most `max_side` pixels a side, in at most `max_bytes`.

    Nothing but pixels is carried over: no EXIF, position, text, profile or trailing bytes. Equal files give
    equal bytes. A picture that is transparent somewhere becomes PNG, or WebP where a PNG is too large; any
    other becomes JPEG. Raises PictureUnusable with what is wrong.
    """
    opened = inspect.open_picture(data, max_bytes=inspect.MAX_BYTES)
    image = pixels.shown(opened, max_side=max_side)
    if image.mode == "RGB":
        return PictureBytes(encode.within(image, "image/jpeg", QUALITY, max_bytes), "image/jpeg")
    lossless = encode.png(image)
    if len(lossless) <= max_bytes:
        return PictureBytes(lossless, "image/png")
    return PictureBytes(encode.within(image, "image/webp", QUALITY, max_bytes), "image/webp")
