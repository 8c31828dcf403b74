"""A checked request: what is asked of a model, free of the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sandbox.model.catalogue import CataloguedModel
    from sandbox.model.gadgets import Gadget
    from sandbox.model.papers import Paper
    from sandbox.model.refusals import Json

Transport = Literal["chat", "images"]
SQUARE = (1024, 1024)
OPENAI_SIZES = {"landscape": (1536, 1024), "portrait": (1024, 1536)}
GEMINI_SIZES = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
"""Pixels that Gemini returns for each aspect ratio; the common ones were read from real pictures."""


@dataclass(frozen=True, slots=True)
class ReferencePicture:
    """A picture that came with a request, decoded from its data URL."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One accepted request."""

    transport: Transport
    model: CataloguedModel
    prompt: str
    body: Json
    references: tuple[ReferencePicture, ...] = ()
    draws: bool = True
    count: int = 1
    size: tuple[int, int] = SQUARE
    quality: str = "auto"
    background: str = "auto"
    output_format: str = "png"
    compression: int | None = None
    seed: int | None = None
    max_tokens: int | None = None
    stream: bool = False
    looked_at: tuple[ReferencePicture, ...] = ()
    """The pictures of the person's last message, which are among the references."""
    papers: tuple[Paper, ...] = ()
    gadgets: tuple[Gadget, ...] = ()
    tool_results: tuple[str, ...] = ()
    schema: Json | None = None
    effort: str | None = None
    stops: tuple[str, ...] = ()
    counted: int | None = None
    """The input tokens of a whole conversation."""

    @property
    def streams(self) -> bool:
        """Tell whether the answer comes as events: not every provider draws that way."""
        return self.stream and (self.transport == "chat" or self.model.streams_images)

    @property
    def prompt_tokens(self) -> int:
        """Estimate the input tokens: words, and 1,229 for a picture of 1024 by 1024."""
        if self.counted is not None:
            return self.counted
        return len(self.prompt.encode()) // 4 + 12 + 1229 * len(self.references)


def pixels(model: CataloguedModel, aspect: str | None) -> tuple[int, int]:
    """Return the size in pixels that a model gives for an aspect ratio."""
    if aspect in (None, "auto", "1:1"):
        return SQUARE
    if model.provider == "Google":
        return GEMINI_SIZES[aspect]
    across, down = (float(side) for side in aspect.split(":"))
    if model.provider == "OpenAI":
        # Asked for 16:9, the successor of the main model returned 1536x1024 (measured in September 2026).
        return OPENAI_SIZES["landscape" if across > down else "portrait"]
    scale = (1024 * 1024 / (across * down)) ** 0.5
    return (_step(across * scale), _step(down * scale))


def _step(side: float) -> int:
    """Round a side to the multiple of 32 that diffusion models need."""
    return round(side / 32) * 32
