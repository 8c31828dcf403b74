"""Coloured seals in the corner of pictures: what the loopback's moderation has to say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageDraw, ImageStat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL import Image

FLAGGED, DELICATE = "gladiator", "duel"
"""Words that the artist seals a picture for: it is flagged as violence, or nearly so."""
COLOURS = {FLAGGED: (255, 0, 0), DELICATE: (255, 0, 255)}
PART = 5
"""A seal is as wide as one part in so many of the shorter side."""
NEAR = 40
"""How far a colour may be off after a picture was encoded and made small."""


def seal(image: Image.Image, words: Iterable[str]) -> Image.Image:
    """Return a picture with the seal that its words call for, if any."""
    edge = min(image.size) // PART
    for word in COLOURS.keys() & set(words):
        ring = tuple(shade * 2 // 3 for shade in COLOURS[word])
        ImageDraw.Draw(image).ellipse((0, 0, edge, edge), COLOURS[word], ring, max(1, edge // 20))
    return image


def sealed(image: Image.Image) -> str | None:
    """Return the word of the seal that a picture bears, or None."""
    edge = min(image.size) / PART
    inside = image.crop((round(edge * 0.3), round(edge * 0.3), round(edge * 0.7), round(edge * 0.7)))
    mean = ImageStat.Stat(inside.convert("RGB")).mean
    for word, colour in COLOURS.items():
        if all(abs(a - b) <= NEAR for a, b in zip(mean, colour, strict=True)):
            return word
    return None
