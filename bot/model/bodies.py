"""Request bodies that are generated while they are sent, pictures being encoded piece by piece."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pybase64

from bot.domain.calls import PictureBytes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

PIECE_BYTES = 48 * 1024
"""Bytes of a picture encoded at a time; a multiple of three, so that only the last piece is padded."""


class Body:
    """A JSON body with pictures in it as data URLs; equal fields give equal bytes.

    It can be sent more than once. Instead of a data URL the fields hold the PictureBytes itself.
    """

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._parts = tuple(_joined(_parts(fields)))
        self.length = sum(_length(part) for part in self._parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body's bytes."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
                continue
            for start in range(0, len(part.data), PIECE_BYTES):
                yield pybase64.b64encode(part.data[start : start + PIECE_BYTES])

    def headers(self) -> dict[str, str]:
        """Return the headers that describe the body; with its length it is not sent in chunks."""
        return {"Content-Type": "application/json", "Content-Length": str(self.length)}


def _length(part: bytes | PictureBytes) -> int:
    """Return how many bytes a part becomes: base64 turns each three, begun ones too, into four."""
    return len(part) if isinstance(part, bytes) else -(-len(part.data) // 3) * 4


def _parts(value: object) -> Iterator[bytes | PictureBytes]:
    """Yield JSON in order, with pictures in their place."""
    if isinstance(value, PictureBytes):
        yield f'"data:{value.media_type};base64,'.encode()
        yield value
        yield b'"'
    elif isinstance(value, dict):
        yield from _object(cast("dict[str, object]", value))
    elif isinstance(value, (list, tuple)):
        yield b"["
        for index, item in enumerate(cast("list[object]", value)):
            yield b"," if index else b""
            yield from _parts(item)
        yield b"]"
    else:
        yield json.dumps(value).encode()


def _object(fields: Mapping[str, object]) -> Iterator[bytes | PictureBytes]:
    """Yield a JSON object, its fields in the order given."""
    yield b"{"
    for index, (name, item) in enumerate(fields.items()):
        yield b"," if index else b""
        yield json.dumps(name).encode() + b":"
        yield from _parts(item)
    yield b"}"


def _joined(parts: Iterator[bytes | PictureBytes]) -> Iterator[bytes | PictureBytes]:
    """Join neighbouring pieces of text."""
    text = bytearray()
    for part in parts:
        if isinstance(part, bytes):
            text += part
        else:
            yield bytes(text)
            text.clear()
            yield part
    yield bytes(text)
