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
from bot.domain.spoilers import Spoilers
from bot.errors import NotFound, PictureUnusable
from bot.images.fit import cap, convert, fit_all
from bot.images.inspect import working_bytes
from bot.images.preview import preview
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.domain.images import Picture
    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs

FORMATS = frozenset({"png", "jpeg", "webp"})
"""What can be asked for, and made of what a model sends."""
REQUEST_LIMIT_BYTES = 24 * 1024 * 1024
"""Discord takes 25 MiB a request, whatever a file may weigh; the rest is for the words around it."""
FIT_S = 60.0
"""Ten pictures of 25 megapixels, encoded again a few times; the pictures are paid for, so there is time."""
PARTIAL_WEIGHT = 64 * 1024 * 1024
"""Bytes of memory that encoding a partial picture again takes: 2048 pixels a side, 16 bytes each."""

PREVIEW_SIDE, PREVIEW_BYTES = 512, 128 * 1024
"""Of pictures beside one another; nine of them come in a moment."""


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


async def _never(_guild_id: int | None) -> Spoilers:
    return Spoilers.NEVER


async def _anywhere(_guild_id: int | None) -> bool:
    return False


class Prints:
    """Makes pictures ready to be uploaded; `each` is what one file may weigh at most, in bytes.

    `wanted` is the format that was asked for: what the model sent in another one is converted. `channel` is
    where they are shown, which decides whether they are covered; one that is not known is no special place.
    With `is_covered` they are, wherever that is.
    """

    def __init__(
        self,
        blobs: Blobs,
        pool: PicturePool,
        spoilers: Callable[[int | None], Awaitable[Spoilers]] = _never,
        keeps_apart: Callable[[int | None], Awaitable[bool]] = _anywhere,
    ) -> None:
        self._blobs = blobs
        self._pool = pool
        self._spoilers = spoilers
        self._keeps_apart = keeps_apart

    async def ready(
        self,
        pictures: Sequence[Picture],
        each: int,
        *,
        wanted: str | None = None,
        channel: object | None = None,
        is_covered: bool = False,
    ) -> Callable[[], list[discord.File]]:
        """Return what makes the files, anew for each try: discord.py uses them up.

        Raise NotFound or PictureUnusable where they cannot be read.
        """
        printed = await self._printed(pictures, each, wanted)
        covered = [is_covered or await self.covers(channel, one) for one in pictures]

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
        channel: object | None = None,
        is_covered: bool = False,
    ) -> list[discord.File]:
        """Return pictures as files, or raise NotFound where they cannot be read."""
        try:
            ready = await self.ready(pictures, each, wanted=wanted, channel=channel, is_covered=is_covered)
            return ready()
        except PictureUnusable as error:
            raise NotFound(tr("These pictures cannot be read any more.")) from error

    async def previews(
        self, pictures: Sequence[Picture], *, channel: object | None = None
    ) -> list[discord.File | None]:
        """Return small copies of pictures, None for those that cannot be read, or not be shown there."""
        return list(await asyncio.gather(*(self._preview(one, channel) for one in pictures)))

    async def _preview(self, picture: Picture, channel: object | None) -> discord.File | None:
        if (
            picture.is_delicate
            and not _is_for_adults(channel)
            and await self._keeps_apart(_guild_of(channel))
        ):
            return None
        try:
            data = await self._blobs.get(picture.blob)
            small = await self._pool.run(
                partial(preview, data, max_side=PREVIEW_SIDE, max_bytes=PREVIEW_BYTES),
                weight_bytes=working_bytes(picture.info),
            )
        except (NotFound, PictureUnusable):
            return None
        is_covered = await self.covers(channel, picture)
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
        is_covered = await self.covers(channel)
        return [
            discord.File(
                io.BytesIO(picture.data), f"partial-{n}.{EXTENSIONS[picture.media_type]}", spoiler=is_covered
            )
            for n, picture in enumerate(fitting, start=1)
        ]

    async def covers(self, channel: object | None, picture: Picture | None = None) -> bool:
        """Tell whether a picture is covered in a channel; one that cannot be restricted is not."""
        spoilers = await self._spoilers(_guild_of(channel))
        is_delicate = picture is not None and picture.is_delicate
        return spoilers.covers(is_age_restricted=_is_for_adults(channel), is_delicate=is_delicate)

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


def _guild_of(channel: object | None) -> int | None:
    guild = getattr(channel, "guild", None)
    return None if guild is None else guild.id


def _is_for_adults(channel: object | None) -> bool:
    is_nsfw = getattr(channel, "is_nsfw", None)
    return bool(is_nsfw and is_nsfw())
