"""What a model offers, and the plan of paid calls that a request becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.money import microusd_ceiling
from bot.errors import OptionUnsupported
from bot.texts import listed, option, tr, trn

if TYPE_CHECKING:
    from datetime import date

    from bot.domain.requests import PictureRequest

CHAT_MAX_TOKENS = 16_384
"""Bound of one picture turn through chat; reasoning, picture and text share it, and 1,024 gave no picture."""
PICTURE_TOKENS = {"low": 408, "medium": 1584, "high": 6240}
"""Output tokens of the largest ordinary picture (OpenAI's price table, 1024x1536)."""
REFERENCE_TOKENS = 1700
"""Input tokens of one picture of at most 2048 pixels a side, rounded up (1536 patches, × 1.20 measured)."""
TEXT_TOKENS = 4000
"""What a picture turn spends on words and reasoning at low effort, at most."""
MEGAPIXELS = Decimal(2)
"""More than the largest ordinary picture (1536x1024), for models that charge by area."""
UNPRICED_MICROUSD = 60_000
"""Held for a picture whose model has no price in the catalogue."""


_WORD = re.compile(r"[a-z]+")


class Transport(StrEnum):
    """The two ways to ask OpenRouter for a picture."""

    IMAGES = "images"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class PictureLine:
    """One price line of the pictures endpoint: `usd` for each image, megapixel or token."""

    usd: Decimal
    unit: str
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """A model's prices in dollars; None where the catalogue says nothing."""

    prompt_token: Decimal | None = None
    completion_token: Decimal | None = None
    picture_token: Decimal | None = None
    request: Decimal = Decimal(0)
    reference: Decimal = Decimal(0)
    lines: tuple[PictureLine, ...] = ()
    picture_tokens: int | None = None
    """Output tokens of a picture at most, where the model has its own count; else PICTURE_TOKENS hold."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one transport of a model takes. Empty tuples mean that the option is not there."""

    transport: Transport
    max_count: int = 1
    aspects: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    backgrounds: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    takes_seed: bool = False
    seed_repeats: bool = True
    max_references: int = 0
    streams: bool = False
    output_modalities: tuple[str, ...] = ("image", "text")
    supported_parameters: tuple[str, ...] = ()
    prices: Prices = Prices()

    def lacks(self, request: PictureRequest) -> tuple[str, ...]:
        """Return the options of the request that this transport does not take, named as in the command.

        The format is never among them: what the model sends in another one is converted for the card.
        """
        wants = (
            ("aspect", request.aspect, self.aspects),
            ("quality", request.quality, self.qualities),
            ("background", request.background, self.backgrounds),
        )
        missing = [
            f"{option(name)} {value}" for name, value, offered in wants if value and value not in offered
        ]
        if request.has_seed and not self.takes_seed:
            missing.append(tr("a seed"))
        if request.background == "transparent" and request.output_format == "jpeg":
            missing.append(tr("a transparent background as jpeg, only as png or webp"))
        if len(request.references) > self.max_references:
            most = self.max_references
            missing.append(
                trn("more than {count} reference picture", "more than {count} reference pictures", most)
                if most
                else tr("reference pictures")
            )
        return tuple(missing)


@dataclass(frozen=True, slots=True)
class PictureModel:
    """A model that draws: its offers, the preferred one first."""

    id: str
    name: str
    offers: tuple[Offer, ...]
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One paid request: `count` pictures of one of the request's texts, by `seed` where there is one."""

    ordinal: int
    count: int
    seed: int | None
    text: int = 0
    """Which of the request's words are sent, 0 for the first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a request is carried out, and what it may cost at most."""

    model_id: str
    transport: Transport
    calls: tuple[PlannedCall, ...]
    upper_microusd: int
    seed_repeats: bool = True

    @property
    def count(self) -> int:
        """Return how many pictures the plan asks for."""
        return sum(call.count for call in self.calls)


def make_plan(request: PictureRequest, model: PictureModel, instead: str | None = None) -> Plan:
    """Choose a transport that takes every option, or raise OptionUnsupported naming what is missing."""
    shortfalls: list[tuple[str, ...]] = []
    for offer in model.offers:
        missing = offer.lacks(request)
        if not missing:
            calls = _calls(request, offer)
            upper = sum(upper_cost(request, offer, call) for call in calls)
            return Plan(model.id, offer.transport, calls, upper, offer.seed_repeats)
        shortfalls.append(missing)
    least = min(shortfalls, key=len)
    what = listed(least)
    if instead is None:
        said = tr(
            "{model} cannot do {what}. Leave that out, or choose another model.", model=model.name, what=what
        )
    else:
        said = tr(
            "{model} cannot do {what}. Leave that out, or choose the model {other}, which can.",
            model=model.name,
            what=what,
            other=instead,
        )
    raise OptionUnsupported(said)


def _calls(request: PictureRequest, offer: Offer) -> tuple[PlannedCall, ...]:
    """Split a request into calls: one per picture where seeds differ, else as many at once as allowed."""
    most = 1 if request.has_seed else max(1, offer.max_count)
    seeds = request.drawn_seeds()
    shares = [
        (text, seeds[start], min(most, len(seeds) - start))
        for text in range(len(request.words()))
        for start in range(0, len(seeds), most)
    ]
    return tuple(
        PlannedCall(ordinal=ordinal, count=count, seed=seed, text=text)
        for ordinal, (text, seed, count) in enumerate(shares)
    )


def upper_cost(request: PictureRequest, offer: Offer, call: PlannedCall) -> int:
    """Return what a call may cost at most, in micro-dollars."""
    prices = offer.prices
    prompt_tokens = (
        len(request.words()[call.text].encode()) + REFERENCE_TOKENS * len(request.references) + 200
    )
    words = (prices.prompt_token or Decimal(0)) * prompt_tokens + prices.request
    words += prices.reference * len(request.references)
    picture = _picture_usd(request, prices)
    if picture is None:
        return microusd_ceiling(words) + UNPRICED_MICROUSD * call.count
    if offer.transport is Transport.CHAT:
        words += (prices.completion_token or Decimal(0)) * TEXT_TOKENS
    return microusd_ceiling(words + picture * call.count)


def _picture_usd(request: PictureRequest, prices: Prices) -> Decimal | None:
    """Return the highest price of one picture that fits the request, or None where there is none."""
    usual = PICTURE_TOKENS.get(request.quality or "", PICTURE_TOKENS["high"])
    tokens = Decimal(prices.picture_tokens or usual)
    factors = {"token": tokens, "megapixel": MEGAPIXELS}
    named = [line for line in prices.lines if request.quality in _WORD.findall(line.variant or "")]
    lines = named or prices.lines
    if lines:
        return max(line.usd * factors.get(line.unit, Decimal(1)) for line in lines)
    if prices.picture_token is not None:
        return prices.picture_token * tokens
    if prices.completion_token:
        return prices.completion_token * tokens
    return None
