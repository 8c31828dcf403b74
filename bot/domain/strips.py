"""Long pictures, such as screenshots of whole pages and receipts: kept and cut so that they can be read.

A model shrinks what it looks at closely into a square of LONG a side, and counts tiles of WIDE (OpenAI,
images and vision). Of a screenshot of 1080 x 7000 pixels that leaves a width of 316, which loses small print.
"""

from __future__ import annotations

LONG, WIDE = 2048, 512
OVERLAP = 128
"""Pixels that two pieces share, so that no line of words is cut in both."""
MOST = 3
"""Pieces of one picture: about $0.01 with gpt-4o-mini, and half of its context."""
LONGEST = MOST * (LONG - OVERLAP) + OVERLAP

Box = tuple[int, int, int, int]
"""Left, top, right and bottom."""


def longest_side(size: tuple[int, int]) -> int:
    """Return how long a picture may be kept: LONG, or more where it would become narrower than WIDE."""
    long, wide = max(size), max(1, min(size))
    return max(LONG, min(LONGEST, long * WIDE // wide))


def pieces(size: tuple[int, int]) -> tuple[Box, ...]:
    """Return the pieces in which a long picture is looked at, from its beginning to its end; else none."""
    width, height = size
    long = max(size)
    if long <= LONG or min(size) * 4 > long or long > LONGEST:
        return ()
    count = -(-(long - OVERLAP) // (LONG - OVERLAP))
    step = (long - OVERLAP) / count
    cuts = [(round(n * step), min(long, round((n + 1) * step) + OVERLAP)) for n in range(count)]
    if height >= width:
        return tuple((0, begin, width, end) for begin, end in cuts)
    return tuple((begin, 0, end, height) for begin, end in cuts)
