"""Pictures made from kept ones for one look: side by side, on a sheet, under a grid; none of them is kept."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.images import EXTENSIONS
from bot.errors import NotFound, PictureUnusable
from bot.images import grid, sheets
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.calls import PictureBytes
    from bot.domain.images import Picture, PictureInfo
    from bot.images.grid import Area
    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs
    from bot.ui.covers import Covers

PATIENCE_S = 30.0
"""Ten pictures of 25 megapixels are decoded for a contact sheet."""
MAX_BYTES = 8 * 1024 * 1024


class Darkroom:
    """Makes such pictures off the event loop; each takes what one file may weigh at most, in bytes.

    `channel` is where they are looked at: one that may not be seen there is on none of them, and what shows
    a covered one is covered itself. All raise NotFound where one cannot be read or not be seen there.
    """

    def __init__(self, blobs: Blobs, pool: PicturePool, covers: Covers) -> None:
        self._blobs = blobs
        self._pool = pool
        self._covers = covers

    async def side_by_side(
        self, pictures: Sequence[Picture], captions: Sequence[str], each: int, channel: object | None
    ) -> discord.File:
        """Return pictures in a row, lettered and captioned."""
        covered = await self._covers.over(pictures, channel)
        panels = [
            sheets.Panel(data, caption)
            for data, caption in zip(await self._read(pictures), captions, strict=True)
        ]
        work = partial(sheets.compare, panels, max_bytes=min(each, MAX_BYTES))
        return await self._file("comparison", work, [one.info for one in pictures], is_covered=any(covered))

    async def contact_sheet(
        self, pictures: Sequence[Picture], each: int, channel: object | None, marks: Sequence[str] = ()
    ) -> discord.File:
        """Return pictures on one sheet, marked or else numbered."""
        covered = await self._covers.over(pictures, channel)
        names = marks or [str(n) for n in range(1, len(pictures) + 1)]
        panels = [
            sheets.Panel(data, mark=name)
            for data, name in zip(await self._read(pictures), names, strict=True)
        ]
        work = partial(sheets.sheet, panels, max_bytes=min(each, MAX_BYTES))
        infos = [one.info for one in pictures]
        return await self._file("contact-sheet", work, infos, is_covered=any(covered))

    async def gridded(
        self, picture: Picture, area: Area | None, each: int, channel: object | None
    ) -> discord.File:
        """Return a picture under its grid, all but an area darkened."""
        (is_covered,) = await self._covers.over([picture], channel)
        (data,) = await self._read([picture])
        work = partial(grid.gridded, data, area, max_bytes=min(each, MAX_BYTES))
        return await self._file("grid", work, [picture.info], is_covered=is_covered)

    async def _read(self, pictures: Sequence[Picture]) -> list[bytes]:
        return [await self._blobs.get(picture.blob) for picture in pictures]

    async def _file(
        self,
        name: str,
        work: Callable[[], PictureBytes],
        infos: Sequence[PictureInfo],
        *,
        is_covered: bool,
    ) -> discord.File:
        weight = sum(info.size_bytes for info in infos) + sheets.working_bytes(infos)
        try:
            made = await self._pool.run(work, weight_bytes=weight, max_job_s=PATIENCE_S)
        except PictureUnusable as error:
            raise NotFound(tr("These pictures cannot be read any more.")) from error
        filename = f"{name}.{EXTENSIONS[made.media_type]}"
        return discord.File(io.BytesIO(made.data), filename, spoiler=is_covered)
