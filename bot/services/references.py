"""The pictures that guide a job: read once from Discord, then from our own copies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.calls import PictureBytes
from bot.domain.images import Picture, Role, picture_id
from bot.domain.requests import Kept, Upload
from bot.errors import BadInput, NotFound, PictureUnusable
from bot.images.inspect import inspect, working_bytes
from bot.images.prepare import prepare
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.jobs import Job
    from bot.domain.requests import Reference, Stored
    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs
    from bot.storage.pictures import Pictures

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
"""The largest attachment that is read; Discord's own default limit for people."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A picture as the model gets it, and what is known of the one it is a copy of."""

    data: PictureBytes
    parents: tuple[str, ...] = ()
    is_delicate: bool = False


class References:
    """Finds, prepares and keeps the reference pictures of jobs."""

    def __init__(
        self,
        *,
        pictures: Pictures,
        blobs: Blobs,
        pool: PicturePool,
        fetch: Callable[[Upload], Awaitable[bytes]],
        clock: Callable[[], datetime],
    ) -> None:
        self._pictures = pictures
        self._blobs = blobs
        self._pool = pool
        self._fetch = fetch
        self._clock = clock

    async def of(self, job: Job) -> tuple[PictureBytes, ...]:
        """Return a job's references as the model gets them; raise BadInput where one cannot be used."""
        if not job.request.references:
            return ()
        kept = {picture.ordinal: picture for picture in await self._pictures.of_job(job.id, Role.REFERENCE)}
        wanted = enumerate(job.request.references)
        return tuple(
            await asyncio.gather(*(self._one(job, n, reference, kept.get(n)) for n, reference in wanted))
        )

    async def read(self, reference: Reference) -> PictureBytes:
        """Return a picture that guides no job, as a model gets it, and keep nothing; otherwise as `of`."""
        return (await self._prepared(reference)).data

    async def _one(self, job: Job, ordinal: int, reference: Reference, kept: Picture | None) -> PictureBytes:
        if kept is not None:
            return PictureBytes(await self._blobs.get(kept.blob), kept.info.media_type)
        made = await self._prepared(reference)
        prepared = made.data
        info = await self._pool.run(inspect, prepared.data, weight_bytes=len(prepared.data))
        await self._pictures.add(
            Picture(
                id=picture_id(job.id, Role.REFERENCE, ordinal),
                job_id=job.id,
                role=Role.REFERENCE,
                ordinal=ordinal,
                blob=await self._blobs.put(prepared.data),
                info=info,
                parents=made.parents,
                is_delicate=made.is_delicate,
            ),
            self._clock(),
        )
        return prepared

    async def _prepared(self, reference: Reference) -> _Prepared:
        if isinstance(reference, Upload):
            return _Prepared(await self._uploaded(reference))
        if isinstance(reference, Kept):
            return _Prepared(await self._kept(reference))
        return await self._stored(reference)

    async def _uploaded(self, upload: Upload) -> PictureBytes:
        if upload.size_bytes > MAX_UPLOAD_BYTES:
            raise PictureUnusable(
                tr("“{filename}” is over 20 MB. Send a smaller picture.", filename=upload.filename)
            )
        try:
            return await self._in_pool(await self._fetch(upload))
        except BadInput as error:
            raise type(error)(tr("“{filename}”: {error}", filename=upload.filename, error=error)) from error

    async def _kept(self, reference: Kept) -> PictureBytes:
        try:
            return PictureBytes(await self._blobs.get(reference.blob), reference.media_type)
        except NotFound as error:
            raise NotFound(tr("The picture to start from was deleted. Choose another one.")) from error

    async def _stored(self, reference: Stored) -> _Prepared:
        picture = await self._pictures.get(reference.picture_id)
        if picture is None:
            raise NotFound(tr("The picture to start from was deleted. Choose another one."))
        data = await self._blobs.get(picture.blob)
        if picture.role is Role.REFERENCE:
            kept = PictureBytes(data, picture.info.media_type)
            return _Prepared(kept, picture.parents, is_delicate=picture.is_delicate)
        return _Prepared(await self._in_pool(data), (picture.id,), is_delicate=picture.is_delicate)

    async def _in_pool(self, data: bytes) -> PictureBytes:
        info = await self._pool.run(inspect, data, weight_bytes=len(data))
        return await self._pool.run(prepare, data, weight_bytes=working_bytes(info))
