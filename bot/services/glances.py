"""Small copies of pictures, for the check of what they show; nothing of the copies is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.requests import Kept
from bot.errors import BadInput
from bot.images.glance import glance
from bot.images.inspect import inspect, working_bytes
from bot.images.sniff import is_picture_like
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.calls import PictureBytes
    from bot.domain.requests import Stored, Upload
    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs
    from bot.storage.pictures import Pictures


class Glances:
    """Makes them, off the event loop."""

    def __init__(
        self,
        blobs: Blobs,
        pictures: Pictures,
        pool: PicturePool,
        fetch: Callable[[Upload], Awaitable[bytes]],
    ) -> None:
        self._blobs = blobs
        self._pictures = pictures
        self._pool = pool
        self._fetch = fetch

    async def of_upload(self, upload: Upload) -> PictureBytes | None:
        """Return what somebody brings, or None for a document.

        Raise BadInput where a picture cannot be read, as whoever uses it would.
        """
        try:
            data = await self._fetch(upload)
            return await self._small(data) if is_picture_like(data) else None
        except BadInput as error:
            named = tr("“{filename}”: {error}", filename=upload.filename, error=error)
            raise type(error)(named) from error

    async def blob_of(self, reference: Kept | Stored) -> str | None:
        """Return where the bytes of a kept picture are, or None where it was deleted."""
        if isinstance(reference, Kept):
            return reference.blob
        picture = await self._pictures.get(reference.picture_id)
        return None if picture is None else picture.blob

    async def of_kept(self, blob: str) -> PictureBytes:
        """Return a kept picture; raise NotFound or PictureUnusable where it cannot be read."""
        return await self._small(await self._blobs.get(blob))

    async def _small(self, data: bytes) -> PictureBytes:
        info = await self._pool.run(inspect, data, weight_bytes=len(data))
        return await self._pool.run(glance, data, weight_bytes=working_bytes(info))
