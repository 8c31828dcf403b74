"""The files that people bring into a conversation: checked by what they are, kept as our own copies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.domain.conversation import Attached, FileKind
from bot.domain.requests import Stored
from bot.errors import BadInput, NotFound, PictureUnusable
from bot.images.inspect import inspect, working_bytes
from bot.images.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.domain.requests import Reference, Upload
    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs
    from bot.storage.pictures import Pictures

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
MOST = 10
"""Files of one turn; a message of Discord holds as many."""


class Attachments:
    """Reads, prepares and stores files."""

    def __init__(
        self,
        *,
        pictures: Pictures,
        blobs: Blobs,
        pool: PicturePool,
        fetch: Callable[[Upload], Awaitable[bytes]],
    ) -> None:
        self._pictures = pictures
        self._blobs = blobs
        self._pool = pool
        self._fetch = fetch

    async def read(self, uploads: Sequence[Reference]) -> tuple[Attached, ...]:
        """Return kept copies of files, in their order; raise BadInput naming one that cannot be used."""
        if len(uploads) > MOST:
            raise BadInput(f"These are {len(uploads)} files, and {MOST} can be read at once. Send fewer.")
        return tuple(await asyncio.gather(*map(self._one, uploads)))

    async def _one(self, upload: Reference) -> Attached:
        if isinstance(upload, Stored):
            return await self._stored(upload)
        if upload.size_bytes > MAX_UPLOAD_BYTES:
            raise PictureUnusable(f"“{upload.filename}” is over 20 MB. Send a smaller file.")
        try:
            return await self._picture(upload, await self._fetch(upload))
        except BadInput as error:
            raise type(error)(f"“{upload.filename}”: {error}") from error

    async def _stored(self, reference: Stored) -> Attached:
        """Return a picture that Easel keeps; who asks may see it, or would not have its id."""
        picture = await self._pictures.get(reference.picture_id)
        if picture is None:
            raise NotFound("That picture was deleted. Choose another one.")
        return Attached(
            kind=FileKind.PICTURE,
            blob=picture.blob,
            media_type=picture.info.media_type,
            filename=picture.filename,
            size_bytes=picture.info.size_bytes,
            size=(picture.info.width, picture.info.height),
        )

    async def _picture(self, upload: Upload, data: bytes) -> Attached:
        before = await self._pool.run(inspect, data, weight_bytes=len(data))
        picture = await self._pool.run(prepare, data, weight_bytes=working_bytes(before))
        info = await self._pool.run(inspect, picture.data, weight_bytes=len(picture.data))
        return Attached(
            kind=FileKind.PICTURE,
            blob=await self._blobs.put(picture.data),
            media_type=picture.media_type,
            filename=upload.filename,
            size_bytes=len(picture.data),
            size=(info.width, info.height),
        )
