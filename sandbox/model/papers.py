"""Files that come with a question: read as far as plain means go."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sandbox.model.refusals import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.model.refusals import Json

PDF = "application/pdf"
PAGE_TOKENS = 1500
MAX_INFLATED = 4 * 1024 * 1024
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*(?:Tj|'|\")|\[((?:[^\]\\]|\\.)*)\]\s*TJ", re.DOTALL)
_PIECE = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")


@dataclass(frozen=True, slots=True)
class Paper:
    """A file's words and how many pages they stand on."""

    name: str
    media_type: str
    digest: str
    text: str
    pages: int

    @property
    def tokens(self) -> int:
        """Return what the file adds to a prompt; the look of a page costs more than its words."""
        pages = self.pages * PAGE_TOKENS if self.media_type == PDF else 0
        return len(self.text.encode()) // 4 + pages

    def annotation(self) -> Json:
        """Return what the provider notes of a document that it read."""
        content = [{"type": "text", "text": self.text}]
        return {"type": "file", "file": {"hash": self.digest, "name": self.name, "content": content}}


def read(name: str, media_type: str, data: bytes) -> Paper:
    """Read a file, or refuse what calls itself a document and is none."""
    digest = sha256(data).hexdigest()
    if media_type != PDF:
        return Paper(name, media_type, digest, data.decode("utf-8", "replace"), 1)
    if not data.startswith(b"%PDF"):
        raise refuse(
            422, f"Failed to parse {name}: it is not a PDF.", metadata={"error_type": "unprocessable"}
        )
    return Paper(name, media_type, digest, "\n".join(_lines(data)), max(1, len(_PAGE.findall(data))))


def _lines(data: bytes) -> Iterator[str]:
    """Yield the strings that the pages show; fonts with tables of their own stay a secret."""
    for found in _STREAM.finditer(data):
        body = found[1]
        with suppress(zlib.error):
            body = zlib.decompressobj().decompress(body, MAX_INFLATED)
        for shown in _SHOWN.finditer(body):
            pieces = [shown[1]] if shown[1] is not None else [piece[1] for piece in _PIECE.finditer(shown[2])]
            yield re.sub(rb"\\(.)", rb"\1", b"".join(pieces)).decode("latin-1")
