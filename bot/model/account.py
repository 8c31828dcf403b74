"""What the model's API says of the key and of calls made with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.money import microusd
from bot.model.shapes import number, record, text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """A key's limit and what was spent with it; a limit of None is no limit."""

    label: str
    limit_microusd: int | None
    remaining_microusd: int | None
    used_microusd: int
    used_today_microusd: int
    used_this_month_microusd: int
    is_free_tier: bool


@dataclass(frozen=True, slots=True)
class Generation:
    """A call as the provider recorded it, with what it charged."""

    id: str
    cost_microusd: int
    model_id: str
    cancelled: bool


def key_status(reply: object) -> KeyStatus:
    """Read `/key`; amounts are in dollars there."""
    data = record(record(reply).get("data"))
    return KeyStatus(
        label=text(data.get("label")),
        limit_microusd=_money(data, "limit"),
        remaining_microusd=_money(data, "limit_remaining"),
        used_microusd=_money(data, "usage") or 0,
        used_today_microusd=_money(data, "usage_daily") or 0,
        used_this_month_microusd=_money(data, "usage_monthly") or 0,
        is_free_tier=data.get("is_free_tier") is True,
    )


def generation(reply: object) -> Generation | None:
    """Read `/generation`; None where it holds no cost yet."""
    data = record(record(reply).get("data"))
    cost = _money(data, "total_cost")
    if cost is None:
        return None
    return Generation(text(data.get("id")), cost, text(data.get("model")), data.get("cancelled") is True)


def _money(data: Mapping[str, object], name: str) -> int | None:
    """Return an amount in micro-dollars; what is overdrawn counts as nothing left."""
    dollars = number(data.get(name))
    return None if dollars is None else max(0, microusd(dollars))
