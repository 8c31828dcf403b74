"""Hostile and odd files, each with what has to come of it."""

from __future__ import annotations

import functools
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from image_files import (
    ANIMATED,
    SECRET,
    SOUND,
    chunk,
    exif,
    flipped,
    gif,
    glass,
    jpeg_of_scans,
    jpeg_with,
    noise_bytes,
    p3_profile,
    phone,
    photo,
    png,
    ramp16,
    resized_jpeg,
    saved,
    segment,
    wide,
    ycck,
    zipped,
)
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DAMAGED = "damaged"
LARGE = "too large"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file: `refused` is part of the sentence it earns, `size` what it shows; with neither, both may be."""

    name: str
    make: Callable[[], bytes]
    refused: str | None = None
    size: tuple[int, int] | None = None
    is_bomb: bool = False

    def __str__(self) -> str:
        return self.name


def ftyp(*brands: bytes) -> bytes:
    body = brands[0] + bytes(4) + b"".join(brands[1:])
    return struct.pack(">I", len(body) + 8) + b"ftyp" + body + bytes(64)


def foreign() -> Iterator[Sample]:
    """Files of other kinds, whatever they are called."""
    small = photo()
    known: dict[str, tuple[bytes, str]] = {
        "nothing": (b"", "empty"),
        "heic": (ftyp(b"heic", b"mif1", b"heic"), "HEIC pictures"),
        "heif by compatible brand": (ftyp(b"XXXX", b"mif1", b"heix"), "HEIC pictures"),
        "avif": (saved(small, "AVIF"), "AVIF pictures"),
        "avif by compatible brand": (ftyp(b"mif1", b"avif"), "AVIF pictures"),
        "tiff": (saved(small, "TIFF"), "TIFF pictures"),
        "big-endian tiff": (b"MM\0*" + bytes(20), "TIFF pictures"),
        "float tiff": (saved(small.convert("F"), "TIFF"), "TIFF pictures"),
        "bmp": (saved(small, "BMP"), "BMP pictures"),
        "ico": (saved(small, "ICO", sizes=[(16, 16)]), "ICO pictures"),
        "eps": (saved(small, "EPS"), "EPS pictures"),
        "eps that runs a program": (b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file\n", "EPS pictures"),
        "jpeg 2000": (saved(small, "JPEG2000"), "JPEG 2000 pictures"),
        "jpeg xl": (b"\xff\x0a" + bytes(40), "JPEG XL pictures"),
        "photoshop": (b"8BPS\0\1" + bytes(40), "Photoshop pictures"),
        "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG pictures"),
        "svg behind a declaration": (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><SVG>", "SVG pictures"),
        "pdf": (saved(small, "PDF"), "PDF files"),
        "pdf behind junk": (b"junk\n%PDF-1.7\n", "PDF files"),
        "web page": (b"\n <!DOCTYPE html><html><img src=x></html>", "Web pages"),
        "zip": (zipped(), "ZIP files"),
        "gzip": (b"\x1f\x8b\x08" + bytes(20), "Compressed files"),
        "mp4": (ftyp(b"isom", b"mp42"), "Videos"),
        "quicktime": (ftyp(b"qt  "), "Videos"),
        "webm": (b"\x1aE\xdf\xa3" + bytes(40), "Videos"),
        "avi": (b"RIFF\x40\0\0\0AVI LIST", "Videos"),
        "wave": (b"RIFF\x40\0\0\0WAVEfmt ", "Sound files"),
        "mp3": (b"ID3\4" + bytes(40), "Sound files"),
        "riff of nothing known": (b"RIFF\x40\0\0\0ABCDefgh", "not a picture"),
        "plain words": (b"hello", "not a picture"),
        "one byte": (b"\x89", "not a picture"),
        "noise": (b"\x01" + noise_bytes(1, 4000), "not a picture"),
    }
    for name, (data, sentence) in known.items():
        yield Sample(f"foreign: {name}", lambda data=data: data, refused=sentence)


def bombs() -> Iterator[Sample]:
    """Small files that would be large in memory, or keep a header parser busy."""
    flat = 9400 * 9400 // 8

    def refused(name: str, make: Callable[[], bytes], sentence: str) -> Sample:
        return Sample(f"bomb: {name}", make, refused=sentence, is_bomb=True)

    yield refused("png header of 50000²", lambda: png(50_000, 50_000, rows=b"\0"), LARGE)
    yield refused("png header of 2³¹", lambda: png(2**31 - 1, 2**31 - 1, rows=b"\0"), LARGE)
    yield refused(
        "png 9400² of zeros", lambda: png(9400, 9400, depth=1, color=0, rows=bytes(flat + 9400)), LARGE
    )
    yield refused("png 12001 wide", lambda: png(12_001, 1), LARGE)
    yield refused("png just over 25 MP", lambda: png(5001, 5000, rows=b"\0"), LARGE)
    yield refused("gif screen of 65535²", lambda: gif(65_535, 65_535), LARGE)
    yield refused("gif frame over its screen", lambda: gif(10, 10, frame=(60_000, 60_000)), LARGE)
    yield refused("gif of a million comments", lambda: gif(10, 10, b"\x21\xfe\x00" * 1_000_000), DAMAGED)
    yield refused(
        "gif of one endless comment", lambda: gif(10, 10, b"\x21\xfe" + b"\1x" * 1_000_000 + b"\0"), DAMAGED
    )
    yield refused("jpeg header of 65500²", lambda: resized_jpeg(65_500, 65_500), LARGE)
    yield refused("jpeg of a million comments", lambda: jpeg_with(b"\xff\xfe\0\2" * 1_000_000), DAMAGED)
    yield refused("jpeg of 50,000 scans", lambda: jpeg_of_scans(50_000), DAMAGED)
    canvas = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + b"\xff\x3f\0" * 2
    yield refused("webp canvas of 16384²", lambda: canvas, LARGE)
    yield refused("21 MiB", lambda: png(1, 1) + bytes(21 * 2**20), LARGE)
    yield refused("png of a million chunks", lambda: png(1, 1, chunk(b"IDAT", b"") * 1_000_000), DAMAGED)
    yield Sample("bomb: png of 80 zTXt", lambda: png(8, 8, *[text_of_a_mebibyte()] * 80), size=(8, 8))
    yield Sample(
        "bomb: png of one huge iTXt", lambda: png(8, 8, huge(b"iTXt", b"Comment\0\1\0\0\0")), size=(8, 8)
    )
    yield Sample("bomb: png of 50 MiB profile", lambda: png(8, 8, huge(b"iCCP", b"x\0\0")), refused=DAMAGED)
    yield Sample("bomb: png of too many pixels", lambda: png(8, 8, rows=bytes(50 * 2**20)))


def text_of_a_mebibyte() -> bytes:
    return chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**20 - 100)))


@functools.cache
def fifty_mebibytes() -> bytes:
    """Return them compressed, which takes a second."""
    return zlib.compress(bytes(50 * 2**20))


def huge(kind: bytes, start: bytes) -> bytes:
    return chunk(kind, start + fifty_mebibytes())


def animations() -> Iterator[Sample]:
    for kind, make in ANIMATED.items():
        yield Sample(f"animated {kind} of 40 frames", lambda make=make: make(2000, 40), size=(2000, 2000))


def broken() -> Iterator[Sample]:
    """Sound files cut, and sound files with one bit turned over."""
    for kind, make in SOUND.items():
        for tenths in (1, 3, 5, 7, 9):
            yield Sample(
                f"{kind} cut at {tenths}0 %",
                lambda make=make, tenths=tenths: make()[: len(make()) * tenths // 10],
                refused=DAMAGED if kind != "gif" or tenths < 9 else None,
            )
        yield Sample(f"{kind} cut by one byte", lambda make=make: make()[:-1])
        for seed in range(6):
            yield Sample(
                f"{kind} with bit {seed} flipped", lambda make=make, seed=seed: flipped(make(), seed)
            )
    yield Sample("png without pixels", lambda: png(8, 8).replace(b"IDAT", b"IDOT"), refused=DAMAGED)
    yield Sample("png with two headers", lambda: png(8, 8, png(9, 9)[8:33]), refused=DAMAGED)
    yield Sample("png of no width", lambda: png(0, 8), refused=DAMAGED)
    yield Sample(
        "png of a phone app",
        lambda: png(8, 8).replace(b"\x1a\n", b"\x1a\n" + chunk(b"CgBI", b"1234"), 1),
        refused=DAMAGED,
    )
    yield Sample("jpeg without a frame", lambda: b"\xff\xd8\xff\xe0\0\4ab\xff\xd9", refused=DAMAGED)
    yield Sample(
        "jpeg of twelve bits",
        lambda: saved(photo(), "JPEG").replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c"),
        refused=DAMAGED,
    )
    yield Sample("jpeg of magic alone", lambda: b"\xff\xd8\xff", refused=DAMAGED)
    yield Sample("gif without a frame", lambda: b"GIF89a" + bytes(7) + b"\x3b", refused=DAMAGED)
    yield Sample("gif of magic alone", lambda: b"GIF89a", refused=DAMAGED)
    yield Sample("webp of magic alone", lambda: b"RIFF\x04\0\0\0WEBP", refused=DAMAGED)
    yield Sample("webp of an unknown codec", lambda: b"RIFF\x20\0\0\0WEBPVP9 " + bytes(30), refused=DAMAGED)


def modes() -> Iterator[Sample]:
    """Every way to store pixels that the four formats have."""
    base, shape = photo(), (96, 64)
    pictures: dict[str, Callable[[], bytes]] = {
        "png 1-bit": lambda: saved(base.convert("1"), "PNG"),
        "png 1-bit with key": lambda: saved(base.convert("1"), "PNG", transparency=0),
        "png grey": lambda: saved(base.convert("L"), "PNG"),
        "png grey with key": lambda: saved(base.convert("L"), "PNG", transparency=9),
        "png grey and alpha": lambda: saved(glass().convert("LA"), "PNG"),
        "png palette": lambda: saved(base.quantize(16), "PNG"),
        "png palette, one clear": lambda: saved(base.quantize(16), "PNG", transparency=3),
        "png palette, many clear": lambda: saved(base.quantize(16), "PNG", transparency=bytes(range(16))),
        "png rgb with key": lambda: saved(base, "PNG", transparency=(1, 2, 3)),
        "png rgba": lambda: saved(glass(), "PNG"),
        "png rgba, opaque": lambda: saved(base.convert("RGBA"), "PNG"),
        "png with p3": lambda: saved(base, "PNG", icc_profile=p3_profile()),
        "png with broken profile": lambda: saved(base, "PNG", icc_profile=b"\0" * 16 + b"RGB " + b"\1" * 200),
        "png grey with rgb profile": lambda: saved(base.convert("L"), "PNG", icc_profile=p3_profile()),
        "jpeg grey": lambda: saved(base.convert("L"), "JPEG"),
        "jpeg cmyk": lambda: saved(base.convert("CMYK"), "JPEG"),
        "jpeg ycck": ycck,
        "jpeg cmyk with rgb profile": lambda: saved(base.convert("CMYK"), "JPEG", icc_profile=p3_profile()),
        "jpeg progressive": lambda: saved(base, "JPEG", progressive=True),
        "jpeg with restarts": lambda: saved(base, "JPEG", restart_marker_blocks=2),
        "jpeg with p3": lambda: saved(base, "JPEG", icc_profile=p3_profile()),
        "jpeg with 60 comments": lambda: jpeg_with(*[segment(0xFE, SECRET)] * 60),
        "jpeg with a thumbnail": lambda: jpeg_with(segment(0xE1, b"Exif\0\0II*\0" + saved(base, "JPEG"))),
        "webp lossless": lambda: saved(base, "WEBP", lossless=True),
        "webp with alpha": lambda: saved(glass(), "WEBP"),
        "webp with everything": lambda: saved(base, "WEBP", exif=exif(1), xmp=SECRET),
        "gif": SOUND["gif"],
        "gif with key": lambda: saved(base.quantize(16), "GIF", transparency=3),
        "gif with comment": lambda: saved(base.quantize(16), "GIF", comment=SECRET),
    }  # fmt: skip
    for name, make in pictures.items():
        yield Sample(f"mode: {name}", make, size=shape)


def depths() -> Iterator[Sample]:
    """Pixels of fewer and of more bits than eight."""
    yield Sample("mode: png 16-bit ramp", ramp16, size=(256, 256))
    yield Sample(
        "mode: png 16-bit grey with key",
        lambda: wide(b"\x12\x34", 0, chunk(b"tRNS", b"\x12\x34")),
        size=(8, 8),
    )
    yield Sample("mode: png 16-bit rgb", lambda: wide(b"\x80\0\x40\0\x20\0", 2), size=(8, 8))
    yield Sample(
        "mode: png 16-bit rgb with key",
        lambda: wide(b"\x80\0" * 3, 2, chunk(b"tRNS", b"\x80\0" * 3)),
        size=(8, 8),
    )
    yield Sample("mode: png 16-bit grey and alpha", lambda: wide(b"\x80\0\x40\0", 4), size=(8, 8))
    yield Sample("mode: png 16-bit rgba", lambda: wide(b"\x80\0" * 4, 6), size=(8, 8))
    yield Sample(
        "mode: png 2-bit grey", lambda: png(8, 8, depth=2, color=0, rows=b"\0\x1b\x1b" * 8), size=(8, 8)
    )


def turned() -> Iterator[Sample]:
    """All orientations, a phone's photograph, and sizes at the edge."""
    for orientation in range(1, 9):
        size = (64, 96) if orientation > 4 else (96, 64)
        for kind in ("JPEG", "PNG", "WEBP"):
            yield Sample(
                f"{kind.lower()} turned {orientation}",
                lambda kind=kind, orientation=orientation: saved(photo(), kind, exif=exif(orientation)),
                size=size,
            )
    yield Sample(
        "jpeg turned 6, little-endian", lambda: saved(photo(), "JPEG", exif=exif(6, order="<")), size=(64, 96)
    )
    yield Sample("jpeg turned 9", lambda: saved(photo(), "JPEG", exif=exif(9)), size=(96, 64))
    yield Sample("jpeg with half an exif", lambda: jpeg_with(segment(0xE1, exif(6)[:20])), size=(96, 64))
    yield Sample(
        "jpeg with an exif of noise", lambda: jpeg_with(segment(0xE1, b"Exif\0\0" + SECRET)), size=(96, 64)
    )
    yield Sample("phone photograph", phone, size=(3000, 4000))
    for kind in ("PNG", "JPEG", "WEBP", "GIF"):
        yield Sample(
            f"{kind.lower()} of one pixel",
            lambda kind=kind: saved(Image.new("RGB", (1, 1), "red"), kind),
            size=(1, 1),
        )
    yield Sample("png of one long line", lambda: png(12_000, 1), size=(12_000, 1))


def polyglots() -> Iterator[Sample]:
    """Pictures that are something else as well."""
    page = b"<html><script>" + SECRET + b"</script></html>"
    for kind, make in SOUND.items():
        yield Sample(f"{kind} and zip", lambda make=make: make() + zipped(), size=(96, 64))
        yield Sample(f"{kind} and web page", lambda make=make: make() + page, size=(96, 64))
    yield Sample(
        "png with a page in its text", lambda: png(8, 8, chunk(b"tEXt", b"Comment\0" + page)), size=(8, 8)
    )
    yield Sample("jpeg with a page in its comment", lambda: jpeg_with(segment(0xFE, page)), size=(96, 64))


CORPUS = (*foreign(), *bombs(), *animations(), *broken(), *modes(), *depths(), *turned(), *polyglots())
