"""Letters and short words on pictures, in the font that Pillow brings along."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, cast

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL import ImageDraw

INK = (255, 255, 255)
PLATE = (17, 18, 20)
RIM = (255, 255, 255, 150)
"""The edge of a plate, so that it shows on dark pictures as well."""
_NO_GLYPH = "\uffff"


def font_of(size: int) -> ImageFont.FreeTypeFont:
    """Return the font at a height in pixels; no font of the system's is needed."""
    return cast("ImageFont.FreeTypeFont", ImageFont.load_default(size))


def written(text: str, font: ImageFont.FreeTypeFont) -> str:
    """Return what the font can write of a text: accents go, and letters of scripts it does not have."""
    nothing = _shape(_NO_GLYPH, font)
    plain = (mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))
    kept = (mark if mark.isspace() or _shape(mark, font) != nothing else " " for mark in plain)
    return " ".join("".join(kept).split())


def _shape(mark: str, font: ImageFont.FreeTypeFont) -> bytes:
    """Return how a mark looks; all that the font does not have look alike."""
    return bytes(cast("Iterable[int]", font.getmask(mark)))


def shortened(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Cut a line to a width, with an ellipsis where something is missing."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip(" ,.;:-") + "…" if text else ""


def plate(draw: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, size: int) -> None:
    """Write a few letters on a dark plate, which is read on light and on dark; `corner` is its top left.

    Wants a canvas with alpha: the plate lets a little of the picture through.
    """
    font = font_of(size)
    left, top = corner
    height = round(size * 1.5)
    width = max(height, round(font.getlength(text) + size * 0.8))
    box = (left, top, left + width, top + height)
    draw.rounded_rectangle(box, radius=size // 3, fill=(*PLATE, 200), outline=RIM, width=max(1, size // 16))
    draw.text((left + width / 2, top + height / 2), text, fill=INK, font=font, anchor="mm")
