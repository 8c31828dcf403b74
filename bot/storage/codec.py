"""Values as columns: times as microseconds since 1970, requests and plans as versioned JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from bot.domain.capabilities import Plan, PlannedCall, Transport
from bot.domain.quotations import Quotation
from bot.domain.requests import Kept, Kind, PictureRequest, Reference, Stored, StyleUse, Upload

if TYPE_CHECKING:
    from collections.abc import Iterable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
VERSION = 1

Fields = dict[str, Any]


def to_micros(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970 in UTC; a naive one raises TypeError."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return microseconds since 1970 as an aware time in UTC."""
    return EPOCH + micros * MICROSECOND


def clean(text: str) -> str:
    """Return text that SQLite takes: a model's words may hold half a surrogate pair, which UTF-8 has not."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def dump(fields: Fields) -> str:
    """Return JSON that is the same for the same fields; ASCII, so that any character survives."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)


def request_to_json(request: PictureRequest) -> str:
    """Return a request as text for its column."""
    return dump(
        {
            "v": VERSION,
            "prompt": request.prompt,
            "count": request.count,
            "aspect": request.aspect,
            "quality": request.quality,
            "seed": request.seed,
            "background": request.background,
            "output_format": request.output_format,
            "model": request.model,
            "references": [_reference_to_fields(reference) for reference in request.references],
            "private": request.private,
            "kind": request.kind.value,
            "variants": request.variants,
            "seeds": request.seeds,
            "style": None if request.style is None else [request.style.name, request.style.template],
            "hint": request.hint,
            **({"follows_answer": True} if request.follows_answer else {}),
            **({"quotation": _quotation_to_fields(request.quotation)} if request.quotation else {}),
        }
    )


def request_from_json(text: str) -> PictureRequest:
    """Return the request that a column holds; ValueError where it is not one of this version's."""
    fields = _fields(text)
    references = fields.pop("references")
    style = fields.pop("style", None)
    quotation = fields.pop("quotation", None)
    try:
        return PictureRequest(
            references=tuple(_reference_from_fields(reference) for reference in references),
            kind=Kind(fields.pop("kind", Kind.IMAGINE)),
            variants=tuple(fields.pop("variants", ())),
            seeds=tuple(fields.pop("seeds", ())),
            style=None if style is None else StyleUse(*style),
            quotation=None if quotation is None else _quotation_from_fields(quotation),
            **fields,
        )
    except TypeError as error:
        raise ValueError(f"not a request: {error}") from error


def plan_to_json(plan: Plan) -> str:
    """Return a plan as text for its column."""
    return dump(
        {
            "v": VERSION,
            "model_id": plan.model_id,
            "transport": plan.transport.value,
            "calls": [[call.ordinal, call.count, call.seed, call.text] for call in plan.calls],
            "upper_microusd": plan.upper_microusd,
            "seed_repeats": plan.seed_repeats,
        }
    )


def plan_from_json(text: str) -> Plan:
    """Return the plan that a column holds; ValueError where it is not one of this version's."""
    fields = _fields(text)
    calls = cast("Iterable[tuple[int, int, int | None, int]]", fields.pop("calls"))
    transport = Transport(fields.pop("transport"))
    try:
        return Plan(calls=tuple(PlannedCall(*call) for call in calls), transport=transport, **fields)
    except TypeError as error:
        raise ValueError(f"not a plan: {error}") from error


def _fields(text: str) -> Fields:
    """Return the fields of a document of this version."""
    fields = cast("Fields", json.loads(text))
    version = fields.pop("v", None)
    if version != VERSION:
        raise ValueError(f"version {version} of a stored value is not known")
    return fields


def _quotation_to_fields(quotation: Quotation) -> Fields:
    edited_at = None if quotation.edited_at is None else to_micros(quotation.edited_at)
    return {
        "message_id": quotation.message_id,
        "user_id": quotation.user_id,
        "text": quotation.text,
        "edited_at": edited_at,
    }


def _quotation_from_fields(fields: Fields) -> Quotation:
    edited_at = fields.pop("edited_at")
    return Quotation(**fields, edited_at=None if edited_at is None else from_micros(edited_at))


def _reference_to_fields(reference: Reference) -> Fields:
    """Return a reference as fields, told apart by their names."""
    if isinstance(reference, Stored):
        return {"picture_id": reference.picture_id}
    if isinstance(reference, Kept):
        return {"blob": reference.blob, "media_type": reference.media_type}
    number = {} if reference.attachment_id is None else {"attachment_id": reference.attachment_id}
    return {
        "url": reference.url,
        "filename": reference.filename,
        "size_bytes": reference.size_bytes,
        **number,
    }


def _reference_from_fields(fields: Fields) -> Reference:
    """Return the reference that fields hold."""
    if "blob" in fields:
        return Kept(**fields)
    return Stored(**fields) if "picture_id" in fields else Upload(**fields)
