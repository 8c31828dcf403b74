"""The model's pictures, made small enough to be posted.

A picture that fits goes out byte for byte, which keeps its provenance (a C2PA manifest does not survive
encoding again). One that is encoded again is marked as made by a model, in XMP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.calls import PictureBytes
from bot.errors import PictureUnusable
from bot.images import encode, inspect, pixels
from bot.images.encode import XMP_GENERATED
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

JPEG_QUALITY = 92
WEBP_QUALITY = 90


def fit(data: bytes, media_type: str, max_bytes: int) -> PictureBytes:
    """Return the picture unchanged when it has at most `max_bytes`, else encoded again until it has.

    JPEG stays JPEG; everything else becomes WebP, which keeps alpha. Raises PictureUnusable where the
    picture is damaged, or cannot be made that small.
    """
    if len(data) <= max_bytes:
        return PictureBytes(data, media_type)
    opened = inspect.open_picture(data, max_bytes=inspect.MAX_MODEL_BYTES)
    image = pixels.shown(opened)
    target, quality = ("image/webp", WEBP_QUALITY)
    if opened.info.media_type == "image/jpeg":
        target, quality = ("image/jpeg", JPEG_QUALITY)
    return PictureBytes(encode.within(image, target, quality, max_bytes, xmp=XMP_GENERATED), target)


def convert(data: bytes, media_type: str) -> PictureBytes:
    """Return the picture as `image/png`, `image/jpeg` or `image/webp`; unchanged when it is that already.

    JPEG knows no alpha: transparent places become white. Raises PictureUnusable where the picture is damaged
    or the format is none of the three.
    """
    opened = inspect.open_picture(data, max_bytes=inspect.MAX_MODEL_BYTES)
    if opened.info.media_type == media_type:
        return PictureBytes(data, media_type)
    image = pixels.shown(opened)
    if media_type == "image/png":
        return PictureBytes(encode.png(image, xmp=XMP_GENERATED), media_type)
    if media_type == "image/jpeg":
        return PictureBytes(encode.jpeg(image, JPEG_QUALITY, xmp=XMP_GENERATED), media_type)
    if media_type == "image/webp":
        return PictureBytes(encode.webp(image, WEBP_QUALITY, xmp=XMP_GENERATED), media_type)
    raise PictureUnusable(tr("Pictures can be saved as PNG, JPEG or WebP."))


def fit_all(pictures: Sequence[PictureBytes], *, each: int, total: int) -> tuple[PictureBytes, ...]:
    """Fit the files of one message: none over `each` bytes, all together not over `total`.

    What is over the total is taken from the largest; smaller pictures stay as they are.
    """
    most = cap([len(picture.data) for picture in pictures], each=each, total=total)
    return tuple(fit(picture.data, picture.media_type, most) for picture in pictures)


def cap(sizes: Sequence[int], *, each: int, total: int) -> int:
    """Return how large a file of one message may be; those that are not larger stay as they are."""
    return min(each, _level(sizes, total))


def _level(sizes: Sequence[int], total: int) -> int:
    """Return the cap that brings the sum of sizes down to `total`, cutting the largest ones level."""
    left = total
    for taken, size in enumerate(sorted(sizes)):
        share = left // (len(sizes) - taken)
        if size > share:
            return share
        left -= size
    return max(sizes, default=0)
