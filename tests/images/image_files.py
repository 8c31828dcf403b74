"""Picture files, sound and otherwise, made in place: the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import math
import struct
import zipfile
import zlib
from functools import cache
from typing import Any

from PIL import Image

SECRET = b"SECRET-OF-A-PERSON"
"""Planted wherever a file can hide words; must not be in anything that Easel keeps."""


def noise_bytes(seed: int, count: int) -> bytes:
    """Bytes without a pattern, the same for the same seed."""
    return hashlib.shake_128(str(seed).encode()).digest(count)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, *before: bytes, depth: int = 8, color: int = 2, rows: bytes | None = None
) -> bytes:
    """A PNG by hand; `before` are chunks between header and pixels, `rows` the filtered rows."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    if rows is None:
        rows = (b"\0" + bytes(width * 3)) * height
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + pixels + chunk(b"IEND", b"")


def gif(width: int, height: int, *before: bytes, frame: tuple[int, int] | None = None) -> bytes:
    """A GIF by hand with one frame of a single code; `before` are blocks ahead of it."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    w, h = frame or (width, height)
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, w, h, 0) + b"\x02\x02\x44\x01\x00"
    return head + b"".join(before) + image + b"\x3b"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif(orientation: int, *, order: str = ">") -> bytes:
    """An EXIF block with an orientation and a position in Vienna."""
    block = Image.Exif()
    block.endian = order
    block[0x0112] = orientation
    block[0x010F] = SECRET.decode()
    block[0x8825] = {1: "N", 2: (48.0, 12.0, 30.0), 3: "E", 4: (16.0, 22.0, 23.0)}
    return block.tobytes()


@cache
def photo(width: int = 96, height: int = 64) -> Image.Image:
    """Something with detail and colour: smooth noise, the same every time."""
    noise = Image.frombytes("RGB", (12, 8), noise_bytes(7, 288))
    return noise.resize((width, height), Image.Resampling.BICUBIC)


@cache
def glass(width: int = 96, height: int = 64) -> Image.Image:
    """A picture with every degree of transparency."""
    image = photo(width, height).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((width, height)))
    return image


def p3_profile() -> bytes:
    """A Display P3 profile with gamma 2.2, by hand (ICC.1:2001-04, matrix and curves)."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"Display P3 " + SECRET
    desc = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(78)
    tags = {
        b"desc": desc + bytes(-len(desc) % 4),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(value))
        body += value
    head = struct.pack(
        ">I4sI4s4s4s", 132 + 12 * len(tags) + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ "
    )
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def srgb_of_p3(colour: tuple[int, int, int]) -> tuple[float, ...]:
    """The published matrices: P3 (gamma 2.2) to XYZ D50, XYZ D50 to linear sRGB, and sRGB's curve."""
    to_xyz = ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407))
    to_srgb = (
        (3.1338561, -1.6168667, -0.4906146),
        (-0.9787684, 1.9161415, 0.0334540),
        (0.0719453, -0.2289914, 1.4052427),
    )
    linear = [(part / 255) ** 2.2 for part in colour]
    xyz = [sum(a * b for a, b in zip(row, linear, strict=True)) for row in to_xyz]
    rgb = [min(1, max(0, sum(a * b for a, b in zip(row, xyz, strict=True)))) for row in to_srgb]
    return tuple(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055) for v in rgb)


def colour_distance(one: tuple[float, float, float], other: tuple[float, ...]) -> float:
    """How different two sRGB colours look: the distance in CIELAB of D65 (CIE 1976)."""

    def lab(colour: tuple[float, ...]) -> tuple[float, float, float]:
        linear = [
            v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (p / 255 for p in colour)
        ]
        matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
        whites = (0.95047, 1.0, 1.08883)
        ratios = [
            sum(a * b for a, b in zip(row, linear, strict=True)) / w
            for row, w in zip(matrix, whites, strict=True)
        ]
        x, y, z = (r ** (1 / 3) if r > 216 / 24389 else (24389 / 27 * r + 16) / 116 for r in ratios)
        return 116 * y - 16, 500 * (x - y), 200 * (y - z)

    return math.dist(lab(one), lab(other))


def ycck() -> bytes:
    """A JPEG whose Adobe marker says YCCK, as Photoshop writes them."""
    data = saved(photo().convert("CMYK"), "JPEG")
    at = data.index(b"Adobe") + 11
    return data[:at] + b"\x02" + data[at + 1 :]


def jpeg_with(*segments: bytes, data: bytes | None = None) -> bytes:
    """A sound JPEG with more segments right after its start."""
    data = data or saved(photo(), "JPEG")
    return data[:2] + b"".join(segments) + data[2:]


def jpeg_of_scans(count: int) -> bytes:
    """A progressive JPEG with its last scan told again and again."""
    data = saved(Image.new("RGB", (800, 600), "red"), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def resized_jpeg(width: int, height: int) -> bytes:
    """A small JPEG that claims to be a large one."""
    data = bytearray(saved(photo(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


@cache
def animated_webp(side: int, count: int) -> bytes:
    """Frames of one colour each; the first is red."""
    small = (side - 1).to_bytes(3, "little") * 2
    red, blue = (
        saved(Image.new("RGB", (side, side), name), "WEBP", lossless=True, method=0)[12:]
        for name in ("red", "blue")
    )
    frames = [
        riff(b"ANMF", bytes(6) + small + b"\x28\0\0\0" + frame) for frame in (red, *[blue] * (count - 1))
    ]
    body = b"WEBP" + riff(b"VP8X", b"\x02\0\0\0" + small) + riff(b"ANIM", bytes(6)) + b"".join(frames)
    return riff(b"RIFF", body)


@cache
def animated_gif(side: int, count: int) -> bytes:
    """Frames of one colour each, red and then blue, told apart by their own palettes."""
    single = saved(Image.new("L", (side, side), 0), "GIF")
    at = single.index(b"\x2c\0\0\0\0")
    pixels = single[at + 10 : -1]
    place = b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0x80)
    red, blue = (place + colour + bytes(3) + pixels for colour in (b"\xff\0\0", b"\0\0\xff"))
    return b"GIF89a" + struct.pack("<HHBBB", side, side, 0, 0, 0) + red + blue * (count - 1) + b"\x3b"


@cache
def animated_png(side: int, count: int) -> bytes:
    """An APNG whose first frame is the picture itself, red, and whose others are blue."""

    def control(number: int) -> bytes:
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, side, side, 0, 0, 1, 25, 0, 0))

    red, blue = ((b"\0" + colour * side) * side for colour in (b"\xff\0\0", b"\0\0\xff"))
    packed = zlib.compress(blue)
    still = png(side, side, chunk(b"acTL", struct.pack(">II", count, 0)), control(0), rows=red)
    later = [
        control(2 * index + 1) + chunk(b"fdAT", struct.pack(">I", 2 * index + 2) + packed)
        for index in range(count - 1)
    ]
    return still[:-12] + b"".join(later) + still[-12:]


ANIMATED = {"webp": animated_webp, "gif": animated_gif, "png": animated_png}


@cache
def phone() -> bytes:
    """A 12 MP photograph held upright, with its position."""
    return saved(photo(4000, 3000), "JPEG", quality=85, exif=exif(6))


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("note.txt", SECRET)
    return file.getvalue()


def ramp16() -> bytes:
    """Every grey from 0 to 65535, one a pixel."""
    rows = b"".join(b"\0" + struct.pack(">256H", *range(256 * y, 256 * y + 256)) for y in range(256))
    return png(256, 256, depth=16, color=0, rows=rows)


def wide(pixel: bytes, color: int, *before: bytes) -> bytes:
    """A 16-bit PNG of one colour, 8 by 8."""
    return png(8, 8, *before, depth=16, color=color, rows=(b"\0" + pixel * 8) * 8)


def flipped(data: bytes, seed: int) -> bytes:
    """The file with one bit turned over, somewhere behind its magic."""
    place = 128 + int.from_bytes(noise_bytes(seed, 8), "big") % (8 * len(data) - 128)
    broken = bytearray(data)
    broken[place // 8] ^= 1 << place % 8
    return bytes(broken)


SOUND = {
    "png": lambda: saved(photo(), "PNG"),
    "jpeg": lambda: saved(photo(), "JPEG"),
    "webp": lambda: saved(photo(), "WEBP"),
    "gif": lambda: saved(photo().quantize(64), "GIF"),
}
