"""The artist: paints a pleasant picture from words, the same one every time, in about a tenth of a second."""

from __future__ import annotations

import io
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from sandbox.model import palette, seals
from sandbox.model.afloat import afloat, fox_afloat
from sandbox.model.brush import Canvas, curved, stretched
from sandbox.model.scenes import SCENE_PAINTERS, boat

MAX_INSETS = 3


@dataclass(frozen=True, slots=True)
class Commission:
    """What is to be painted; `token` decides every stroke that the words leave open."""

    prompt: str
    size: tuple[int, int]
    token: bytes
    quality: str = "auto"
    transparent: bool = False
    references: tuple[bytes, ...] = ()


def paint(commission: Commission) -> Image.Image:
    """Paint a picture: RGB, or RGBA where the background is transparent."""
    dice = Random(commission.token)
    words = palette.words_of(commission.prompt)
    colours = palette.choose(words, dice)
    canvas = Canvas(commission.size, dice)
    if {"paper", "boat"} <= set(words):
        paint_scene = fox_afloat if "fox" in words else afloat
    else:
        paint_scene = SCENE_PAINTERS[palette.scene_of(words, dice)]
    paint_scene(canvas, colours, commission.quality)
    if commission.references:
        _work_from(canvas, colours, commission.references)
    image = _sticker(canvas.image) if commission.transparent else canvas.image
    return seals.seal(image, words)


def _work_from(canvas: Canvas, colours: palette.Palette, references: tuple[bytes, ...]) -> None:
    """Let the first reference be the picture's ground, in the mood of the words; hang up the others."""
    scene = canvas.image
    ground = ImageOps.fit(_opened(references[0]), scene.size)
    tones = ImageOps.colorize(ImageOps.grayscale(ground), colours.near, colours.sky_low, colours.far)
    mood = Image.blend(ground, tones, 0.38)
    veil = curved(Image.linear_gradient("L"), lambda value: (value - 165) * 2.6)
    canvas.image = Image.composite(scene, mood, stretched(veil, *scene.size))
    canvas.glow(0.8, 0.2, 0.4, colours.light, 0.5)
    canvas.disc(0.8, 0.2, 0.07, colours.light)
    boat(canvas, colours, canvas.dice.uniform(0.25, 0.75), 0.88, 0.12)
    for place, reference in enumerate(references[1 : 1 + MAX_INSETS]):
        _hang(canvas, _opened(reference), place)
    edge = max(4, canvas.short // 40)
    framed = ImageOps.expand(
        canvas.image.crop((edge, edge, canvas.width - edge, canvas.height - edge)), edge, "white"
    )
    canvas.image = framed


def _hang(canvas: Canvas, picture: Image.Image, place: int) -> None:
    """Hang a small framed print into the upper left."""
    side, border = round(canvas.short * 0.2), max(2, canvas.short // 90)
    print_ = ImageOps.expand(ImageOps.fit(picture, (side, side)), border, "white")
    left = round(canvas.short * 0.07) + place * (side + 3 * border)
    canvas.image.paste(print_, (left, round(canvas.short * 0.07)))


def _opened(data: bytes) -> Image.Image:
    """Return a reference as an upright RGB picture of moderate size."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", (2048, 2048))
        return ImageOps.exif_transpose(image).convert("RGB")


def _sticker(image: Image.Image) -> Image.Image:
    """Cut the picture out as a round sticker with a white rim; everything around it is transparent."""
    side = min(image.size)
    mask = Image.new("L", (side * 2, side * 2))
    draw = ImageDraw.Draw(mask)
    draw.ellipse((side * 0.1, side * 0.1, side * 1.9, side * 1.9), fill=255)
    rim = mask.reduce(2)
    inner = stretched(rim.filter(ImageFilter.BoxBlur(1)), round(side * 0.94), round(side * 0.94))
    left, top = (image.width - side) // 2, (image.height - side) // 2
    sticker = Image.new("RGBA", image.size)
    sticker.paste((255, 255, 255, 255), (left, top), rim)
    inset = (side - inner.width) // 2
    scene = image.crop((left + inset, top + inset, left + inset + inner.width, top + inset + inner.height))
    sticker.paste(scene, (left + inset, top + inset), inner)
    return sticker
