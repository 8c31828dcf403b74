"""Going on from a request: what someone wants different, and the request that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.requests import GOING_ON, Kind

if TYPE_CHECKING:
    from bot.domain.requests import PictureRequest, Reference


@dataclass(frozen=True, slots=True)
class Change:
    """What someone filled in to go on; `base` names the picture, None where none was chosen."""

    prompt: str
    base: str | None
    aspect: str | None
    quality: str | None
    private: bool
    uploads: tuple[Reference, ...] = ()
    style: str | None = None
    """Another style to draw anew in, by its ref, or `none`; None keeps the one there is."""


def confined(request: PictureRequest, where: str) -> PictureRequest:
    """Return an edit that tells the model to change one part of its picture; `where` says which, in words."""
    return replace(request, hint=f"Change only {where}. Leave everything else exactly as it is.")


def changed(request: PictureRequest, change: Change, base: tuple[Reference, ...]) -> PictureRequest:
    """Return what is to be drawn: one new picture of `base`, or as many as before from the new words.

    A style stays: drawing anew puts the new words into it, and a picture to go on from has it already.
    """
    again = replace(
        request,
        prompt=change.prompt,
        aspect=change.aspect,
        quality=change.quality,
        private=change.private,
        references=(*base, *change.uploads),
        variants=(),
        hint=None,
        follows_answer=False,
    )
    if not base:
        is_anew = request.kind in GOING_ON or request.kind is Kind.TALK
        return replace(again, kind=Kind.IMAGINE) if is_anew else again
    return replace(again, kind=Kind.EDIT, count=1, seed=None, seeds=())
