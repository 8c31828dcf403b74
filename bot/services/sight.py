"""Pictures as models look at them, who read and see but do not draw."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.domain.words import Detail, PicturePart
from bot.images.inspect import inspect, working_bytes
from bot.images.prepare import prepare

if TYPE_CHECKING:
    from bot.domain.calls import PictureBytes
    from bot.domain.requests import Reference
    from bot.images.pool import PicturePool
    from bot.services.references import References

LOW_SIDE = 512
"""Pixels a side that a model gets for low detail; more would cost more with some of them."""


class Sight:
    """Reads pictures and makes them ready to be looked at; nothing is kept."""

    def __init__(self, references: References, pool: PicturePool) -> None:
        self._references = references
        self._pool = pool

    async def look(self, reference: Reference, detail: Detail) -> tuple[PictureBytes, PicturePart]:
        """Return a picture to show, and as a model gets it, or raise BadInput or NotFound."""
        picture = await self._references.read(reference)
        info = await self._pool.run(inspect, picture.data, weight_bytes=len(picture.data))
        if detail is Detail.HIGH or max(info.width, info.height) <= LOW_SIDE:
            return picture, PicturePart(picture, detail, (info.width, info.height))
        work = partial(prepare, picture.data, max_side=LOW_SIDE)
        small = await self._pool.run(work, weight_bytes=working_bytes(info))
        info = await self._pool.run(inspect, small.data, weight_bytes=len(small.data))
        return picture, PicturePart(small, detail, (info.width, info.height))
