"""How a picture came of others, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.requests import Kind, Stored
from bot.domain.variation import Strength, strength_of
from bot.texts import listed, mark, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.requests import PictureRequest

DRAWN, DRAWN_FROM = mark("drawn"), mark("drawn from {versions}")
MADE = {
    Kind.EDIT: (mark("edited"), mark("edited from {versions}")),
    Kind.BLEND: (mark("blended"), mark("blended from {versions}")),
}
VARIED = {
    Strength.SUBTLE: (mark("subtly varied"), mark("subtly varied from {versions}")),
    Strength.STRONG: (mark("strongly varied"), mark("strongly varied from {versions}")),
}
MODERATELY = mark("varied"), mark("varied from {versions}")


def made(request: PictureRequest, versions: Sequence[str] = ()) -> str:
    """Say how a picture was made, and from which others where those are named."""
    alone, of_others = MADE.get(request.kind, (DRAWN, DRAWN_FROM))
    if request.kind is Kind.VARY:
        alone, of_others = VARIED.get(strength_of(request) or Strength.MEDIUM, MODERATELY)
    return tr(of_others, versions=listed(versions)) if versions else tr(alone)


def lineage(request: PictureRequest) -> list[str]:
    """Say on a card that goes on from other pictures how it does, and name them if all stand on cards."""
    if request.kind not in {Kind.EDIT, Kind.BLEND, Kind.VARY}:
        return []
    references = [one.picture_id for one in request.references if isinstance(one, Stored)]
    named = [tr("picture `{picture}`", picture=one) for one in references if _stands_on_card(one)]
    return [made(request, named if len(named) == len(request.references) else ())]


def _stands_on_card(picture_id: str) -> bool:
    """Tell whether an id is a result's, which `/show` takes; what guided a job stands nowhere."""
    return picture_id.rpartition("-")[2].isdecimal()
