"""Kept pictures as files that Discord takes: byte for byte where they fit, else encoded anew."""

from __future__ import annotations

import asyncio
import io
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.calls import PictureBytes
from bot.domain.images import EXTENSIONS
from bot.errors import NotFound, PictureUnusable
from bot.images.fit import fit_all
from bot.images.inspect import working_bytes
from bot.images.preview import preview

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.images import Picture
    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs

REQUEST_LIMIT_BYTES = 24 * 1024 * 1024
"""Discord takes 25 MiB a request, whatever a file may weigh; the rest is for the words around it."""
FIT_S = 60.0
"""Ten pictures of 25 megapixels, encoded again a few times; the pictures are paid for, so there is time."""
PARTIAL_WEIGHT = 64 * 1024 * 1024
"""Bytes of memory that encoding a partial picture again takes: 2048 pixels a side, 16 bytes each."""

PREVIEW_SIDE, PREVIEW_BYTES = 512, 128 * 1024
"""Of pictures beside one another; nine of them come in a moment."""


class Prints:
    """Makes pictures ready to be uploaded; `each` is what one file may weigh at most, in bytes."""

    def __init__(self, blobs: Blobs, pool: PicturePool) -> None:
        self._blobs = blobs
        self._pool = pool

    async def ready(self, pictures: Sequence[Picture], each: int) -> Callable[[], list[discord.File]]:
        """Return what makes the files, anew for each try: discord.py uses them up.

        Raise NotFound or PictureUnusable where they cannot be read.
        """
        fitted = await self._fitted(pictures, each)

        def files() -> list[discord.File]:
            return [
                discord.File(io.BytesIO(picture.data), _name(kept.filename, picture))
                for kept, picture in zip(pictures, fitted, strict=True)
            ]

        return files

    async def files(self, pictures: Sequence[Picture], each: int) -> list[discord.File]:
        """Return pictures as files, or raise NotFound where they cannot be read."""
        try:
            return (await self.ready(pictures, each))()
        except PictureUnusable as error:
            raise NotFound("These pictures cannot be read any more.") from error

    async def previews(self, pictures: Sequence[Picture]) -> list[discord.File | None]:
        """Return small copies of pictures, None for those that cannot be read any more."""
        return list(await asyncio.gather(*map(self._preview, pictures)))

    async def _preview(self, picture: Picture) -> discord.File | None:
        try:
            data = await self._blobs.get(picture.blob)
            small = await self._pool.run(
                partial(preview, data, max_side=PREVIEW_SIDE, max_bytes=PREVIEW_BYTES),
                weight_bytes=working_bytes(picture.info),
            )
        except (NotFound, PictureUnusable):
            return None
        return discord.File(io.BytesIO(small.data), _name(picture.filename, small))

    async def partials(self, partials: Sequence[PictureBytes], each: int) -> list[discord.File]:
        """Return pictures as far as they are drawn."""
        fitting = tuple(partials)
        total = sum(len(picture.data) for picture in partials)
        if total > REQUEST_LIMIT_BYTES or any(len(picture.data) > each for picture in partials):
            work = partial(fit_all, fitting, each=each, total=REQUEST_LIMIT_BYTES)
            fitting = await self._pool.run(work, weight_bytes=PARTIAL_WEIGHT + total)
        return [
            discord.File(io.BytesIO(picture.data), f"partial-{n}.{EXTENSIONS[picture.media_type]}")
            for n, picture in enumerate(fitting, start=1)
        ]

    async def _fitted(self, pictures: Sequence[Picture], each: int) -> tuple[PictureBytes, ...]:
        originals = [
            PictureBytes(await self._blobs.get(picture.blob), picture.info.media_type) for picture in pictures
        ]
        total = sum(len(picture.data) for picture in originals)
        if total <= REQUEST_LIMIT_BYTES and all(len(picture.data) <= each for picture in originals):
            return tuple(originals)
        heaviest = max(working_bytes(picture.info, encodes_again=True) for picture in pictures)
        return await self._pool.run(
            partial(fit_all, originals, each=each, total=REQUEST_LIMIT_BYTES),
            weight_bytes=heaviest + total,
            max_job_s=FIT_S,
        )


def _name(filename: str, picture: PictureBytes) -> str:
    return f"{filename.rpartition('.')[0]}.{EXTENSIONS[picture.media_type]}"
