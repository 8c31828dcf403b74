"""Several pictures in one: contact sheets, and comparisons side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from string import ascii_uppercase
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from bot.domain.calls import PictureBytes
from bot.images import encode, inspect, lettering, pixels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.images import PictureInfo

LETTERS = ascii_uppercase
MAX_PANELS = len(LETTERS)
PAPER = (30, 31, 34)
CAPTION = (219, 222, 225)
QUALITY = 90
_GAPS = 100
"""How many gaps are as wide as the sheet may be."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a sheet, and what is written below it; its mark, where not the letter of its place."""

    data: bytes
    caption: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the panels of a sheet are; all cells are alike, and a short last row stands in the middle."""

    count: int
    columns: int
    cell: tuple[int, int]
    gap: int
    line: int
    """The height of a caption's line; 0 where nobody has a caption."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return math.ceil(self.count / self.columns)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole sheet."""
        width, height = self.cell
        return (
            self.columns * (width + self.gap) + self.gap,
            self.rows * (height + self.line + self.gap) + self.gap,
        )

    def corner(self, index: int) -> tuple[int, int]:
        """Return the top left of a panel's cell."""
        row, column = divmod(index, self.columns)
        width, height = self.cell
        missing = self.columns - min(self.columns, self.count - row * self.columns)
        left = self.gap + column * (width + self.gap) + missing * (width + self.gap) // 2
        return left, self.gap + row * (height + self.line + self.gap)


def sheet(
    panels: Sequence[Panel],
    *,
    columns: int | None = None,
    max_side: int = 2048,
    max_bytes: int = 8 * 1024 * 1024,
    lossless: bool = False,
) -> PictureBytes:
    """Put 1 to `MAX_PANELS` pictures into one of at most `max_side` pixels a side, lettered from A.

    Nothing is cropped or enlarged. The columns are those that leave the pictures largest, unless given. A
    caption is one line, and is left out where no font has its letters. JPEG, or PNG where `lossless` is
    wished and fits into `max_bytes`. Raises PictureUnusable where one of the pictures is damaged.
    """
    if not 1 <= len(panels) <= MAX_PANELS:
        raise ValueError(f"a sheet has 1 to {MAX_PANELS} panels, not {len(panels)}")
    infos = [inspect.open_picture(panel.data, max_bytes=inspect.MAX_MODEL_BYTES).info for panel in panels]
    sizes = [(info.width, info.height) for info in infos]
    layout = arranged(sizes, max_side, columns=columns, has_captions=any(map(_is_captioned, panels)))
    paper = Image.new("RGB", layout.size, PAPER)
    for index, panel in enumerate(panels):
        _put(paper, layout, index, panel)
    if lossless:
        data = encode.png(paper, xmp=encode.XMP_GENERATED)
        if len(data) <= max_bytes:
            return PictureBytes(data, "image/png")
    data = encode.within(paper, "image/jpeg", QUALITY, max_bytes, xmp=encode.XMP_GENERATED)
    return PictureBytes(data, "image/jpeg")


def compare(
    panels: Sequence[Panel], *, max_side: int = 2048, max_bytes: int = 8 * 1024 * 1024
) -> PictureBytes:
    """Put pictures side by side in one row, lettered and captioned, as `sheet` does."""
    return sheet(panels, columns=len(panels), max_side=max_side, max_bytes=max_bytes)


def working_bytes(infos: Iterable[PictureInfo], *, max_side: int = 2048) -> int:
    """Return about how much memory a sheet takes: its own pixels, and one picture after another."""
    return max(inspect.working_bytes(info) for info in infos) + 16 * max_side * max_side


def arranged(
    sizes: Sequence[tuple[int, int]],
    max_side: int,
    *,
    columns: int | None = None,
    has_captions: bool = False,
) -> Layout:
    """Choose the columns that leave the pictures largest within a square; of equals, the widest."""
    count = len(sizes)
    shape = median(width / height for width, height in sizes)
    choices = [columns] if columns else range(count, 0, -1)
    layouts = [_layout(sizes, shape, choice, max_side, has_captions=has_captions) for choice in choices]
    return max(layouts, key=lambda layout: layout.cell[0] * layout.cell[1])


def _layout(
    sizes: Sequence[tuple[int, int]], shape: float, columns: int, max_side: int, *, has_captions: bool
) -> Layout:
    """Return the largest cells that so many columns allow; none larger than the largest picture."""
    count = len(sizes)
    rows = math.ceil(count / columns)
    gap = max(2, max_side // _GAPS)
    line = _line_height(max_side, columns) if has_captions else 0
    most_width = max(1, (max_side - gap) // columns - gap)
    most_height = max(1, (max_side - gap) // rows - gap - line)
    own = max(max(width, height * shape) for width, height in sizes)
    width = max(1, int(min(most_width, most_height * shape, own)))
    return Layout(count, columns, (width, max(1, min(most_height, round(width / shape)))), gap, line)


def _is_captioned(panel: Panel) -> bool:
    """Tell whether there is something to write below a picture, and a font to write it in."""
    return bool(lettering.line(panel.caption, 8)[0])


def _line_height(max_side: int, columns: int) -> int:
    """Return the height of a caption: the fewer the columns, the larger."""
    return round(max_side / (18 + 7 * min(columns, 5)))


def _put(paper: Image.Image, layout: Layout, index: int, panel: Panel) -> None:
    """Place one picture with its letter and its caption."""
    opened = inspect.open_picture(panel.data, max_bytes=inspect.MAX_MODEL_BYTES)
    picture = pixels.flattened(pixels.inside(pixels.shown(opened, max_side=max(layout.cell)), layout.cell))
    left, top = layout.corner(index)
    left += (layout.cell[0] - picture.width) // 2
    at = left, top + (layout.cell[1] - picture.height) // 2
    paper.paste(picture, at)
    canvas = ImageDraw.Draw(paper, "RGBA")
    size = max(10, min(layout.cell) // 14)
    lettering.plate(canvas, (at[0] + size // 2, at[1] + size // 2), panel.mark or LETTERS[index], size)
    if panel.caption:
        _write(canvas, layout, index, panel.caption)


def _write(canvas: ImageDraw.ImageDraw, layout: Layout, index: int, caption: str) -> None:
    """Write one line below a cell, in its middle."""
    written, font = lettering.line(caption, max(8, round(layout.line * 0.6)))
    words = lettering.shortened(written, font, layout.cell[0])
    left, top = layout.corner(index)
    middle = left + layout.cell[0] / 2, top + layout.cell[1] + layout.line * 0.56
    canvas.text(middle, words, fill=CAPTION, font=font, anchor="mm")
