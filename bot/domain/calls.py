"""One paid request for pictures, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.capabilities import Transport


@dataclass(frozen=True, slots=True)
class PictureBytes:
    """An encoded picture; `media_type` is what its own bytes say."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class PictureCall:
    """Everything that goes into a paid request, so that equal calls are equal requests, byte for byte."""

    model_id: str
    transport: Transport
    prompt: str
    count: int
    user_key: str
    """Stands for the person upstream: an HMAC of their id, so that one abuser does not block the key."""
    session_key: str
    """Groups requests of one channel upstream; at most 256 characters."""
    seed: int | None = None
    aspect: str | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None
    references: tuple[PictureBytes, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureReply:
    """What a paid request brought: at least one picture, its true cost, and words beside it."""

    pictures: tuple[PictureBytes, ...]
    cost_microusd: int | None
    """None where the reply does not say; by its id the provider may be asked."""
    text: str = ""
    generation_id: str | None = None
    served_by: str | None = None
