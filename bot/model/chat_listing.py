"""Turns the provider's list of models into those that answer in words; pure, like its sister for pictures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.domain.chat_models import CONTEXT_TOKENS, ChatModel, WordPrices
from bot.model.listing import KNOWN_PICTURE_TOKEN, end_date, entries, modalities
from bot.model.shapes import amount, record, text, texts, whole

if TYPE_CHECKING:
    from collections.abc import Mapping


def parse_chat_models(models_json: object) -> dict[str, ChatModel]:
    """Return the models that answer in words, by id, from `/models`.

    An entry without `architecture` (LiteLLM, OpenAI, vLLM) says nothing of what its model can do: it counts
    as one that takes whatever is wanted.
    """
    found: dict[str, ChatModel] = {}
    for entry in entries(models_json):
        model_id = text(entry.get("id"))
        if model_id and "architecture" not in entry:
            found[model_id] = ChatModel(model_id, text(entry.get("name")) or model_id)
        elif model_id and "text" in modalities(entry, "output_modalities"):
            found[model_id] = _chat_model(model_id, entry)
    return found


def _chat_model(model_id: str, entry: Mapping[str, object]) -> ChatModel:
    top = record(entry.get("top_provider"))
    lengths = (whole(top.get("context_length")), whole(entry.get("context_length")))
    return ChatModel(
        id=model_id,
        name=text(entry.get("name")) or model_id,
        input_modalities=frozenset(modalities(entry, "input_modalities")),
        output_modalities=frozenset(modalities(entry, "output_modalities")),
        supported_parameters=frozenset(texts(entry.get("supported_parameters"))),
        context_length=min(filter(None, lengths), default=CONTEXT_TOKENS),
        max_completion_tokens=whole(top.get("max_completion_tokens")) or None,
        prices=_prices(model_id, record(entry.get("pricing"))),
        expires_on=end_date(entry.get("expiration_date")),
    )


def _prices(model_id: str, pricing: Mapping[str, object]) -> WordPrices:
    """Read `pricing`: decimal strings, dollars for each token or unit; -1 stands for `it varies`."""
    drawn = (amount(pricing.get(name)) for name in ("image_output", "image_token"))
    thought = amount(pricing.get("internal_reasoning")) or Decimal(0)
    completion = amount(pricing.get("completion"))
    return WordPrices(
        prompt=amount(pricing.get("prompt")),
        completion=None if completion is None else max(completion, thought),
        cache_read=amount(pricing.get("input_cache_read")),
        cache_write=amount(pricing.get("input_cache_write")),
        picture=amount(pricing.get("image")) or Decimal(0),
        drawn_token=next((price for price in drawn if price is not None), KNOWN_PICTURE_TOKEN.get(model_id)),
        request=amount(pricing.get("request")) or Decimal(0),
    )
