"""From an accepted request to encoded pictures: painted by the artist, in the format that was asked."""

from __future__ import annotations

import functools
import hashlib
import io
from typing import TYPE_CHECKING

import pybase64
from PIL import Image

from sandbox.model.artist import Commission, paint
from sandbox.model.brush import stretched
from sandbox.model.replies import EncodedPicture

if TYPE_CHECKING:
    from sandbox.model.asks import Ask

MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
JPEG_QUALITY = 90
BLURS = (48, 20, 8)
"""The size in pixels of the details that each partial picture lacks."""
LATEST = 32
"""How many pictures are kept, some megabytes of them, in case that somebody asks for the same again."""


def draw(ask: Ask) -> tuple[EncodedPicture, ...]:
    """Return the pictures of a request; the same request always gives the same bytes."""
    return tuple(_draw_one(ask, index) for index in range(ask.count))


def _draw_one(ask: Ask, index: int) -> EncodedPicture:
    """Return one picture."""
    commission = Commission(
        prompt=ask.prompt,
        size=ask.size,
        token=_token(ask, index),
        quality=ask.quality,
        transparent=ask.background == "transparent",
        references=tuple(reference.data for reference in ask.references),
    )
    return _painted(commission, ask.output_format, ask.compression)


@functools.lru_cache(maxsize=LATEST)
def _painted(commission: Commission, output_format: str, compression: int | None) -> EncodedPicture:
    """Paint and encode a picture, unless it is one of the latest."""
    return EncodedPicture.of(
        encode(paint(commission), output_format, compression), MEDIA_TYPES[output_format]
    )


def _token(ask: Ask, index: int) -> bytes:
    """Return what decides every stroke: words, seed, place in the row, and the references' content."""
    digest = hashlib.sha256(f"{ask.prompt}\0{ask.seed}\0{index}".encode())
    for reference in ask.references:
        digest.update(hashlib.sha256(reference.data).digest())
    return digest.digest()


def partials(picture: EncodedPicture, output_format: str) -> tuple[EncodedPicture, ...]:
    """Return what a picture looks like while it is drawn: blurred at first, then sharper."""
    with Image.open(io.BytesIO(pybase64.b64decode(picture.base64))) as image:
        image.load()
        return tuple(
            EncodedPicture.of(encode(_blurred(image, factor), output_format), picture.media_type)
            for factor in BLURS
        )


def _blurred(image: Image.Image, factor: int) -> Image.Image:
    """Return a picture without the details that are smaller than `factor` pixels."""
    return stretched(image.reduce(factor), *image.size)


def encode(image: Image.Image, output_format: str, compression: int | None = None) -> bytes:
    """Encode a picture; `compression` is the quality of jpeg and webp, from 0 to 100."""
    file = io.BytesIO()
    quality = JPEG_QUALITY if compression is None else max(1, compression)
    if output_format == "png":
        image.save(file, "PNG", compress_level=1)
    elif output_format == "jpeg":
        image.convert("RGB").save(file, "JPEG", quality=quality)
    else:
        image.save(file, "WEBP", quality=quality, method=0)
    return file.getvalue()


def encode_jpeg(data: bytes) -> bytes:
    """Return an encoded picture as JPEG."""
    with Image.open(io.BytesIO(data)) as image:
        return encode(image, "jpeg")
