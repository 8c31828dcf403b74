"""A lettered grid over a picture, by which people say where something is meant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

from PIL import ImageDraw

from bot.domain.calls import PictureBytes
from bot.errors import PictureUnusable
from bot.images import encode, inspect, lettering, pixels
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

SHAPES = ((6, 4), (4, 6), (5, 5), (8, 3), (3, 8), (12, 2), (2, 12))
"""Columns and rows to choose from; Discord's select menus hold 25 options."""
QUALITY = 85
LIGHT = (255, 255, 255, 210)
DARK = (0, 0, 0, 130)
VEIL = (0, 0, 0, 150)
"""What is laid over the rest of a picture where a part of it is chosen."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a picture in per cent, from its left and from its top."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns A, B, C… and rows 1, 2, 3…; cells are named like those of a chessboard."""

    columns: int
    rows: int

    @classmethod
    def over(cls, width: int, height: int) -> Grid:
        """Return the grid whose cells are nearest to squares on a picture of that size."""
        shape = width / height
        return cls(*min(SHAPES, key=lambda choice: abs(math.log(shape * choice[1] / choice[0]))))

    @property
    def cells(self) -> tuple[str, ...]:
        """The names of all cells, row by row."""
        return tuple(
            f"{ascii_uppercase[column]}{row + 1}"
            for row in range(self.rows)
            for column in range(self.columns)
        )

    def place(self, cell: str) -> tuple[int, int]:
        """Return column and row of a cell, from 0; raise PictureUnusable where there is no such cell."""
        name = cell.strip().upper()
        if name not in self.cells:
            raise PictureUnusable(
                tr("There is no such cell in the grid. Choose from A1 to {last}.", last=self.cells[-1])
            )
        return ascii_uppercase.index(name[0]), int(name[1:]) - 1

    def chosen(self, mask: int) -> tuple[str, ...]:
        """Return the cells whose bits are set, the first cell's lowest; bits of no cell count for nothing."""
        return tuple(cell for n, cell in enumerate(self.cells) if mask >> n & 1)

    def mask(self, cells: Iterable[str]) -> int:
        """Return cells as the bits that `chosen` reads; raise PictureUnusable where there is no such cell."""
        places = [self.place(cell) for cell in cells]
        return sum({1 << (row * self.columns + column) for column, row in places})

    def corners(self, cells: Iterable[str]) -> str:
        """Name the rectangle round some cells by its first and its last one."""
        columns, rows = zip(*(self.place(cell) for cell in cells), strict=True)
        first = f"{ascii_uppercase[min(columns)]}{min(rows) + 1}"
        last = f"{ascii_uppercase[max(columns)]}{max(rows) + 1}"
        return first if first == last else f"{first} to {last}"

    def area(self, cells: Iterable[str]) -> Area:
        """Return the rectangle round some cells; raise PictureUnusable where there is none."""
        places = [self.place(cell) for cell in cells]
        if not places:
            raise PictureUnusable(tr("Choose at least one cell of the grid."))
        columns, rows = ({column for column, _ in places}, {row for _, row in places})
        return Area(
            left=round(100 * min(columns) / self.columns),
            top=round(100 * min(rows) / self.rows),
            right=round(100 * (max(columns) + 1) / self.columns),
            bottom=round(100 * (max(rows) + 1) / self.rows),
        )


def words(area: Area) -> str:
    """Say in words for a model where an area is."""
    across = _third((area.left + area.right) / 2, ("left", "centre", "right"))
    down = _third((area.top + area.bottom) / 2, ("upper", "middle", "lower"))
    place = "centre" if (down, across) == ("middle", "centre") else f"{down} {across}"
    return (
        f"the {place} of the picture, from {area.left} % to {area.right} % of its width, "
        f"counted from the left, and from {area.top} % to {area.bottom} % of its height, counted from the top"
    )


def _third(middle: float, names: tuple[str, str, str]) -> str:
    """Return the first, second or last name by where the middle is, in per cent."""
    return names[min(2, int(middle * 3 // 100))]


def gridded(
    data: bytes, area: Area | None = None, *, max_side: int = 1280, max_bytes: int = 4 * 1024 * 1024
) -> PictureBytes:
    """Draw the grid over a picture as people see it, as JPEG; raise PictureUnusable where it is damaged.

    Where an area is given, all of the picture outside of it is darkened.
    """
    opened = inspect.open_picture(data, max_bytes=inspect.MAX_MODEL_BYTES)
    grid = Grid.over(opened.info.width, opened.info.height)
    image = pixels.flattened(pixels.shown(opened, max_side=max_side))
    canvas = ImageDraw.Draw(image, "RGBA")
    across = [round(image.width * column / grid.columns) for column in range(grid.columns + 1)]
    down = [round(image.height * row / grid.rows) for row in range(grid.rows + 1)]
    if area is not None:
        _veil(canvas, image.size, area)
    stroke = max(1, max(image.size) // 640)
    for color, width in ((DARK, 3 * stroke), (LIGHT, stroke)):
        for x in across[1:-1]:
            canvas.line((x, 0, x, image.height), fill=color, width=width)
        for y in down[1:-1]:
            canvas.line((0, y, image.width, y), fill=color, width=width)
    size = max(8, min(image.width // grid.columns, image.height // grid.rows) // 7)
    for cell in grid.cells:
        column, row = grid.place(cell)
        corner = across[column] + size // 3 + stroke, down[row] + size // 3 + stroke
        lettering.plate(canvas, corner, cell, size)
    return PictureBytes(encode.within(image, "image/jpeg", QUALITY, max_bytes), "image/jpeg")


def _veil(canvas: ImageDraw.ImageDraw, size: tuple[int, int], area: Area) -> None:
    """Darken what lies round an area."""
    width, height = size
    left, right = (round(width * edge / 100) for edge in (area.left, area.right))
    top, bottom = (round(height * edge / 100) for edge in (area.top, area.bottom))
    for box in (
        (0, 0, width, top),
        (0, bottom, width, height),
        (0, top, left, bottom),
        (right, top, width, bottom),
    ):
        if box[0] < box[2] and box[1] < box[3]:
            canvas.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=VEIL)
