"""Small copies of pictures, for the check of what they show; nothing of them is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.requests import Upload
from bot.errors import BadInput
from bot.images.glance import glance
from bot.images.inspect import inspect, working_bytes
from bot.images.sniff import is_picture_like
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.calls import PictureBytes
    from bot.domain.images import Picture
    from bot.domain.requests import Reference
    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs


class Glances:
    """Makes them, off the event loop."""

    def __init__(self, blobs: Blobs, pool: PicturePool, fetch: Callable[[Upload], Awaitable[bytes]]) -> None:
        self._blobs = blobs
        self._pool = pool
        self._fetch = fetch

    async def of_brought(self, reference: Reference) -> PictureBytes | None:
        """Return what somebody brings; None for a document, and for what Easel has and so has seen before.

        Raise BadInput where a picture cannot be read, as whoever uses it would.
        """
        if not isinstance(reference, Upload):
            return None
        try:
            data = await self._fetch(reference)
            return await self._small(data) if is_picture_like(data) else None
        except BadInput as error:
            named = tr("“{filename}”: {error}", filename=reference.filename, error=error)
            raise type(error)(named) from error

    async def of_made(self, picture: Picture) -> PictureBytes:
        """Return a picture that was made; raise NotFound or PictureUnusable where it cannot be read."""
        data = await self._blobs.get(picture.blob)
        return await self._pool.run(glance, data, weight_bytes=working_bytes(picture.info))

    async def _small(self, data: bytes) -> PictureBytes:
        info = await self._pool.run(inspect, data, weight_bytes=len(data))
        return await self._pool.run(glance, data, weight_bytes=working_bytes(info))
