"""Kept pictures as files that Discord takes: byte for byte where they fit, else encoded anew."""

from __future__ import annotations

import asyncio
import io
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.calls import PictureBytes
from bot.domain.images import EXTENSIONS
from bot.domain.requests import FORMATS
from bot.domain.spoilers import View
from bot.errors import NotFound, PictureUnusable, StorageTrouble
from bot.images.fit import cap, convert, fit_all
from bot.images.inspect import working_bytes
from bot.images.preview import preview
from bot.texts import tr
from bot.ui.covers import Covers

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


class Unseen(Enum):
    """Why there is no small copy of a picture."""

    GONE = auto()
    """Its file cannot be read."""
    AWAY = auto()
    """Its file cannot be read now."""
    APART = auto()
    """It may not be seen where it is asked for."""


class Posted(Enum):
    """What becomes of a picture's file when it is posted."""

    AS_SENT = auto()
    CONVERTED = auto()
    """The model sent another kind than was asked for."""
    FITTED = auto()
    """It was too large."""


def posted(pictures: Sequence[Picture], each: int, wanted: str | None) -> tuple[Posted | None, ...]:
    """Tell what becomes of each file of a message; None where that depends on others that are converted."""
    converted = [_is_other(picture.info.media_type, wanted) for picture in pictures]
    if any(converted):
        return tuple(Posted.CONVERTED if one else None for one in converted)
    sizes = [picture.info.size_bytes for picture in pictures]
    most = cap(sizes, each=each, total=REQUEST_LIMIT_BYTES)
    return tuple(Posted.AS_SENT if size <= most else Posted.FITTED for size in sizes)


class Prints:
    """Makes pictures ready to be uploaded; `each` is what one file may weigh at most, in bytes.

    `wanted` is the format that was asked for: what the model sent in another one is converted. `channel` is
    where they are shown, which decides whether they may be, and covered or not.
    """

    def __init__(self, blobs: Blobs, pool: PicturePool, covers: Covers | None = None) -> None:
        self._blobs = blobs
        self._pool = pool
        self._covers = covers or Covers()

    async def ready(
        self,
        pictures: Sequence[Picture],
        each: int,
        *,
        wanted: str | None = None,
        channel: object | None = None,
    ) -> Callable[[], list[discord.File]]:
        """Return what makes the files of what was let in there, anew for each try: discord.py uses them up.

        Raise NotFound or PictureUnusable where they cannot be read.
        """
        return await self._ready(pictures, each, wanted, await self._covers.over_admitted(pictures, channel))

    async def _ready(
        self, pictures: Sequence[Picture], each: int, wanted: str | None, covered: Sequence[bool]
    ) -> Callable[[], list[discord.File]]:
        printed = await self._printed(pictures, each, wanted)

        def files() -> list[discord.File]:
            return [
                discord.File(io.BytesIO(picture.data), _name(kept.filename, picture), spoiler=is_hidden)
                for kept, picture, is_hidden in zip(pictures, printed, covered, strict=True)
            ]

        return files

    async def files(
        self,
        pictures: Sequence[Picture],
        each: int,
        *,
        wanted: str | None = None,
        channel: object | None,
    ) -> list[discord.File]:
        """Return pictures as files; raise NotFound where they cannot be read, or not be seen there."""
        covered = await self._covers.over(pictures, channel)
        return await self._files(pictures, each, wanted, covered)

    async def covered(self, pictures: Sequence[Picture], each: int) -> list[discord.File]:
        """Return pictures for those who decide about them, all of them covered; raise as `files` does."""
        return await self._files(pictures, each, None, [True] * len(pictures))

    async def _files(
        self, pictures: Sequence[Picture], each: int, wanted: str | None, covered: Sequence[bool]
    ) -> list[discord.File]:
        try:
            return (await self._ready(pictures, each, wanted, covered))()
        except PictureUnusable as error:
            raise NotFound(tr("These pictures cannot be read any more.")) from error

    async def previews(
        self, pictures: Sequence[Picture], *, channel: object | None
    ) -> list[discord.File | Unseen]:
        """Return small copies of pictures, or why there is none."""
        views = await self._covers.views(pictures, channel)
        shown = zip(pictures, views, strict=True)
        return list(await asyncio.gather(*(self._preview(one, view) for one, view in shown)))

    async def _preview(self, picture: Picture, view: View) -> discord.File | Unseen:
        if view is View.APART:
            return Unseen.APART
        try:
            data = await self._blobs.get(picture.blob)
            small = await self._pool.run(
                partial(preview, data, max_side=PREVIEW_SIDE, max_bytes=PREVIEW_BYTES),
                weight_bytes=working_bytes(picture.info),
            )
        except (NotFound, PictureUnusable):
            return Unseen.GONE
        except StorageTrouble:
            return Unseen.AWAY
        is_covered = view is View.COVERED
        return discord.File(io.BytesIO(small.data), _name(picture.filename, small), spoiler=is_covered)

    async def partials(
        self, partials: Sequence[PictureBytes], each: int, *, channel: object | None = None
    ) -> list[discord.File]:
        """Return pictures as far as they are drawn."""
        fitting = tuple(partials)
        total = sum(len(picture.data) for picture in partials)
        if total > REQUEST_LIMIT_BYTES or any(len(picture.data) > each for picture in partials):
            work = partial(fit_all, fitting, each=each, total=REQUEST_LIMIT_BYTES)
            fitting = await self._pool.run(work, weight_bytes=PARTIAL_WEIGHT + total)
        (is_covered,) = await self._covers.over_admitted([None], channel)
        return [
            discord.File(
                io.BytesIO(picture.data), f"partial-{n}.{EXTENSIONS[picture.media_type]}", spoiler=is_covered
            )
            for n, picture in enumerate(fitting, start=1)
        ]

    async def _printed(
        self, pictures: Sequence[Picture], each: int, wanted: str | None
    ) -> tuple[PictureBytes, ...]:
        originals = [
            PictureBytes(await self._blobs.get(picture.blob), picture.info.media_type) for picture in pictures
        ]
        if all(one is Posted.AS_SENT for one in posted(pictures, each, wanted)):
            return tuple(originals)
        heaviest = max(working_bytes(picture.info, encodes_again=True) for picture in pictures)
        return await self._pool.run(
            partial(_fitted, originals, each, wanted),
            weight_bytes=heaviest + sum(len(picture.data) for picture in originals),
            max_job_s=FIT_S,
        )


def _fitted(originals: Sequence[PictureBytes], each: int, wanted: str | None) -> tuple[PictureBytes, ...]:
    """Return pictures in the format that was asked for, as far as they fit in it."""
    converted = [
        convert(one.data, f"image/{wanted}") if _is_other(one.media_type, wanted) else one
        for one in originals
    ]
    return fit_all(converted, each=each, total=REQUEST_LIMIT_BYTES)


def _is_other(media_type: str, wanted: str | None) -> bool:
    """Tell whether a picture is of another kind than was asked for, and can be made into that."""
    return wanted in FORMATS and media_type != f"image/{wanted}"


def _name(filename: str, picture: PictureBytes) -> str:
    return f"{filename.rpartition('.')[0]}.{EXTENSIONS[picture.media_type]}"
