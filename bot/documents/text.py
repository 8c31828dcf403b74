"""What a file of text says: told from other files by its content, in UTF-8 or UTF-16."""

from __future__ import annotations

import codecs
import re

from bot.errors import DocumentUnusable
from bot.texts import number, tr

MOST_BYTES = 1024 * 1024
MOST_CHARACTERS = 100_000
"""Of one file: about 25,000 tokens of English."""
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
"""Signs that no text has; form feeds and the escapes of coloured logs are text."""


def read(data: bytes) -> str | None:
    """Return what a file of text says, None where it is no text; raise DocumentUnusable for a long one."""
    if len(data) > MOST_BYTES:
        if _decoded(data[: 64 * 1024 // 4 * 4], whole=False) is None:
            return None
        raise DocumentUnusable(
            tr(
                "this text is over {megabytes} MB long, and {most} characters can be read. "
                "Send a part of it.",
                megabytes=MOST_BYTES // 2**20,
                most=number(MOST_CHARACTERS),
            )
        )
    said = _decoded(data, whole=True)
    if said is not None and len(said) > MOST_CHARACTERS:
        raise DocumentUnusable(
            tr(
                "this text is {length} characters long, and {most} characters can be read. "
                "Send a part of it.",
                length=number(len(said)),
                most=number(MOST_CHARACTERS),
            )
        )
    return said


def fenced(name: str, said: str) -> str:
    """Return a file's words between fences that nothing in it can close."""
    longest = max((len(found) for found in re.findall(r"`+", said)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"The file {' '.join(name.split())}:\n{fence}\n{said}\n{fence}"


def _decoded(data: bytes, *, whole: bool) -> str | None:
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    try:
        said = codecs.getincrementaldecoder(encoding)().decode(data[len(mark) :], whole)
    except UnicodeDecodeError:
        return None
    return None if _NO_TEXT.search(said) else said
