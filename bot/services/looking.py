"""Files as a model gets them: whole, as words, or in pieces where a long picture is to be read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.documents.text import fenced
from bot.domain.calls import PictureBytes
from bot.domain.conversation import FileKind
from bot.domain.strips import pieces
from bot.domain.words import Detail, FilePart, PicturePart, Text
from bot.images import strips
from bot.images.inspect import inspect, working_bytes

if TYPE_CHECKING:
    from bot.domain.conversation import Attached
    from bot.domain.words import Part
    from bot.images.pool import PicturePool


class Looking:
    """Makes parts of messages of files."""

    def __init__(self, pool: PicturePool) -> None:
        self._pool = pool

    async def parts(self, file: Attached, data: bytes, detail: Detail) -> tuple[Part, ...]:
        """Return a file as parts of a message: text as words, a long picture closely in several pieces."""
        if file.kind is not FileKind.PICTURE:
            return (_document(file, data),)
        boxes = pieces(file.size) if detail is Detail.HIGH and file.size is not None else ()
        if not boxes:
            return (PicturePart(PictureBytes(data, file.media_type), detail, file.size),)
        info = await self._pool.run(inspect, data, weight_bytes=len(data))
        cut = await self._pool.run(partial(strips.cut, data, boxes), weight_bytes=working_bytes(info))
        order = "top to bottom" if boxes[0][2] == boxes[-1][2] else "left to right"
        head = Text(f"[{file.called} in {len(cut)} pieces that overlap, from {order}]")
        sizes = [(right - left, bottom - top) for left, top, right, bottom in boxes]
        return (head, *(PicturePart(one, detail, size) for one, size in zip(cut, sizes, strict=True)))


def _document(file: Attached, data: bytes) -> Part:
    if file.is_text:
        return Text(fenced(file.filename, data.decode("utf-8", "replace")))
    return FilePart(file.filename, data, file.media_type, file.pages)
