"""What the sandbox's models see in a picture: its size, its colours, and whether it is one of their own."""

from __future__ import annotations

import io
from collections import Counter, deque
from typing import TYPE_CHECKING

import pybase64
from PIL import Image

from sandbox.model.palette import COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model.replies import EncodedPicture

NAMES = "red orange yellow green teal blue navy purple pink brown black white grey".split()  # noqa: SIM905 - reads better
SIDE = 16
SAME_BITS = 16
"""How many of 256 bits may differ between a picture and its copy in another format or size."""
LEAST_CONTRAST = 12
"""A picture of one colour looks like every other of one colour."""
FRESH = 12
REMEMBERED = 500


class Memory:
    """The pictures that were drawn lately, by their looks; each is looked at only when somebody asks."""

    def __init__(self) -> None:
        self._fresh: deque[tuple[str, str]] = deque(maxlen=FRESH)
        self._known: deque[tuple[int, str]] = deque(maxlen=REMEMBERED)

    def remember(self, prompt: str, pictures: Sequence[EncodedPicture]) -> None:
        """Keep pictures in mind with the words that they were drawn from."""
        self._fresh.extend((picture.base64, prompt) for picture in pictures)

    def prompt_of(self, image: Image.Image) -> str | None:
        """Return the words that a picture was drawn from, or None for a stranger's."""
        while self._fresh:
            written, prompt = self._fresh.popleft()
            with Image.open(io.BytesIO(pybase64.b64decode(written))) as drawn:
                looks = fingerprint(drawn)
            if looks is not None:
                self._known.append((looks, prompt))
        seen = fingerprint(image)
        if seen is None:
            return None
        near = [((seen ^ looks).bit_count(), prompt) for looks, prompt in self._known]
        best = min(near, default=(SIDE * SIDE, ""))
        return best[1] if best[0] <= SAME_BITS else None


def fingerprint(image: Image.Image) -> int | None:
    """Return a picture's looks as bits that survive another format or size; None where it has none."""
    small = image.convert("RGB").convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)  # pyright: ignore[reportUnknownMemberType] - names numpy
    values = small.tobytes()
    if max(values) - min(values) < LEAST_CONTRAST:
        return None
    middle = sorted(values)[len(values) // 2]
    return sum(1 << place for place, value in enumerate(values) if value > middle)


def describe(data: bytes, memory: Memory) -> str:
    """Return what is to be seen on a picture, in one phrase."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        size = f"{image.width} by {image.height} pixels"
        own = memory.prompt_of(image)
        colours = " and ".join(colours_of(image))
    if own is not None:
        return f"{own}, mostly {colours}, {size}"
    return f"a picture of {size}, mostly {colours}"


def colours_of(image: Image.Image) -> list[str]:
    """Return the names of the one or two colours that cover most of a picture."""
    small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)  # pyright: ignore[reportUnknownMemberType] - names numpy
    raw = small.tobytes()
    names = Counter(_name((raw[at], raw[at + 1], raw[at + 2])) for at in range(0, len(raw), 3))
    (first, _), *others = names.most_common(2)
    return [first, *(name for name, count in others if count >= len(raw) // 3 // 5)]


def _name(colour: tuple[int, int, int]) -> str:
    """Return the nearest colour that has a name."""
    return min(
        NAMES,
        key=lambda name: sum((one - other) ** 2 for one, other in zip(COLOURS[name], colour, strict=True)),
    )
