"""Brushes: soft-edged strokes on a Pillow picture, fast enough for many of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from sandbox.model.palette import Colour

Point = tuple[float, float]
SMOOTH = 2
"""Masks are drawn this much larger and shrunk, which smooths their edges."""


def stretched(image: Image.Image, width: int, height: int) -> Image.Image:
    """Return a picture in another size, smoothly."""
    size = (max(1, width), max(1, height))
    return image.resize(size, Image.Resampling.BILINEAR)  # pyright: ignore[reportUnknownMemberType] - names numpy


def curved(image: Image.Image, curve: Callable[[int], float]) -> Image.Image:
    """Return a mask whose values, 0 to 255, went through a curve."""
    table = [max(0, min(255, round(curve(value)))) for value in range(256)]
    return image.point(table)  # pyright: ignore[reportUnknownMemberType] - names numpy


def gradient(width: int, height: int, top: Colour, low: Colour) -> Image.Image:
    """Return a gradient from the top down; coloured on a strip, which is quicker than on the whole."""
    strip = stretched(Image.linear_gradient("L"), 1, height)
    coloured = ImageOps.colorize(strip, top, low)
    return coloured.resize((max(1, width), max(1, height)), Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType] - names numpy


class Canvas:
    """A picture in the making; positions and sizes are shares of its width or height."""

    def __init__(self, size: tuple[int, int], dice: Random) -> None:
        self.image = Image.new("RGB", size)
        self.width, self.height = size
        self.short = min(size)
        self.dice = dice

    def wash(self, top: Colour, low: Colour, end: float = 1.0) -> None:
        """Fill the picture from its top down to a share of its height with a gradient."""
        self.image.paste(gradient(self.width, round(self.height * end), top, low), (0, 0))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Shed light around a point."""
        side = max(2, round(radius * 2 * self.short))
        halo = curved(
            Image.radial_gradient("L"), lambda value: max(0.0, 1 - value / 180) ** 2 * 255 * strength
        )
        place = (round(x * self.width - side / 2), round(y * self.height - side / 2))
        self.image.paste(colour, _box(place, side), stretched(halo, side, side))

    def disc(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Paint a round thing."""
        side = max(2, round(radius * 2 * self.short))
        mask = Image.new("L", (side * SMOOTH * 2, side * SMOOTH * 2))
        ImageDraw.Draw(mask).ellipse(
            (0, 0, side * SMOOTH * 2 - 1, side * SMOOTH * 2 - 1), round(255 * strength)
        )
        place = (round(x * self.width - side / 2), round(y * self.height - side / 2))
        self.image.paste(colour, _box(place, side), mask.reduce(SMOOTH * 2))

    def stencil(
        self,
        top: Colour,
        low: Colour,
        cut: Callable[[ImageDraw.ImageDraw, float, float], None],
        strength: float = 1.0,
    ) -> None:
        """Paint a gradient through a mask; `cut` draws the mask in white, in its own pixels."""
        mask = Image.new("L", (self.width * SMOOTH, self.height * SMOOTH))
        cut(ImageDraw.Draw(mask), self.width * SMOOTH, self.height * SMOOTH)
        bounds = mask.getbbox()
        if bounds is None:
            return
        left, upper, right, lower = (bounds[0] // 2, bounds[1] // 2, -(-bounds[2] // 2), -(-bounds[3] // 2))
        small = mask.crop((left * 2, upper * 2, right * 2, lower * 2)).reduce(SMOOTH)
        if strength < 1:
            small = curved(small, lambda value: value * strength)
        self.image.paste(gradient(right - left, lower - upper, top, low), (left, upper), small)

    def polygon(
        self, points: Sequence[Point], top: Colour, low: Colour | None = None, strength: float = 1.0
    ) -> None:
        """Paint a polygon whose points are shares of the picture."""

        def cut(draw: ImageDraw.ImageDraw, width: float, height: float) -> None:
            draw.polygon([(x * width, y * height) for x, y in points], fill=255)

        self.stencil(top, low or top, cut, strength)

    def clouds(self, count: int, colour: Colour, highest: float, lowest: float, strength: float) -> None:
        """Hang soft clouds between two heights."""
        small = Image.new("L", (max(8, self.width // 6), max(8, self.height // 6)))
        draw = ImageDraw.Draw(small)
        for _ in range(count):
            x, y = self.dice.random() * small.width, self.dice.uniform(highest, lowest) * small.height
            for _ in range(7):
                length, thick = self.dice.uniform(6, 24), self.dice.uniform(1.0, 3.4)
                across, down = x + self.dice.uniform(-22, 22), y + self.dice.uniform(-2.4, 2.4)
                draw.ellipse(
                    (across - length, down - thick, across + length, down + thick), round(255 * strength)
                )
        mask = stretched(small.filter(ImageFilter.GaussianBlur(1.6)), self.width, self.height)
        self.image.paste(colour, (0, 0, self.width, self.height), mask)


def ridge(dice: Random, base: float, rise: float, roughness: int, steps: int = 160) -> list[Point]:
    """Return the skyline of a chain of hills from left to right: waves upon waves."""
    waves = [
        (rise / (order + 1) ** 1.15, (order + 1) * dice.uniform(0.7, 1.6), dice.uniform(0, math.tau))
        for order in range(roughness)
    ]
    line: list[Point] = []
    for step in range(steps + 1):
        x = step / steps
        lift = sum(height * math.sin(x * pace * math.tau + phase) for height, pace, phase in waves)
        line.append((x, base - lift * 0.5))
    return line


def _box(place: tuple[int, int], side: int) -> tuple[int, int, int, int]:
    """Return the square at a place."""
    return (place[0], place[1], place[0] + side, place[1] + side)
