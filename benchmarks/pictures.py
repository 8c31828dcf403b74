"""Pictures of exactly known size and real work to decode, the same bytes in every run."""

from __future__ import annotations

import functools
import io
import random
import struct
import zlib

from PIL import Image

MIB = 1024 * 1024
FEW_BITS = bytes(value & 0xF8 for value in range(256))
"""Five of eight bits stay, so that the noise packs, and unpacking it is work, as with real pictures."""
PACKED_BYTES_PER_PIXEL = 1.9
"""What a pixel of that noise takes in a PNG, rounded up."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
EMPTY_CHUNK_BYTES = 12
NUMBER_BYTES = 4


def noise_png(size_bytes: int, number: int = 0) -> bytes:
    """Return a square PNG of exactly `size_bytes`; no two numbers give the same, as no model does.

    What the noise leaves free is filled by a `caBX` chunk, which is where a model's provenance stands.
    """
    head, spare, rest = _noise(size_bytes)
    return head + _chunk(b"caBX", number.to_bytes(NUMBER_BYTES).ljust(spare, b"\0")) + rest


@functools.cache
def _noise(size_bytes: int) -> tuple[bytes, int, bytes]:
    """Return a picture's beginning, how many bytes are free after it, and what follows them."""
    side = int(((size_bytes - 512) / PACKED_BYTES_PER_PIXEL) ** 0.5)
    noise = random.Random(size_bytes)  # noqa: S311 - a pattern, not a secret
    rows = b"".join(b"\0" + noise.randbytes(3 * side).translate(FEW_BITS) for _ in range(side))
    packer = zlib.compressobj(6, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
    packed = packer.compress(rows) + packer.flush()
    head = SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    rest = _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
    return head, size_bytes - len(head) - len(rest) - EMPTY_CHUNK_BYTES, rest


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@functools.cache
def phone_photo() -> bytes:
    """Return a JPEG of 12 megapixels and about 2 MiB, on its side, as a phone takes it."""
    grain = Image.effect_noise((1000, 750), 40).convert("RGB")
    image = grain.resize((4000, 3000), Image.Resampling.BICUBIC)  # pyright: ignore[reportUnknownMemberType] - numpy's type, not installed
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80, exif=exif)
    return file.getvalue()
