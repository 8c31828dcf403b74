"""Cuts server-sent events out of a byte stream, each one's pictures decoded while they arrive."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.model.splitter import Caps, Split, Splitter, UnreadableReply

LINE_END = re.compile(rb"[\r\n]")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DONE = b"[DONE]"
LONGEST_DONE = 32
"""Data of this length or more say something else; white space may stand around."""
PICTURES_BEFORE_ONE = 3
"""How many partial pictures come before a whole one, at most (OpenAI's `partial_images`)."""


@dataclass(frozen=True, slots=True)
class Event:
    """What came as one event; `name` is empty where only the data say what it is."""

    name: str
    data: Split


class EventSplitter:
    """Takes a stream in chunks of any size and gives its events; no line is ever held.

    Comments, `id` and `retry` are passed over, and so are events that are no JSON. Nothing counts after
    `[DONE]`. The bounds hold for each event; the whole stream may be four times as large, as pictures come in
    several states, and what is around its data an eighth of the JSON. UnreadableReply ends it.
    """

    def __init__(self, caps: Caps | None = None) -> None:
        self._caps = caps or Caps()
        self._received = 0
        self._outside = 0
        """Bytes of names, comments and line ends."""
        self._after_return = False
        self._start = b""
        """What came of the stream while it may still begin with a byte order mark."""
        self._begun = False
        self._field: bytes | None = None
        """The name of the line's field, once its colon has come."""
        self._read = bytearray()
        """The line so far while it has no colon, and then the value of `event`."""
        self._at_value = False
        self._name = ""
        self._head = b""
        self._data: Splitter | None = None
        self.done = False
        """Whether the stream said that it is complete."""

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes and return the events that they complete."""
        self._received += len(chunk)
        if self._received > self._caps.raw_bytes * (1 + PICTURES_BEFORE_ONE):
            raise UnreadableReply("stream too large")
        return self._lines(chunk if self._begun else self._without_mark(chunk))

    def close(self) -> list[Event]:
        """Return the event that the stream ended in, if all of it came; its blank line may be missing."""
        found = self._lines(self._start) if not self._begun else []
        if self._field is not None or self._read:
            self._end_line()
        return found + self._end_event()

    def _without_mark(self, chunk: bytes) -> bytes:
        """Hold the first bytes until they can be told from a byte order mark."""
        self._start += chunk
        if BYTE_ORDER_MARK.startswith(self._start):
            return b""
        self._begun = True
        return self._start.removeprefix(BYTE_ORDER_MARK)

    def _lines(self, chunk: bytes) -> list[Event]:
        """Take the lines of a chunk; the last one may go on in the next."""
        events: list[Event] = []
        at = 0
        if self._after_return and chunk:
            self._after_return, at = False, int(chunk.startswith(b"\n"))
        while at < len(chunk) and not self.done:
            end = LINE_END.search(chunk, at)
            self._take(chunk[at : end.start() if end else len(chunk)])
            if end is None:
                break
            self._count(1)
            events += self._end_line()
            at = end.end()
            if end[0] == b"\r":
                self._after_return = at == len(chunk)
                at += int(chunk.startswith(b"\n", at))
        return events

    def _take(self, piece: bytes) -> None:
        """Take a piece of a line: of its name, or of its value."""
        if self._field is None:
            name, colon, piece = piece.partition(b":")
            self._count(len(name) + len(colon))
            self._read += name
            if not colon:
                return
            self._field = bytes(self._read)
            self._read.clear()
            self._at_value = True
        if self._at_value and piece:
            self._at_value = False
            piece = piece.removeprefix(b" ")
        if self._field == b"data":
            self._add(piece)
            return
        self._count(len(piece))
        if self._field == b"event":
            self._read += piece

    def _add(self, piece: bytes) -> None:
        """Take a piece of an event's data."""
        if self._data is None:
            self._data = Splitter(self._caps)
        self._head += piece[: LONGEST_DONE - len(self._head)]
        self._data.feed(piece)

    def _end_line(self) -> list[Event]:
        """Return the event that a blank line ends; a line without a colon is a field without a value."""
        field, value = self._field, bytes(self._read)
        is_blank = field is None and not value
        if field is None:
            field, value = value, b""
        self._field, self._at_value = None, False
        self._read.clear()
        if is_blank:
            return self._end_event()
        if field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"data":
            self._add(b"\n")  # between the lines of one event; after the last it is white space
        return []

    def _end_event(self) -> list[Event]:
        """Return the event that is complete, if it is one."""
        name, head, data = self._name, self._head, self._data
        self._name, self._head, self._data = "", b"", None
        if data is None:
            return []
        if head.strip() == DONE and len(head) < LONGEST_DONE:
            self.done = True
            return []
        try:
            return [Event(name, data.close())]
        except UnreadableReply:
            return []

    def _count(self, size: int) -> None:
        """Count bytes that are no data, within their bound: each costs a turn of a loop."""
        self._outside += size
        if self._outside > self._caps.json_bytes // 8:
            raise UnreadableReply("too much around the events")
