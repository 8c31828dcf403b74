"""Pieces of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.calls import PictureBytes
from bot.images import encode, inspect, pixels
from bot.images.prepare import QUALITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.strips import Box


def cut(data: bytes, boxes: Sequence[Box]) -> tuple[PictureBytes, ...]:
    """Return pieces of a picture: as JPEG, or as PNG where it is transparent somewhere.

    Raises PictureUnusable with what is wrong.
    """
    whole = pixels.shown(inspect.open_picture(data, max_bytes=inspect.MAX_BYTES))
    cropped = [whole.crop(box) for box in boxes]
    if whole.mode == "RGB":
        return tuple(PictureBytes(encode.jpeg(one, QUALITY), "image/jpeg") for one in cropped)
    return tuple(PictureBytes(encode.png(one), "image/png") for one in cropped)
