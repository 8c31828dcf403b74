"""Which kind of file some bytes are, by content and never by name."""

from __future__ import annotations

import re

from bot.errors import PictureUnusable
from bot.texts import mark, tr

HEAD_BYTES = 1024
"""How far a PDF or a page of text may begin after junk, a byte order mark or a comment."""

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
ZIP = mark("ZIP files are not supported; send a PNG, JPEG, WebP or GIF picture.")
COMPRESSED = mark("Compressed files are not supported; send a PNG, JPEG, WebP or GIF picture.")
VIDEOS = mark("Videos are not supported; send a PNG, JPEG, WebP or GIF picture.")
SOUND = mark("Sound files are not supported; send a PNG, JPEG, WebP or GIF picture.")
PDF = mark("PDF files are not supported; send a PNG, JPEG, WebP or GIF picture.")
WEB = mark("Web pages are not supported; send a PNG, JPEG, WebP or GIF picture.")
_UNSUPPORTED_PICTURES = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"\0\0\1\0", "ICO"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"qoif", "QOI"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
)
_OTHER_FILES = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x1f\x8b", COMPRESSED),
    (b"Rar!", COMPRESSED),
    (b"7z\xbc\xaf", COMPRESSED),
    (b"\x1aE\xdf\xa3", VIDEOS),
    (b"FLV\1", VIDEOS),
    (b"\0\0\1\xba", VIDEOS),
    (b"\0\0\1\xb3", VIDEOS),
    (b"ID3", SOUND),
    (b"OggS", SOUND),
    (b"fLaC", SOUND),
)
_RIFF = {b"AVI ": VIDEOS, b"WAVE": SOUND}
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_HTML = re.compile(rb"<(!doctype html|html|head|body|script)\b", re.IGNORECASE)


def media_type(data: bytes) -> str:
    """Return the media type of a PNG, JPEG, WebP or GIF; else raise PictureUnusable naming what it is."""
    if not data:
        raise PictureUnusable(tr("That file is empty. Send a PNG, JPEG, WebP or GIF picture."))
    for magic, name in _PICTURES:
        if data.startswith(magic):
            return name
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    if kind := _unsupported_picture(data):
        raise PictureUnusable(tr("{kind} pictures are not supported; send them as JPEG or PNG.", kind=kind))
    if said := _other_file(data):
        raise PictureUnusable(tr(said))
    raise PictureUnusable(tr("That file is not a picture. Send a PNG, JPEG, WebP or GIF."))


def is_picture_like(data: bytes) -> bool:
    """Tell whether bytes begin as those of a picture do, of any kind; drawings written as text do not."""
    if data.startswith(b"RIFF"):
        return data[8:12] == b"WEBP"
    known = data.startswith(tuple(magic for magic, _ in _PICTURES)) or _unsupported_picture(data) is not None
    return known and not _is_writing(data)


def _is_writing(data: bytes) -> bool:
    """Tell whether the beginning reads as text: words may begin as a picture does."""
    return (
        all(byte >= 0x20 or byte in b"\t\n\r" for byte in data[:HEAD_BYTES]) and data[:HEAD_BYTES].isascii()
    )


def _unsupported_picture(data: bytes) -> str | None:
    """Name a picture format that Easel does not read."""
    brands = _brands(data)
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIC_BRANDS:
        return "HEIC"
    for magic, name in _UNSUPPORTED_PICTURES:
        if data.startswith(magic):
            return name
    return "SVG" if _SVG.search(_text_head(data)) else None


def _other_file(data: bytes) -> str | None:
    """Say of a file that is no picture at all what it is."""
    if data[4:8] == b"ftyp":
        return VIDEOS
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12])
    for magic, name in _OTHER_FILES:
        if data.startswith(magic):
            return name
    if b"%PDF-" in data[:HEAD_BYTES]:
        return PDF
    return WEB if _HTML.search(_text_head(data)) else None


def _brands(data: bytes) -> frozenset[bytes]:
    """Return the brands of an ISO media file (ISO/IEC 14496-12 §4.3); none for other files."""
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(data[:4], "big"), 256)
    compatible = {data[at : at + 4] for at in range(16, end, 4)}
    return frozenset({data[8:12], *compatible})


def _text_head(data: bytes) -> bytes:
    """Return the beginning of a file that reads as markup, nothing for other files."""
    head = data[:HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head if head.startswith(b"<") else b""
