"""How many tokens words, pictures and files are, estimated without a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.words import Detail

if TYPE_CHECKING:
    from bot.domain.words import FilePart

TILES = {"openai/gpt-4o-mini": (2833, 5667), "openai/gpt-4o": (85, 170)}
"""What a picture costs at all, and each of its tiles, by the beginning of the model's id.

Two real bills of gpt-4o-mini agree: 2833 + 6 x 5667 + 26 words, and 2833 + 4 x 5667 + 24.
"""
MOST_TILES = 8
TILE, LONG_SIDE, SHORT_SIDE = 512, 2048, 768
PATCH, MOST_PATCHES = 32, 1536
PATCH_FACTOR = (162, 100)
"""Documented for gpt-5-mini and kin; 1.20 was measured."""
LEAST_RATIO = 0.3
"""Plain English is at 0.45; a backend that counts less does not count."""
PAGE_TOKENS = 1500
"""Words of a dense page; a picture of the page comes on top."""


def text_tokens(text: str) -> int:
    """Return half the bytes in UTF-8: more than the count of o200k_base for all that people write.

    Only strings of hex digits and stacked accents may be more, up to each byte a token.
    """
    return -(-len(text.encode("utf-8", "replace")) // 2)


def picture_tokens(model_id: str, detail: Detail, size: tuple[int, int] | None) -> int:
    """Return what a picture costs a model; the largest where its size is not known."""
    tiles = next((cost for start, cost in TILES.items() if model_id.startswith(start)), None)
    if tiles is None:
        factor, whole = PATCH_FACTOR
        return -(-_patches(size) * factor // whole)
    base, each = tiles
    return base if detail is Detail.LOW else base + each * _tiles(size)


def file_tokens(model_id: str, part: FilePart) -> int:
    """Return what a file costs: by its pages where they are known, else half its bytes."""
    if part.pages is None:
        return -(-len(part.data) // 2)
    return part.pages * (PAGE_TOKENS + picture_tokens(model_id, Detail.LOW, None))


def _tiles(size: tuple[int, int] | None) -> int:
    """Count the tiles of a picture that is shrunk into a square first, and then by its short side."""
    if size is None:
        return MOST_TILES
    width, height = size
    scale = min(1.0, LONG_SIDE / max(width, height))
    scale *= min(1.0, SHORT_SIDE / (min(width, height) * scale))
    return _steps(width * scale, TILE) * _steps(height * scale, TILE)


def _patches(size: tuple[int, int] | None) -> int:
    if size is None:
        return MOST_PATCHES
    return min(MOST_PATCHES, _steps(size[0], PATCH) * _steps(size[1], PATCH))


def _steps(side: float, step: int) -> int:
    """Return how many steps cover a side; rounding of a scaled side must not add one."""
    return max(1, -(-round(side) // step))


@dataclass(frozen=True, slots=True)
class TokenRatio:
    """How far the estimates of a model's prompts are off, learned from the provider's own counts.

    It is for deciding how much of a conversation fits, and for saying what an answer will cost; what is held
    stays the upper estimate.
    """

    ratio: float = 1.0
    samples: int = 0

    def learned(self, estimated: int, counted: int) -> TokenRatio:
        """Return the ratio with one more answer taken in; later ones count for a tenth."""
        if estimated <= 0 or counted <= 0:
            return self
        weight = max(0.1, 1 / (self.samples + 1))
        ratio = self.ratio + (counted / estimated - self.ratio) * weight
        return replace(self, ratio=ratio, samples=self.samples + 1)

    def corrected(self, estimated: int) -> int:
        """Return what the provider will probably count."""
        return max(1, round(estimated * max(LEAST_RATIO, self.ratio)))
