"""Which model draws a request, how, and at what price at most."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.capabilities import Plan, make_plan, upper_cost
from bot.domain.requests import FORMATS, MAX_BLENDED, MAX_COUNT, MAX_REFERENCES, Kind, PictureRequest
from bot.errors import BadInput
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.capabilities import Offer, PictureModel
    from bot.model.catalogue import Catalogue


UNSEEN = frozenset("CZ")
"""Unicode's classes of characters that show nothing: control, format, unassigned, and spaces."""
PriceList = tuple[tuple[str, int], ...]


class Planner:
    """Answers from the catalogue, in the operator's order of models."""

    def __init__(
        self,
        catalogue: Catalogue,
        image_models: Sequence[str],
        available: Callable[[str], None] = lambda _model_id: None,
    ) -> None:
        self._available = available
        self._catalogue = catalogue
        self._image_models = tuple(image_models)
        self._priced: dict[str, tuple[PictureModel, PriceList]] = {}

    def models(self, asked: str | None = None) -> tuple[PictureModel, ...]:
        """Return the models usable now, first choice first, or the one that is asked for.

        Raise ModelUnavailable or ModelGone where there is none, OptionUnsupported for one not on offer.
        """
        return self._catalogue.resolve(self._image_models, asked)

    def choices(
        self, option: str, asked: str | None, beside: PictureRequest | None = None
    ) -> tuple[tuple[str, str | None], ...]:
        """Return the values of an option with, for those that another model must draw, its name.

        The model that was asked for (or the first one) decides; where it has none of the option, the
        values of other models are given with who has them, as far as they take what is asked `beside` it.
        """
        models = self.models(asked)
        own = {value: None for offer in models[0].offers for value in _values(offer, option)}
        if own or asked:
            return tuple(own.items())
        others: dict[str, str | None] = {}
        for model in models[1:]:
            for offer in model.offers:
                takes_the_rest = beside is None or not offer.lacks(_without(beside, option))
                for value in _values(offer, option) if takes_the_rest else ():
                    others.setdefault(value, model.name)
        return tuple(others.items())

    def plan(self, request: PictureRequest) -> Plan:
        """Choose how a request is carried out, or raise OptionUnsupported naming a model that could.

        Raise ModelUnavailable at once for a model that is known to be down: nobody queues up for it.
        """
        plan = self._plan(request)
        self._available(plan.model_id)
        return plan

    def can(self, request: PictureRequest) -> bool:
        """Tell whether the model that would draw a request takes all of its options, or raise."""
        return _can(request, self.models(request.model)[0])

    def _plan(self, request: PictureRequest) -> Plan:
        model = self.models(request.model)[0]
        able = next((other.name for other in self.models() if _can(request, other)), None)
        return make_plan(request, model, able)

    def prices(self) -> tuple[tuple[PictureModel, PriceList], ...]:
        """Return what one picture costs at most, by model and quality, in micro-dollars."""
        return tuple(self._price(model) for model in self.models())

    def _price(self, model: PictureModel) -> tuple[PictureModel, PriceList]:
        """Return a model's prices, reckoned once for each time that the catalogue is read."""
        known = self._priced.get(model.id)
        if known is None or known[0] is not model:
            known = self._priced[model.id] = model, _price_list(model)
        return known


def _values(offer: Offer, option: str) -> tuple[str, ...]:
    return {
        "aspect": offer.aspects,
        "quality": offer.qualities,
        "background": offer.backgrounds,
        "format": FORMATS,
    }[option]


def _without(request: PictureRequest, option: str) -> PictureRequest:
    """Return a request with one option left out."""
    return replace(request, **{"output_format" if option == "format" else option: None})


def _can(request: PictureRequest, model: PictureModel) -> bool:
    return any(not offer.lacks(request) for offer in model.offers)


def _price_list(model: PictureModel) -> PriceList:
    offer = model.offers[0]
    qualities = [quality for quality in offer.qualities if quality != "auto"] or [""]
    rows: list[tuple[str, int]] = []
    for quality in qualities:
        request = PictureRequest(prompt="", quality=quality or None)
        call = make_plan(request, model).calls[0]
        rows.append((quality, upper_cost(request, offer, call)))
    return tuple(rows)


def check(request: PictureRequest) -> None:
    """Raise BadInput for a request that no model could carry out."""
    if all(unicodedata.category(char)[0] in UNSEEN for char in request.prompt):
        raise BadInput(tr("The prompt is empty. Say in a few words what to draw."))
    most = MAX_BLENDED if request.kind is Kind.BLEND else MAX_REFERENCES
    if len(request.references) > most:
        raise BadInput(tr("At most {most} pictures can guide a drawing. Leave some out.", most=most))
    if request.total > MAX_COUNT:
        raise BadInput(
            tr(
                "That makes {total} pictures, and {most} can be drawn at once. Ask for less.",
                total=request.total,
                most=MAX_COUNT,
            )
        )
