"""The credit check before a call: what it may cost at most must be left on the account."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.model.billing import picture_usd
from sandbox.model.refusals import refuse

if TYPE_CHECKING:
    from sandbox.model.asks import Ask

ADVICE = "To increase, visit https://openrouter.ai/settings/credits and add more credits"


def afford(ask: Ask, left_usd: Decimal) -> None:
    """Refuse a call that the credit does not cover; without a bound, the model's maximum is reserved."""
    metadata = {"limit_source": "openrouter_credits"}
    if left_usd <= 0:
        raise refuse(402, f"Insufficient credits. {ADVICE}", metadata=metadata)
    if ask.transport == "images":
        if picture_usd(ask) * ask.count > left_usd:
            raise refuse(402, f"This request requires more credits. {ADVICE}", metadata=metadata)
        return
    requested = ask.max_tokens or ask.model.max_completion_tokens
    free_usd = max(Decimal(0), left_usd - ask.model.prompt_usd * ask.prompt_tokens)
    price = ask.model.completion_usd or Decimal("0.000001")
    if requested * price > free_usd:
        raise refuse(
            402,
            f"This request requires more credits, or fewer max_tokens. You requested up to {requested} "
            f"tokens, but can only afford {int(free_usd / price)}. {ADVICE}",
            metadata=metadata,
        )
