"""The scenes that the artist knows: hills, sea, city, space and shapes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from sandbox.model.brush import gradient, ridge, stretched
from sandbox.model.palette import mix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PIL import ImageDraw

    from sandbox.model.brush import Canvas, Point
    from sandbox.model.palette import Colour, Palette

LAYERS = {"low": 3, "medium": 5, "auto": 5, "high": 6, "xhigh": 7, "max": 8}
"""How many ridges stand behind each other; better qualities are deeper."""
WHITE = (255, 255, 255)


def sky(canvas: Canvas, palette: Palette, horizon: float) -> tuple[float, float]:
    """Paint the sky with its sun or moon; return where that stands."""
    dice = canvas.dice
    canvas.wash(palette.sky_top, palette.sky_low, end=min(1.0, horizon + 0.12))
    x, y = dice.uniform(0.24, 0.76), dice.uniform(0.2, max(0.24, horizon * 0.55))
    if palette.night:
        for _ in range(90):
            size = dice.choice((0.0012, 0.0016, 0.0024))
            canvas.disc(dice.random(), dice.random() * horizon, size, mix(palette.sky_low, WHITE, 0.8), 0.85)
    radius = dice.uniform(0.075, 0.125)
    canvas.glow(x, y, radius * 5, palette.light, 0.55)
    canvas.disc(x, y, radius, palette.light)
    if palette.night:
        shade = mix(palette.light, palette.sky_top, 0.16)
        for across, down, size in (
            (-0.3, -0.2, 0.22),
            (0.25, 0.3, 0.16),
            (0.2, -0.4, 0.1),
            (-0.15, 0.45, 0.12),
        ):
            ratio = canvas.short / canvas.width, canvas.short / canvas.height
            canvas.disc(x + across * radius * ratio[0], y + down * radius * ratio[1], size * radius, shade)
    canvas.clouds(4, mix(palette.sky_low, WHITE, 0.35), 0.1, horizon * 0.85, 0.4)
    return x, y


def hills(canvas: Canvas, palette: Palette, quality: str) -> None:
    """Paint ridges in the mist, with trees on the nearest ones, and birds."""
    layers, dice = LAYERS[quality], canvas.dice
    sky(canvas, palette, 0.6)
    for layer in range(layers):
        depth = layer / (layers - 1)
        colour = mix(mix(palette.far, palette.sky_low, 0.35), palette.near, depth)
        line = ridge(dice, 0.52 + 0.36 * depth, 0.17 - 0.07 * depth, 3 + layer % 3)
        mist = mix(colour, palette.sky_low, 0.42 * (1 - depth) + 0.06)
        canvas.polygon([*line, (1, 1.02), (0, 1.02)], colour, mist)
        if depth >= 0.7:
            trees(canvas, line, mix(colour, palette.near, 0.6), 0.035 + 0.035 * depth)
    birds(canvas, mix(palette.near, palette.sky_top, 0.2))


def trees(canvas: Canvas, line: list[Point], colour: Colour, height: float) -> None:
    """Plant firs along a ridge, in groups."""
    dice = canvas.dice
    stands = [point for point in line if math.sin(point[0] * 19 + dice.random()) > 0.2]

    def cut(draw: ImageDraw.ImageDraw, width: float, tall: float) -> None:
        for x, y in stands:
            top = height * dice.uniform(0.5, 1.1)
            wide = top * 0.22 * tall / width
            for tier in range(3):
                low, peak = y + 0.01 - top * 0.25 * tier, y - top * (0.45 + 0.28 * tier)
                half = wide * (1 - 0.25 * tier)
                corners = [
                    ((x - half) * width, low * tall),
                    (x * width, peak * tall),
                    ((x + half) * width, low * tall),
                ]
                draw.polygon(corners, fill=255)

    canvas.stencil(colour, colour, cut)


def birds(canvas: Canvas, colour: Colour) -> None:
    """Let some birds fly."""
    dice = canvas.dice
    x, y = dice.uniform(0.15, 0.7), dice.uniform(0.2, 0.4)

    def cut(draw: ImageDraw.ImageDraw, width: float, tall: float) -> None:
        for _ in range(5):
            span = dice.uniform(0.012, 0.02) * width
            left, top = (x + dice.uniform(-0.1, 0.14)) * width, (y + dice.uniform(-0.05, 0.05)) * tall
            thick = max(2, round(span / 7))
            draw.arc((left - 2 * span, top, left, top + span), 200, 340, fill=255, width=thick)
            draw.arc((left, top, left + 2 * span, top + span), 200, 340, fill=255, width=thick)

    canvas.stencil(colour, colour, cut, 0.8)


def sea(canvas: Canvas, palette: Palette, quality: str) -> None:
    """Paint water with sailing boats on it."""
    dice, horizon = canvas.dice, water(canvas, palette, quality)
    size = dice.uniform(0.15, 0.2)
    boat(canvas, palette, dice.choice((0.3, 0.36, 0.64, 0.7)), horizon + 0.16, size)
    boat(canvas, palette, dice.uniform(0.15, 0.85), horizon + 0.035, size * 0.32)
    birds(canvas, mix(palette.near, palette.sky_top, 0.25))


def water(canvas: Canvas, palette: Palette, quality: str) -> float:
    """Paint water that mirrors the sky and far islands; return where it begins."""
    dice, horizon = canvas.dice, canvas.dice.uniform(0.54, 0.62)
    x, _ = sky(canvas, palette, horizon)
    for layer in range(LAYERS[quality] // 2):
        colour = mix(palette.far, palette.near, 0.1 + 0.22 * layer)
        line = ridge(dice, horizon - 0.025 + 0.008 * layer, 0.1 - 0.025 * layer, 4)
        shore = [*((px, min(py, horizon)) for px, py in line), (1, horizon), (0, horizon)]
        canvas.polygon(shore, colour, mix(colour, palette.sky_low, 0.3))
    _mirror(canvas, palette, horizon)
    _glitter(canvas, palette, x, horizon)
    return horizon


def _mirror(canvas: Canvas, palette: Palette, horizon: float) -> None:
    """Lay water below the horizon: the scene upside down, under the water's colour."""
    edge = round(horizon * canvas.height)
    depth = canvas.height - edge
    above = canvas.image.crop((0, max(0, edge - depth), canvas.width, edge))
    mirrored = stretched(ImageOps.flip(above), canvas.width, depth)
    shallow, deep = mix(palette.water, palette.sky_low, 0.3), mix(palette.water, palette.near, 0.55)
    water = gradient(canvas.width, depth, shallow, deep)
    canvas.image.paste(Image.blend(mirrored, water, 0.66), (0, edge))


def _glitter(canvas: Canvas, palette: Palette, x: float, horizon: float) -> None:
    """Strew the light's path over the water, and ripples."""
    dice = canvas.dice

    def cut(draw: ImageDraw.ImageDraw, width: float, tall: float) -> None:
        for _ in range(70):
            deep = dice.random() ** 1.4
            y = (horizon + 0.008 + deep * (1 - horizon)) * tall
            half = dice.uniform(0.01, 0.05) * (0.5 + deep) * width
            middle = (x + dice.gauss(0, 0.025 + 0.05 * deep)) * width
            draw.rounded_rectangle(
                (middle - half, y, middle + half, y + (1 + 3 * deep) * tall / 900), 3, fill=255
            )

    canvas.stencil(palette.light, mix(palette.light, palette.water, 0.3), cut, 0.5)


def boat(canvas: Canvas, palette: Palette, x: float, y: float, size: float) -> None:
    """Paint a boat under sail and its reflection."""
    wide, tall = size * canvas.short / canvas.width, size * canvas.short / canvas.height
    sail = mix(palette.accent, WHITE, 0.12)

    def shape(
        points: tuple[Point, ...], top: Colour, low: Colour, strength: float = 1.0, flip: float = 1.0
    ) -> None:
        canvas.polygon([(x + px * wide, y + py * tall * flip) for px, py in points], top, low, strength)

    main = ((0.0, -1.15), (0.0, -0.16), (0.52, -0.16))
    jib = ((-0.05, -0.95), (-0.05, -0.16), (-0.42, -0.16))
    hull = ((-0.55, -0.1), (0.6, -0.1), (0.4, 0.12), (-0.38, 0.12))
    dark = mix(palette.near, palette.accent, 0.12)
    shape(main, sail, palette.water, 0.3, -0.7)
    shape(hull, dark, dark, 0.4, -1.6)
    shape(main, sail, palette.accent)
    shape(jib, mix(sail, WHITE, 0.55), mix(sail, WHITE, 0.25))
    shape(((-0.02, -1.2), (0.0, -1.2), (0.0, -0.1), (-0.02, -0.1)), dark, dark)
    shape(hull, mix(dark, WHITE, 0.12), dark)


def city(canvas: Canvas, palette: Palette, quality: str) -> None:
    """Paint a skyline with lit windows."""
    sky(canvas, palette, 0.7)
    layers = LAYERS[quality] // 2 + 1
    for layer in range(layers):
        depth = layer / max(1, layers - 1)
        colour = mix(mix(palette.far, palette.sky_low, 0.3), palette.near, depth)
        _houses(canvas, palette, colour, depth)


def _houses(canvas: Canvas, palette: Palette, colour: Colour, depth: float) -> None:
    """Build one row of houses, and light some of their windows."""
    dice, x = canvas.dice, -0.02
    blocks: list[tuple[float, float, float]] = []
    while x < 1:
        wide = dice.uniform(0.05, 0.11)
        blocks.append((x, wide, 0.46 + 0.24 * depth + dice.uniform(-0.14, 0.1)))
        x += wide + dice.choice((0.0, 0.0, 0.012))

    def walls(draw: ImageDraw.ImageDraw, width: float, tall: float) -> None:
        for left, wide, top in blocks:
            draw.rectangle((left * width, top * tall, (left + wide) * width, tall), fill=255)
            if int(top * 1000) % 3 == 0:
                middle = (left + wide / 2) * width
                draw.rectangle(
                    (middle - width / 500, (top - 0.05) * tall, middle + width / 500, top * tall), fill=255
                )

    def windows(draw: ImageDraw.ImageDraw, width: float, tall: float) -> None:
        pane = 0.009 * width
        for left, wide, top in blocks:
            for row in range(int((1 - top) / 0.03)):
                for column in range(int(wide / 0.018)):
                    if dice.random() < 0.34:
                        px, py = (left + 0.006 + column * 0.018) * width, (top + 0.014 + row * 0.03) * tall
                        draw.rectangle((px, py, px + pane, py + pane * 1.3), fill=255)

    canvas.stencil(colour, mix(colour, palette.sky_low, 0.25 * (1 - depth)), walls)
    lamp = mix(palette.accent, (255, 226, 160), 0.6)
    canvas.stencil(lamp, lamp, windows, 0.25 + 0.65 * depth)


def space(canvas: Canvas, palette: Palette, quality: str) -> None:
    """Paint a planet with its ring, its moon, and a field of stars."""
    dice = canvas.dice
    canvas.wash(mix(palette.sky_top, (6, 8, 20), 0.6), mix(palette.sky_low, (20, 14, 40), 0.55))
    for _ in range(LAYERS[quality]):
        tint = dice.choice((palette.accent, palette.far, palette.water))
        canvas.glow(dice.random(), dice.random(), dice.uniform(0.3, 0.7), tint, 0.35)
    for _ in range(160):
        canvas.disc(
            dice.random(), dice.random(), dice.choice((0.001, 0.0016, 0.0026)), WHITE, dice.uniform(0.5, 1)
        )
    x, y, radius = dice.uniform(0.36, 0.64), dice.uniform(0.4, 0.6), dice.uniform(0.2, 0.27)
    canvas.glow(x, y, radius * 2.2, palette.accent, 0.5)
    ring = mix(palette.light, palette.accent, 0.25)
    _ring(canvas, x, y, radius, ring, (180, 360))
    shade = mix(palette.accent, palette.near, 0.75)
    canvas.disc(x, y, radius, shade)
    for step in range(1, 12):
        share = step / 12
        offset = radius * 0.035 * step
        tone = mix(shade, mix(palette.accent, palette.light, 0.5), share)
        canvas.disc(
            x - offset * canvas.short / canvas.width, y - offset * canvas.short / canvas.height,
            radius * (1 - 0.05 * step), tone, 0.5,
        )  # fmt: skip
    _ring(canvas, x, y, radius, ring, (0, 180))
    canvas.disc(x + dice.choice((-0.3, 0.3)), y - 0.26, radius * 0.16, palette.light)


def _ring(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, arc: tuple[int, int]) -> None:
    """Lay half of a ring around a planet."""

    def cut(draw: ImageDraw.ImageDraw, width: float, tall: float) -> None:
        for scale, thick in ((1.75, 0.03), (1.55, 0.05), (1.36, 0.018)):
            across = radius * scale * min(width, tall)
            box = (x * width - across, y * tall - across * 0.3, x * width + across, y * tall + across * 0.3)
            draw.arc(box, arc[0], arc[1], fill=255, width=round(thick * radius * min(width, tall) * 2))

    canvas.stencil(colour, mix(colour, WHITE, 0.3), cut, 0.85)


def shapes(canvas: Canvas, palette: Palette, quality: str) -> None:
    """Paint paper cut-outs: waves and discs."""
    dice = canvas.dice
    ground = mix(palette.sky_low, WHITE, 0.35)
    canvas.wash(ground, mix(ground, palette.sky_top, 0.22))
    colours = [palette.sky_top, palette.far, palette.accent, palette.near, palette.water]
    dice.shuffle(colours)
    canvas.disc(dice.uniform(0.3, 0.7), dice.uniform(0.26, 0.44), dice.uniform(0.2, 0.27), palette.accent)
    for layer in range(LAYERS[quality]):
        line = ridge(dice, 0.5 + 0.09 * layer, 0.16, 2, 80)
        shadow = [(px, py - 0.012) for px, py in line]
        canvas.polygon([*shadow, (1, 1.1), (0, 1.1)], palette.near, palette.near, 0.16)
        colour = colours[layer % len(colours)]
        canvas.polygon([*line, (1, 1.1), (0, 1.1)], colour, mix(colour, WHITE, 0.12))
    for _ in range(4):
        x, y, radius = dice.uniform(0.1, 0.9), dice.uniform(0.1, 0.9), dice.uniform(0.025, 0.07)
        canvas.disc(x, y, radius, dice.choice([palette.light, *colours]), 0.92)


SCENE_PAINTERS: Mapping[str, Callable[[Canvas, Palette, str], None]] = {
    "hills": hills,
    "sea": sea,
    "city": city,
    "space": space,
    "shapes": shapes,
}
