"""Turns the provider's lists of models into what Easel can offer; pure, so yesterday's list works too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.domain.capabilities import (
    MEGAPIXELS,
    REFERENCE_TOKENS,
    Offer,
    PictureLine,
    PictureModel,
    Prices,
    Transport,
)
from bot.model.shapes import amount, items, record, text, texts, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GEMINI_ASPECTS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
GEMINI_3_ASPECTS = (*GEMINI_ASPECTS, "1:4", "4:1", "1:8", "8:1")
"""Documented for `image_config.aspect_ratio`; OpenAI's chat models ignore it, so they get none."""
GOOGLE_PICTURE_TOKENS = 1680
"""Output tokens of one Gemini picture: 1,120 to 1,290 at the sizes that Easel asks for, 1,680 at 2K."""
KNOWN_PICTURE_TOKEN = {"openai/gpt-5-image-mini": Decimal("0.000008")}
"""Dollars per token of pictures where the public list has no price for them."""
FORMATS = {"png", "jpeg", "webp"}
"""What Easel can inspect and post; svg is neither."""
MOST_PICTURES = 10
MOST_REFERENCES = 16
"""The API's own bounds of `n` and `input_references`."""


def parse_models(
    models_json: object, images_json: object, endpoints_json: Mapping[str, object]
) -> dict[str, PictureModel]:
    """Return the models that draw, by id, from `/models`, `/images/models` and the latter's endpoints.

    A list of ids without `architecture` (LiteLLM, OpenAI, vLLM) says nothing of what they can do: each counts
    as a plain chat model.
    """
    listed = {text(entry.get("id")): entry for entry in entries(models_json)}
    drawing = {text(entry.get("id")): entry for entry in entries(images_json)}
    found: dict[str, PictureModel] = {}
    for model_id in dict.fromkeys((*listed, *drawing)):
        entry = listed.get(model_id, {})
        offers = tuple(_offers(model_id, entry, drawing.get(model_id), endpoints_json.get(model_id)))
        if model_id and offers:
            name = text(entry.get("name")) or text(drawing.get(model_id, {}).get("name")) or model_id
            found[model_id] = PictureModel(model_id, name, offers, end_date(entry.get("expiration_date")))
    return found


def is_list(page: object) -> bool:
    """Tell whether a page is a list of models, be it an empty one."""
    return isinstance(record(page).get("data"), list)


def entries(page: object) -> Sequence[Mapping[str, object]]:
    """Return the models of a list page."""
    return [record(entry) for entry in items(record(page).get("data"))]


def draws(entry: Mapping[str, object]) -> bool:
    """Tell whether an entry of `/models` is worth keeping: it draws, or may."""
    return "architecture" not in entry or "image" in modalities(entry, "output_modalities")


def modalities(entry: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Return what goes into a model or comes out of it."""
    return texts(record(entry.get("architecture")).get(name))


def end_date(written: object) -> date | None:
    """Return an ISO date, or None."""
    try:
        return date.fromisoformat(text(written)[:10])
    except ValueError:
        return None


def _offers(
    model_id: str, entry: Mapping[str, object], drawing: Mapping[str, object] | None, endpoints: object
) -> Iterator[Offer]:
    """Yield a model's ways to draw, the preferred one first: `/images` is honest about options."""
    prices = _prices(model_id, record(entry.get("pricing")))
    if drawing is not None:
        yield _images_offer(model_id, drawing, _with_lines(prices, endpoints))
    if entry and "architecture" not in entry:
        yield Offer(Transport.CHAT)
    elif "image" in modalities(entry, "output_modalities"):
        yield _chat_offer(model_id, entry, prices)


def _images_offer(model_id: str, entry: Mapping[str, object], prices: Prices) -> Offer:
    """Read the capability descriptors of `/images/models`; an absent one is not supported."""
    takes = record(entry.get("supported_parameters"))
    reads_pictures = "image" in modalities(entry, "input_modalities")
    return Offer(
        Transport.IMAGES,
        max_count=max(1, min(_most(takes.get("n"), MOST_PICTURES) or 1, MOST_PICTURES)),
        aspects=_choices(takes, "aspect_ratio"),
        qualities=_choices(takes, "quality"),
        backgrounds=_choices(takes, "background"),
        formats=tuple(name for name in _choices(takes, "output_format") if name in FORMATS),
        takes_seed=bool(record(takes.get("seed"))),
        seed_repeats=_seed_repeats(model_id),
        max_references=_most(takes.get("input_references"), MOST_REFERENCES) if reads_pictures else 0,
        streams=entry.get("supports_streaming") is True,
        output_modalities=("image",),
        supported_parameters=tuple(takes),
        prices=prices,
    )


def _chat_offer(model_id: str, entry: Mapping[str, object], prices: Prices) -> Offer:
    """Read an entry of `/models` with pictures among its outputs."""
    parameters = texts(entry.get("supported_parameters"))
    speaks = "text" in modalities(entry, "output_modalities")
    return Offer(
        Transport.CHAT,
        aspects=_chat_aspects(model_id),
        takes_seed="seed" in parameters,
        seed_repeats=_seed_repeats(model_id),
        max_references=MOST_REFERENCES if "image" in modalities(entry, "input_modalities") else 0,
        output_modalities=("image", "text") if speaks else ("image",),
        supported_parameters=parameters,
        prices=prices,
    )


def _seed_repeats(model_id: str) -> bool:
    """Tell whether a seed repeats the picture: OpenAI's picture tool takes none."""
    return not model_id.startswith("openai/")


def _chat_aspects(model_id: str) -> tuple[str, ...]:
    """Return the ratios that chat honours for a model."""
    if not model_id.startswith("google/"):
        return ()
    return GEMINI_3_ASPECTS if "gemini-3.1" in model_id else GEMINI_ASPECTS


def _choices(takes: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Return the values of an enum descriptor."""
    return texts(record(takes.get(name)).get("values"))


def _most(descriptor: object, most: int) -> int:
    """Return the upper end of a range descriptor; a boolean one has no bound of its own."""
    described = record(descriptor)
    if described.get("type") == "boolean":
        return most
    return whole(described.get("max")) or 0


def _prices(model_id: str, pricing: Mapping[str, object]) -> Prices:
    """Read `pricing`: decimal strings, dollars per token or unit; -1 stands for `it varies`."""
    listed = (amount(pricing.get(name)) for name in ("image_output", "image_token"))
    picture = next((price for price in listed if price is not None), KNOWN_PICTURE_TOKEN.get(model_id))
    return Prices(
        prompt_token=amount(pricing.get("prompt")),
        completion_token=amount(pricing.get("completion")),
        picture_token=picture,
        request=amount(pricing.get("request")) or Decimal(0),
        reference=amount(pricing.get("image")) or Decimal(0),
        picture_tokens=GOOGLE_PICTURE_TOKENS if model_id.startswith("google/") else None,
    )


def _with_lines(prices: Prices, endpoints: object) -> Prices:
    """Add the price lines of all endpoints, since any of them may serve a call."""
    served = [record(one) for one in items(record(endpoints).get("endpoints"))]
    lines = [record(line) for one in served for line in items(one.get("pricing"))]
    drawn = tuple(
        PictureLine(usd, text(line.get("unit")), text(line.get("variant")) or None)
        for line in lines
        if line.get("billable") == "output_image" and (usd := amount(line.get("cost_usd"))) is not None
    )
    references = [_reference_usd(line) for line in lines]
    words = [
        usd
        for line in lines
        if (line.get("billable"), line.get("unit")) == ("input_text", "token")
        and (usd := amount(line.get("cost_usd"))) is not None
    ]
    return replace(
        prices,
        lines=drawn,
        reference=max((prices.reference, *references)),
        prompt_token=max(words) if words else prices.prompt_token,
    )


def _reference_usd(line: Mapping[str, object]) -> Decimal:
    """Return what a line asks for one reference picture, at its largest."""
    if line.get("billable") not in {"input_image", "input_reference"}:
        return Decimal(0)
    factors = {"token": Decimal(REFERENCE_TOKENS), "megapixel": MEGAPIXELS}
    return (amount(line.get("cost_usd")) or Decimal(0)) * factors.get(text(line.get("unit")), Decimal(1))
