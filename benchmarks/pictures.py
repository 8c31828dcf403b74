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


@functools.cache
def noise_png(size_bytes: int) -> bytes:
    """Return a square PNG of exactly `size_bytes`.

    What the noise leaves free is filled by a `caBX` chunk, which is where a model's provenance stands.
    """
    side = int(((size_bytes - 512) / PACKED_BYTES_PER_PIXEL) ** 0.5)
    noise = random.Random(size_bytes)  # noqa: S311 - a pattern, not a secret
    rows = b"".join(b"\0" + noise.randbytes(3 * side).translate(FEW_BITS) for _ in range(side))
    packer = zlib.compressobj(6, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
    packed = packer.compress(rows) + packer.flush()
    head = SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    body = _chunk(b"IDAT", packed)
    end = _chunk(b"IEND", b"")
    spare = size_bytes - len(head) - len(body) - len(end) - EMPTY_CHUNK_BYTES
    return head + _chunk(b"caBX", bytes(spare)) + body + end


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
