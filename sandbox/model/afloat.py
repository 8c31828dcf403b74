"""A paper boat on still water, with or without a fox in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.model.palette import mix
from sandbox.model.scenes import WHITE, water

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model.brush import Canvas, Point
    from sandbox.model.palette import Colour, Palette

FUR, DEEP_FUR, DARK = (226, 110, 48), (178, 74, 34), (44, 30, 34)
CREAM = (252, 240, 224)


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws shapes around a place on the waterline, `size` a share of the picture's shorter side."""

    canvas: Canvas
    x: float
    y: float
    size: float

    def shape(self, points: Sequence[Point], top: Colour, low: Colour, strength: float = 1.0) -> None:
        """Paint a polygon; a unit is half the boat's length."""
        wide = self.size * self.canvas.short / self.canvas.width
        tall = self.size * self.canvas.short / self.canvas.height
        self.canvas.polygon([(self.x + x * wide, self.y + y * tall) for x, y in points], top, low, strength)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Paint something round."""
        across, down = self.canvas.short / self.canvas.width, self.canvas.short / self.canvas.height
        self.canvas.disc(
            self.x + x * self.size * across, self.y + y * self.size * down, radius * self.size, colour
        )


def afloat(canvas: Canvas, palette: Palette, quality: str) -> None:
    """Paint a paper boat on the water."""
    pen = _launch(canvas, palette, quality)
    _boat(pen, palette)


def fox_afloat(canvas: Canvas, palette: Palette, quality: str) -> None:
    """Paint a paper boat on the water, and a fox that looks out of it."""
    pen = _launch(canvas, palette, quality)
    _fox(pen)
    _boat(pen, palette)


def _launch(canvas: Canvas, palette: Palette, quality: str) -> Pen:
    """Paint the water, and choose where the boat lies."""
    horizon = water(canvas, palette, quality)
    dice = canvas.dice
    return Pen(canvas, dice.uniform(0.36, 0.64), horizon + 0.24, dice.uniform(0.23, 0.27))


def _boat(pen: Pen, palette: Palette) -> None:
    """Fold a boat: the peak, the two sides of the hull, and what the water shows of them."""
    paper = mix(palette.sky_low, WHITE, 0.82)
    shade, crease = mix(paper, palette.near, 0.22), mix(paper, palette.near, 0.4)
    mirrored = mix(paper, palette.water, 0.5)
    pen.shape(((-0.62, 0.12), (0.62, 0.12), (0.86, 0.44), (-0.86, 0.44)), mirrored, palette.water, 0.4)
    pen.shape(((-0.1, -0.36), (0.24, -0.98), (0.24, -0.36)), paper, shade)
    pen.shape(((0.24, -0.98), (0.24, -0.36), (0.58, -0.36)), shade, crease)
    pen.shape(((-1, -0.5), (0.1, -0.4), (-0.06, 0.12), (-0.62, 0.12)), paper, mix(paper, shade, 0.6))
    pen.shape(((1, -0.5), (0.1, -0.4), (-0.06, 0.12), (0.62, 0.12)), mix(paper, shade, 0.6), crease)


def _fox(pen: Pen) -> None:
    """Paint a fox: tail, body, head with its mask, ears, eyes and nose."""
    pen.shape(
        ((0.0, -0.4), (0.5, -0.62), (0.74, -1.02), (0.6, -1.3), (0.36, -0.96), (-0.1, -0.7)), FUR, DEEP_FUR
    )
    pen.shape(((0.74, -1.02), (0.6, -1.3), (0.47, -1.12), (0.6, -1.06)), CREAM, CREAM)
    pen.shape(((-0.66, -0.3), (-0.52, -0.96), (-0.2, -0.96), (-0.04, -0.3)), FUR, DEEP_FUR)
    pen.shape(((-0.5, -0.94), (-0.22, -0.94), (-0.36, -0.46)), CREAM, CREAM)
    for side in (-1, 1):
        pen.shape([(-0.36 + side * x, y) for x, y in ((0.06, -1.3), (0.34, -1.64), (0.38, -1.1))], FUR, FUR)
        pen.shape(
            [(-0.36 + side * x, y) for x, y in ((0.17, -1.34), (0.31, -1.52), (0.33, -1.24))], DARK, DARK
        )
    pen.shape(((-0.74, -1.14), (-0.5, -1.38), (-0.22, -1.38), (0.02, -1.14), (-0.36, -0.8)), FUR, FUR)
    for side in (-1, 1):
        cheek = ((0.38, -1.14), (0.12, -1.06), (0.0, -0.9), (0.0, -0.8))
        pen.shape([(-0.36 + side * x, y) for x, y in cheek], CREAM, CREAM)
        pen.dot(-0.36 + side * 0.15, -1.16, 0.035, DARK)
    pen.dot(-0.36, -0.83, 0.05, DARK)
