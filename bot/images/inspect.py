"""What a picture is, by its own bytes, and whether Easel takes it."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from bot.domain.images import PictureInfo
from bot.errors import PictureUnusable
from bot.images import structure
from bot.images.structure import Container, damaged
from bot.texts import number, tr

if TYPE_CHECKING:
    from collections.abc import Generator

MAX_BYTES = 20 * 1024 * 1024
"""The largest file taken from a person."""
MAX_MODEL_BYTES = 64 * 1024 * 1024
"""The largest file taken from a model: it is paid for, and `fit` makes it small enough to post."""
MAX_PIXELS = 25_000_000
MAX_SIDE = 12_000

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, zlib.error)
"""What Pillow's decoders raise for broken files, found by flipping and cutting them."""
_ORIENTATION_TAG = 0x0112
_SIDEWAYS = frozenset({5, 6, 7, 8})


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture whose header is read and within the limits; its pixels are not decoded yet."""

    image: Image.Image
    info: PictureInfo
    orientation: int
    """How to turn it: 1 to 8, as in EXIF."""
    is_whole: bool


def inspect(data: bytes) -> PictureInfo:
    """Return what a person's file is, from its header alone; raise PictureUnusable with what is wrong."""
    return open_picture(data, max_bytes=MAX_BYTES).info


def verify(data: bytes) -> PictureInfo:
    """Return what a model's picture is, having read all of it; raise PictureUnusable where it is damaged.

    Stricter than a viewer: a file cut by its last byte fails too. A PNG's checksums show each cut and each
    flipped bit at a twentieth of the cost of decoding. The other formats have none and are decoded, JPEG at
    an eighth of its size: that reads every byte as well.
    """
    opened = open_picture(data, max_bytes=MAX_MODEL_BYTES)
    if not opened.is_whole:
        raise damaged()
    if opened.info.media_type != "image/png":
        with damage_named():
            opened.image.draft(None, (1, 1))
            opened.image.load()
    return opened.info


def working_bytes(info: PictureInfo, *, encodes_again: bool = False) -> int:
    """Return about how much memory it takes to work on a picture, in bytes: the weight of such a job.

    Measured at 25 MP: 4 to 8 bytes a pixel for JPEG, up to 15 for the others, and with all pixels encoded
    as WebP again (`fit`, `convert`) up to 30.
    """
    usual = 8 if info.media_type == "image/jpeg" else 16
    return 2 * info.size_bytes + (30 if encodes_again else usual) * info.width * info.height


def open_picture(data: bytes, *, max_bytes: int) -> Opened:
    """Open a picture within the limits, or raise PictureUnusable."""
    if len(data) > max_bytes:
        raise PictureUnusable(
            tr("That file is too large. At most {megabytes} MiB are possible.", megabytes=max_bytes // 2**20)
        )
    container = structure.read(data)
    _check_size(container)
    with damage_named():
        image = Image.open(io.BytesIO(container.data), formats=(_FORMATS[container.media_type],))
    if image.size != (container.width, container.height):
        raise damaged()
    orientation = _orientation(container.exif)
    width, height = image.size[::-1] if orientation in _SIDEWAYS else image.size
    info = PictureInfo(container.media_type, width, height, len(data))
    return Opened(image, info, orientation, container.is_whole)


@contextmanager
def damage_named() -> Generator[None]:
    """Turn whatever Pillow raises for a broken file into PictureUnusable."""
    try:
        yield
    except _BROKEN as error:
        raise damaged() from error


def _check_size(container: Container) -> None:
    """Raise PictureUnusable for more pixels than Easel decodes."""
    width, height = container.width, container.height
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PictureUnusable(
            tr(
                "That picture is too large ({width} × {height} pixels). At most {megapixels} megapixels and "
                "{side} pixels a side are possible.",
                width=width,
                height=height,
                megapixels=MAX_PIXELS // 1_000_000,
                side=number(MAX_SIDE),
            )
        )


def _orientation(exif: bytes) -> int:
    """Return the orientation in an EXIF block, or 1 where there is none that makes sense."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        return _orientation_entry(tiff, order)
    except struct.error:
        return 1


def _orientation_entry(tiff: bytes, order: str) -> int:
    """Find the orientation among the entries of a TIFF's first directory."""
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    for entry in range(count):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * entry)
        if tag == _ORIENTATION_TAG:
            return value if 1 <= value <= 8 else 1
    return 1
