"""The artist."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class Commission:
    """What is to be painted."""

    prompt: str
    size: tuple[int, int]
    token: bytes
    quality: str = "auto"
    transparent: bool = False
    references: tuple[bytes, ...] = ()


def paint(commission: Commission) -> Image.Image:
    """Paint a picture."""
    mode = "RGBA" if commission.transparent else "RGB"
    return Image.new(mode, commission.size, tuple(commission.token[:3]))
