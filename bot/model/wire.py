"""What both picture transports share on the wire: costs, pictures by their bytes, fields a backend takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.calls import PictureBytes
from bot.domain.money import microusd
from bot.model.backend import OPENROUTER_BODY
from bot.model.failures import Failure, failure
from bot.model.shapes import amount, record, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.model.backend import Backend
    from bot.model.splitter import Split

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a reply says of its cost. `microusd` is None where the backend does not say."""

    microusd: int | None
    was_work: bool
    """Whether tokens were spent or money was asked, so that sending again would pay twice."""


@dataclass(frozen=True, slots=True)
class Found:
    """The pictures of a reply, each once, and whether others were not sound."""

    pictures: tuple[PictureBytes, ...]
    damaged: bool


def allowed(fields: Mapping[str, object], backend: Backend) -> dict[str, object]:
    """Leave out what only OpenRouter understands, where the backend does not take it."""
    return {
        name: value
        for name, value in fields.items()
        if value is not None and (name not in OPENROUTER_BODY or name in backend.extra_body)
    }


def bill(reply: Mapping[str, object]) -> Bill:
    """Read `usage`: `cost` is in dollars; with a key of one's own it is OpenRouter's fee alone."""
    usage = record(reply.get("usage"))
    cost = amount(usage.get("cost"))
    tokens = whole(usage.get("completion_tokens")) or 0
    if cost is not None and usage.get("is_byok") is True:
        cost += amount(record(usage.get("cost_details")).get("upstream_inference_cost")) or 0
    return Bill(None if cost is None else microusd(cost), bool(cost) or tokens > 0)


def media_type(data: bytes) -> str | None:
    """Return what the first bytes say; labels on the wire are wrong too often (JPEG called PNG)."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((name for start, name in SIGNATURES if data.startswith(start)), None)


def find(split: Split, written: Iterable[str]) -> Found:
    """Collect the pictures written in a reply; one that is repeated counts once."""
    pictures: list[PictureBytes] = []
    damaged = False
    for one in written:
        data = split.picture(one)
        kind = media_type(data) if data is not None else None
        if data is None or kind is None:
            damaged = True
        elif all(data != other.data for other in pictures):
            pictures.append(PictureBytes(data, kind))
    return Found(tuple(pictures), damaged)


def nothing_drawn(paid: Bill, *, damaged: bool, generation_id: str | None) -> Failure:
    """Return the failure of a reply without a picture and without a word."""
    name = "damaged" if damaged else "empty_but_charged" if paid.was_work else "empty"
    return failure(name, billed_microusd=paid.microusd or 0, generation_id=generation_id)
