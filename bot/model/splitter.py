"""Cuts pictures out of a JSON reply while it arrives, so that a reply is never held as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO

import pybase64

from bot.model.shapes import parse

OPENING = re.compile(
    rb'(?<!\\)"(?:data:[^",]{0,80};base64,|b64_json"[ \t\r\n]{0,16}:[ \t\r\n]{0,16}")',
)
"""What stands before a picture. A quote that opens a string never follows a backslash."""
LONGEST_OPENING = 128
"""No opening is longer, so the last bytes of a chunk that may begin one are this many."""
MOVED_BYTES = 48 * 1024
"""Of a picture, from which on it is worth making room for all that may come."""
MARKER = re.compile(r"#([0-9]{1,2})")
"""What stands for a picture in the skeleton; `#` is no base64, so nothing else can look like it."""


class UnreadableReply(Exception):
    """The reply is cut off, is not JSON, or is larger than any honest one."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Bounds of a reply, in bytes and pictures."""

    raw_bytes: int = 48 * 1024**2
    json_bytes: int = 1024**2
    picture_bytes: int = 32 * 1024**2
    pictures: int = 10


@dataclass(frozen=True, slots=True)
class Split:
    """A reply taken apart: JSON with markers, and the pictures that they stand for."""

    skeleton: object
    pictures: tuple[bytes, ...]

    def picture(self, written: str) -> bytes | None:
        """Return the bytes behind a data URL or bare base64, or None where it is not sound."""
        if written.startswith("data:"):
            written = written.partition(";base64,")[2]
        marker = MARKER.fullmatch(written)
        if marker is not None and int(marker[1]) < len(self.pictures):
            return self.pictures[int(marker[1])]
        try:
            return pybase64.b64decode(written, validate=True)
        except ValueError:
            return None


class Splitter:
    """Takes a reply in chunks of any size. UnreadableReply ends it at the first bound passed.

    `length` is how many bytes are said to come, 0 where nobody says.
    """

    def __init__(self, caps: Caps | None = None, length: int = 0) -> None:
        self._caps = caps or Caps()
        self._length = length
        self._received = 0
        self._skeleton = bytearray()
        self._pictures: list[bytes] = []
        self._held = b""
        """Bytes that cannot be judged before the next chunk."""
        self._span: BytesIO | None = None
        self._is_roomy = False
        self._quad = b""
        """The up to three base64 letters that wait for a fourth."""
        self._plain = False
        """Set where a span was no plain base64: the rest is left to the JSON parser."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the reply."""
        self._received += len(chunk)
        if self._received > self._caps.raw_bytes:
            raise UnreadableReply("reply too large")
        rest = self._held + chunk
        self._held = b""
        while rest:
            rest = self._outside(rest) if self._span is None else self._inside(self._span, rest)

    def close(self) -> Split:
        """Return the whole reply; raise UnreadableReply where its JSON does not close."""
        if self._span is not None:
            raise UnreadableReply("reply cut off in a picture")
        self._write(self._held)
        try:
            return Split(parse(bytes(self._skeleton)), tuple(self._pictures))
        except ValueError as error:
            raise UnreadableReply("reply is not JSON") from error

    def _outside(self, data: bytes) -> bytes:
        """Keep JSON up to the next picture; return what follows its opening."""
        found = None if self._plain else OPENING.search(data)
        if found is None:
            settled = len(data) if self._plain else max(0, len(data) - LONGEST_OPENING)
            self._write(data[:settled])
            self._held = data[settled:]
            return b""
        if len(self._pictures) == self._caps.pictures:
            raise UnreadableReply("too many pictures")
        self._write(data[: found.end()])
        self._span, self._is_roomy = BytesIO(), False
        return data[found.end() :]

    def _moved(self, span: BytesIO, at_hand: int) -> BytesIO:
        """Return a picture in room for the rest of the reply, of which so many letters are at hand.

        Room that need not grow is never copied: by the eighths that BytesIO grows by, 10 MiB take up to
        11 ms, and 5 so. Zeros may take memory before they are written over, so only what has begun to
        come is moved.
        """
        letters = max(self._length - self._received + at_hand, 0)
        room = BytesIO(bytes(min(span.tell() + letters // 4 * 3, self._caps.picture_bytes)))
        room.write(span.getbuffer()[: span.tell()])
        self._span, self._is_roomy = room, True
        return room

    def _inside(self, span: BytesIO, data: bytes) -> bytes:
        """Decode base64 up to the closing quote; return the quote and what follows."""
        if self._length and not self._is_roomy and span.tell() >= MOVED_BYTES:
            span = self._moved(span, len(data))
        mark = span.tell()
        try:
            # Most chunks are letters alone, and the decoder finds out sooner than a search would.
            quad = self._decode(span, data, is_last=False)
        except ValueError:
            quad = b'"'
        if b'"' not in quad and b"\\" not in quad:
            self._quad = quad
            return b""
        span.seek(mark)
        return self._at_a_sign(span, data)

    def _at_a_sign(self, span: BytesIO, data: bytes) -> bytes:
        """Decode where the closing quote or an escape stands among the letters, or what is no base64."""
        end = data.find(b'"')
        letters = data if end < 0 else data[:end]
        if b"\\" in letters:
            if end < 0 and letters.endswith(b"\\"):
                letters, self._held = letters[:-1], b"\\"
            letters = letters.replace(b"\\/", b"/")
        mark = span.tell()
        try:
            self._quad = self._decode(span, letters, is_last=end >= 0)
        except ValueError:
            span.seek(mark)
            return self._give_up(span, data)
        if end < 0:
            return b""
        self._finish(span)
        return data[end:]

    def _decode(self, span: BytesIO, letters: bytes, *, is_last: bool) -> bytes:
        """Add the bytes of whole quads and return the letters left over, or raise ValueError."""
        begun = -len(self._quad) % 4
        if not is_last and len(letters) < begun:
            return self._quad + letters
        cut = len(letters) if is_last else begun + (len(letters) - begun) // 4 * 4
        if self._quad:
            self._add(span, self._quad + letters[:begun])
        self._add(span, memoryview(letters)[begun:cut])
        return letters[cut:]

    def _add(self, span: BytesIO, quads: bytes | memoryview) -> None:
        """Decode, or raise ValueError; after padding nothing may follow."""
        if not quads:
            return
        if span.tell() % 3:
            raise ValueError("letters after the padding")
        span.write(pybase64.b64decode(quads, validate=True))
        if span.tell() > self._caps.picture_bytes:
            raise UnreadableReply("picture too large")

    def _finish(self, span: BytesIO) -> None:
        """Put a marker where the picture was."""
        span.truncate()
        self._write(b"#%d" % len(self._pictures))
        self._pictures.append(span.getvalue())
        self._span = None

    def _give_up(self, span: BytesIO, data: bytes) -> bytes:
        """Put a span back as text: other escapes are the JSON parser's, and what is unsound shows later."""
        self._plain, self._span, self._held = True, None, b""
        span.truncate()
        self._write(pybase64.b64encode(span.getvalue()) + self._quad)
        return data

    def _write(self, data: bytes) -> None:
        """Add to the skeleton, within its bound; text put back is bounded by the reply's size alone."""
        self._skeleton += data
        if not self._plain and len(self._skeleton) > self._caps.json_bytes:
            raise UnreadableReply("too much JSON")
