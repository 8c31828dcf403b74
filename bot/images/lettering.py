"""Letters and short words on pictures: in Pillow's own font, or in one of the system that has the script."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, cast

from PIL import ImageFont, features

from bot.texts import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL import ImageDraw

INK = (255, 255, 255)
PLATE = (17, 18, 20)
RIM = (255, 255, 255, 150)
"""The edge of a plate, so that it shows on dark pictures as well."""
FONTS = (
    "DejaVuSans.ttf",
    "VL-PGothic-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "ipagp.ttf",
    "wqy-microhei.ttc",
    "YuGothM.ttc",
    "ヒラギノ角ゴシック W3.ttc",
)
"""Font files for what Pillow's font lacks: accents, and the scripts of the languages that Easel speaks."""
_NO_GLYPH = "\uffff"


def font_of(size: int) -> ImageFont.FreeTypeFont:
    """Return the font at a height in pixels; no font of the system's is needed."""
    return cast("ImageFont.FreeTypeFont", ImageFont.load_default(size))


def line(text: str, size: int) -> tuple[str, ImageFont.FreeTypeFont]:
    """Return what can be written of a text on one line, and the font that has it; nothing rather than a part.

    Pillow's own font comes first, then those of FONTS that the system has. Where none has all letters, the
    text loses its accents; where letters are still missing, it is not written. Signs without a glyph go.
    """
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    bare = "".join(mark for mark in unicodedata.normalize("NFD", composed) if not unicodedata.combining(mark))
    fonts = [font_of(size), *_found(size)]
    tries = [*((composed, font) for font in fonts), *((bare, font) for font in fonts)]
    for said, font in tries if _can_be_laid_out(composed) else ():
        nothing = _shape(_NO_GLYPH, font)
        lost = {mark for mark in said if not mark.isspace() and _shape(mark, font) == nothing}
        if not any(unicodedata.category(mark)[0] in "LMN" for mark in lost):
            return " ".join("".join(" " if mark in lost else mark for mark in said).split()), font
    return "", fonts[0]


def _can_be_laid_out(text: str) -> bool:
    """Tell whether the letters come in their order: from right to left only by Raqm, with FriBiDi."""
    runs_left = any(unicodedata.bidirectional(mark) in RIGHT_TO_LEFT for mark in text)
    return not runs_left or bool(features.check("raqm"))


def _found(size: int) -> list[ImageFont.FreeTypeFont]:
    """Return the fonts of FONTS that the system has, at a height."""
    return [ImageFont.truetype(path, size) for name in FONTS if (path := _path(name))]


@cache
def _path(name: str) -> str | None:
    """Return where the system has a font file; Pillow walks through its folders for that."""
    try:
        return str(ImageFont.truetype(name, 10).path)
    except OSError:
        return None


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
