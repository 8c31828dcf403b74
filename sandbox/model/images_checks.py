"""What `POST /images` accepts: the body becomes an Ask, or a Refusal says why not."""

from __future__ import annotations

import re
from math import gcd
from typing import TYPE_CHECKING

from sandbox.model import fields
from sandbox.model.asks import Ask, ReferencePicture, pixels
from sandbox.model.refusals import invalid, no_route

if TYPE_CHECKING:
    from sandbox.model.catalogue import Catalogue, CataloguedModel
    from sandbox.model.refusals import Json

FIELDS = frozenset(
    [
        "model",
        "prompt",
        "n",
        "quality",
        "resolution",
        "aspect_ratio",
        "size",
        "background",
        "output_format",
        "output_compression",
        "seed",
        "input_references",
        "stream",
        "provider",
        "user",
        "session_id",
        "trace",
    ]
)
QUALITIES = ("auto", "low", "medium", "high", "xhigh", "max")
RESOLUTIONS = ("512", "768", "1K", "1.5K", "2K", "4K")
ASPECTS = [
    "auto",
    "1:1",
    "1:2",
    "1:4",
    "1:8",
    "2:1",
    "2:3",
    "2.35:1",
    "3:2",
    "3:4",
    "4:1",
    "4:3",
    "4:5",
    "5:2",
    "5:4",
    "5:7",
    "7:5",
    "8:1",
    "9:16",
    "16:9",
    "9:19.5",
    "19.5:9",
    "9:20",
    "20:9",
    "9:21",
    "21:9",
]
OPTIONAL = [
    "n",
    "quality",
    "resolution",
    "aspect_ratio",
    "background",
    "output_format",
    "output_compression",
    "seed",
    "input_references",
]
"""Options that a model lists among its capabilities, or does not take."""
PROVIDER_FIELDS = ("order", "only", "ignore", "sort", "allow_fallbacks", "options")
MAX_PROMPT = 32_000
SIDES = (256, 2048)
_EXPLICIT = re.compile(r"(\d{2,5})x(\d{2,5})", re.ASCII)


def check(body: Json, catalogue: Catalogue) -> Ask:
    """Return the checked request, or raise Refusal."""
    fields.only(body, FIELDS, "body")
    model = catalogue.find(fields.required_text(body, "model"))
    if not model.in_images:
        raise no_route(
            f"No endpoints found for {model.id} that support image generation.", "image_generation"
        )
    prompt = fields.required_text(body, "prompt", MAX_PROMPT)
    aspect = fields.choice(body, "aspect_ratio", ASPECTS)
    fields.choice(body, "resolution", RESOLUTIONS)
    size = _explicit_size(body, aspect)
    _capabilities(body, model)
    background = fields.choice(body, "background", ("auto", "transparent", "opaque")) or "auto"
    output_format = (
        fields.choice(body, "output_format", ("png", "jpeg", "webp", "svg")) or model.picture_format
    )
    if background == "transparent" and output_format not in ("png", "webp"):
        raise invalid("background: transparent requires output_format png or webp")
    _envelope(body)
    return Ask(
        transport="images",
        model=model,
        prompt=prompt,
        body=body,
        references=_references(body),
        count=fields.whole(body, "n", 1, 10) or 1,
        size=size or pixels(model, aspect),
        quality=fields.choice(body, "quality", QUALITIES) or "auto",
        background=background,
        output_format=output_format,
        compression=fields.whole(body, "output_compression", 0, 100),
        seed=fields.whole(body, "seed"),
        stream=fields.truth(body, "stream"),
    )


def _explicit_size(body: Json, aspect: str | None) -> tuple[int, int] | None:
    """Return a size given in pixels; one that contradicts the shape beside it is refused."""
    size = fields.text(body, "size")
    if size is None or size in RESOLUTIONS:
        return None
    match = _EXPLICIT.fullmatch(size)
    if match is None:
        raise invalid(f"size: expected a tier or WIDTHxHEIGHT, received '{size}'")
    width, height = int(match[1]), int(match[2])
    if "resolution" in body or (aspect not in (None, "auto") and aspect != _ratio(width, height)):
        raise invalid(f"size: {size} conflicts with aspect_ratio or resolution; send one of them")
    if not all(SIDES[0] <= side <= SIDES[1] for side in (width, height)):
        raise invalid(f"size: each side must be between {SIDES[0]} and {SIDES[1]} pixels")
    return width, height


def _ratio(width: int, height: int) -> str:
    """Return the aspect ratio of a size in lowest terms."""
    divisor = gcd(width, height)
    return f"{width // divisor}:{height // divisor}"


def _capabilities(body: Json, model: CataloguedModel) -> None:
    """Refuse options that the model's endpoint does not list, and values outside what it lists."""
    offered = model.image_parameters
    sent = [name for name in OPTIONAL if body.get(name) is not None]
    if "size" in body and "aspect_ratio" not in offered:
        raise invalid(f"{model.id} does not support the parameter size")
    for name in sent:
        if name not in offered:
            raise invalid(f"{model.id} does not support the parameter {name}")
        _within(name, body[name], offered[name])


def _within(name: str, value: object, descriptor: Json) -> None:
    """Refuse a value outside its capability descriptor."""
    if descriptor["type"] == "enum" and value not in descriptor["values"]:
        raise invalid(f"{name}: {value} is not supported; one of {', '.join(descriptor['values'])}")
    if descriptor["type"] == "range":
        amount = len(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise invalid(f"{name}: Expected integer")
        if not descriptor["min"] <= amount <= descriptor["max"]:
            raise invalid(f"{name}: must be between {descriptor['min']} and {descriptor['max']}")


def _references(body: Json) -> tuple[ReferencePicture, ...]:
    """Return the pictures to work from."""
    found: list[ReferencePicture] = []
    for part in fields.items(body, "input_references"):
        if part.get("type") != "image_url":
            raise invalid("input_references: every entry has type image_url")
        found.append(fields.image_part(part, "input_references"))
    return tuple(found)


def _envelope(body: Json) -> None:
    """Check what goes along for the provider's books."""
    fields.text(body, "user", 256)
    fields.text(body, "session_id", 256)
    fields.only(fields.table(body, "provider"), PROVIDER_FIELDS, "provider")
