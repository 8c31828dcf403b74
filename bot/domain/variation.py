"""Varying a picture: how strongly, and what the model is told for it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.requests import Kind, Stored

if TYPE_CHECKING:
    from bot.domain.requests import PictureRequest


class Strength(StrEnum):
    """How far a variation may go from its picture."""

    SUBTLE = "subtle"
    MEDIUM = "medium"
    STRONG = "strong"


HINTS = {
    Strength.SUBTLE: (
        "Draw the attached picture again as a subtle variation: the same subject, composition, style and "
        "colours, with small differences in detail alone."
    ),
    Strength.MEDIUM: (
        "Draw a variation of the attached picture: the same subject and style, with another composition, "
        "pose or lighting."
    ),
    Strength.STRONG: (
        "Draw a bold variation of the attached picture: the same idea, with another composition, setting, "
        "palette and mood."
    ),
}


def strength_of(request: PictureRequest) -> Strength | None:
    """Return how strongly a request varies its picture, where what it tells the model says so."""
    return next((strength for strength, hint in HINTS.items() if hint == request.hint), None)


def varied(request: PictureRequest, picture_id: str, strength: Strength, count: int) -> PictureRequest:
    """Return the request for variations of one picture that came of a request."""
    return replace(
        request,
        kind=Kind.VARY,
        count=count,
        seed=None,
        seeds=(),
        variants=(),
        references=(Stored(picture_id),),
        hint=HINTS[strength],
    )
