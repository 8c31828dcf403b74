"""What the outside of a picture file says: its size, and the parts that a decoder needs.

Pillow reads headers in Python, chunk after chunk, without a bound: five million empty comments, or text
that unpacks to gigabytes, keep it busy for seconds. These walks have bounds. They find the size before
anything is decoded, and drop what no decoder needs: text, thumbnails, later frames, trailing bytes.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import PictureUnusable
from bot.images import sniff
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BLOCKS = 4096
"""Blocks before the first frame of a GIF, which are comments and settings."""
MIN_CHUNK_BYTES = 2048
"""The least average length of a PNG's chunks; libpng writes 8 KiB each, and a few small ones are free."""
FREE_CHUNKS = 1024
MAX_SEGMENTS = 1024
"""Segments of a JPEG; an ICC profile takes at most 255 of them, and the largest file's metadata 320."""
MAX_SCANS = 50
"""Scans of a progressive JPEG: ordinary ones have about ten, and each walks over the whole picture."""
WINDOW = 256 * 1024
"""How far one search goes, in bytes, so that other threads get their turn in between."""

MAX_DEFLATION = 1032
"""How many bytes deflate makes of one at most (zlib's technical details, "maximum compression factor")."""

_PNG_CHANNELS = {2: 3, 4: 2, 6: 4}
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_EXIF = b"Exif\0\0"
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOS, _EOI, _SOI, _TEM, _COM, _APP1 = 0xDA, 0xD9, 0xD8, 0x01, 0xFE, 0xE1
_JPEG_KEPT_APPS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}


@dataclass(frozen=True, slots=True)
class Container:
    """A picture file without what decoding does not need; width and height as stored, not yet upright."""

    media_type: str
    width: int
    height: int
    data: bytes
    is_whole: bool
    """Whether the file ends as its format says it must, and can hold as many pixels as it claims."""
    exif: bytes = b""
    """The EXIF block, kept apart: Pillow's own reader chokes on broken ones."""


def damaged() -> PictureUnusable:
    """Return the error for a picture that cannot be decoded."""
    return PictureUnusable(tr("That picture is damaged or of a rare kind. Save it again as PNG or JPEG."))


def read(data: bytes) -> Container:
    """Walk over a file's parts; raise PictureUnusable when it is no picture, or not a sound one."""
    media_type = sniff.media_type(data)
    walk = {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/webp": _webp}[media_type]
    try:
        container = walk(data)
    except (IndexError, struct.error) as error:
        raise damaged() from error
    if not container.width or not container.height:
        raise damaged()
    return container


def _png(data: bytes) -> Container:
    """Keep what decoding takes; demand sound checksums, which Pillow does not look at for pixels."""
    kept: list[bytes | memoryview] = [data[:8]]
    extras: dict[bytes, memoryview] = {}
    seen: set[bytes] = set()
    packed = 0
    for kind, chunk in _png_chunks(data):
        is_sound = zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
        if kind in _PNG_KEPT and is_sound:
            kept.append(chunk)
        elif not kind[0] & 0x20:  # a critical chunk, says the case of its name
            raise damaged()
        elif is_sound:
            extras.setdefault(kind, chunk)
        if (kind == b"IHDR") != (not seen):
            raise damaged()
        seen.add(kind)
        packed += len(chunk) - 12 if kind == b"IDAT" else 0
    if b"IEND" not in seen or b"IDAT" not in seen:
        raise damaged()
    kept.insert(2, extras.get(b"iCCP", b""))
    exif = bytes(extras.get(b"eXIf", b"")[8:-4])
    is_whole = packed * MAX_DEFLATION >= _png_rows_bytes(data)
    return Container("image/png", *_png_size(data), b"".join(kept), is_whole=is_whole, exif=exif)


def _png_size(data: bytes) -> tuple[int, int]:
    """Read width and height from the header chunk."""
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _png_rows_bytes(data: bytes) -> int:
    """Return how many bytes the rows of the header's picture take, unpacked."""
    width, height, depth, color = struct.unpack_from(">IIBB", data, 16)
    return height * (1 + width * depth * _PNG_CHANNELS.get(color, 1) // 8)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield each chunk's type and the whole chunk, up to and with IEND; stop where the file is cut."""
    view = memoryview(data)
    at = 8
    count = 0
    while count < FREE_CHUNKS + at // MIN_CHUNK_BYTES:
        count += 1
        if at + 12 > len(data):
            return
        end = at + 12 + int.from_bytes(view[at : at + 4], "big")
        if end > len(data):
            return
        kind = bytes(view[at + 4 : at + 8])
        yield kind, view[at:end]
        if kind == b"IEND":
            return
        at = end


def _jpeg(data: bytes) -> Container:
    """Keep tables, frame, scans and profile; stop at the first end marker."""
    kept: list[bytes] = [data[:2]]
    size: tuple[int, int] | None = None
    exif = b""
    scans = 0
    for marker, segment, scan in _jpeg_segments(data):
        if marker == _EOI:
            return _jpeg_container([*kept, b"\xff\xd9"], size, exif, is_whole=True)
        scans += marker == _SOS
        if scans > MAX_SCANS or marker == _SOI or (marker in _SOF and size):
            raise damaged()
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", segment, 5)
            size = width, height
        if _is_kept(marker, segment):
            kept += segment, scan
        elif marker == _APP1 and not exif and segment.startswith(_EXIF, 4):
            exif = segment[4:]
    return _jpeg_container(kept, size, exif, is_whole=False)


def _jpeg_container(
    parts: list[bytes], size: tuple[int, int] | None, exif: bytes, *, is_whole: bool
) -> Container:
    """Put a JPEG together again; a missing end is left missing."""
    if size is None:
        raise damaged()
    return Container("image/jpeg", *size, b"".join(parts), is_whole=is_whole, exif=exif)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, segment with its marker, and the entropy-coded bytes after it (scans alone have them)."""
    at = _next_marker(data, 2)
    for _ in range(MAX_SEGMENTS):
        if at < 0:
            return
        marker = data[at + 1]
        end = at + 2
        if marker not in (_EOI, _SOI, _TEM):
            end += struct.unpack_from(">H", data, at + 2)[0]
        following = _next_marker(data, end)
        stop = len(data) if following < 0 else following
        yield marker, data[at:end], data[end:stop] if marker == _SOS else b""
        at = following
    raise damaged()


def _next_marker(data: bytes, at: int) -> int:
    """Return where the next marker begins that is no restart marker and no stuffed byte, or -1."""
    while at < len(data) - 1:
        end = min(at + WINDOW, len(data))
        if found := _MARKER.search(data, at, end):
            return found.start()
        at = end - 1
    return -1


def _is_kept(marker: int, segment: bytes) -> bool:
    """Tell whether decoding, turning or colours need a segment."""
    if 0xE0 <= marker <= 0xEF:
        prefix = _JPEG_KEPT_APPS.get(marker)
        return prefix is not None and segment.startswith(prefix, 4)
    return marker not in (_COM, _TEM)


def _gif(data: bytes) -> Container:
    """Keep header, palette, the last control block before the first frame, and the frame."""
    screen = struct.unpack_from("<HH", data, 6)
    head = 13 + _palette_bytes(data[10])
    control = b""
    at = head
    steps = 0
    while data[at] == 0x21:
        end, taken = _after_blocks(data, at + 2)
        steps += taken
        if steps > MAX_BLOCKS:
            raise damaged()
        if data[at + 1] == 0xF9:
            control = data[at:end]
        at = end
    if data[at] != 0x2C:
        raise damaged()
    left, top, width, height = struct.unpack_from("<HHHH", data, at + 1)
    size = max(screen[0], left + width), max(screen[1], top + height)
    is_whole = data.rstrip(b"\0").endswith(b"\x3b")
    return Container("image/gif", *size, data[:head] + control + data[at:], is_whole=is_whole)


def _palette_bytes(flags: int) -> int:
    """Return the length of the palette that a GIF's flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> tuple[int, int]:
    """Return where a chain of GIF data blocks ends, and how many there were."""
    for steps in range(1, MAX_BLOCKS + 1):
        length = data[at]
        at += 1 + length
        if not length:
            return at, steps
    raise damaged()


def _webp(data: bytes) -> Container:
    """Read the canvas from whichever of the three headers there is; drop what follows the RIFF chunk."""
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L" and data[20] == 0x2F:
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise damaged()
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    data = data[:end]
    return Container("image/webp", width, height, data, is_whole=len(data) == end, exif=_webp_exif(data))


def _webp_exif(data: bytes) -> bytes:
    """Return the EXIF block of a WebP, or nothing; it comes after the frames, which are few."""
    at = 12
    for _ in range(MAX_SEGMENTS):
        if at + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind == b"EXIF":
            return data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    return b""
