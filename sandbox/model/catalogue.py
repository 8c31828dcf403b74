"""The models on offer, as OpenRouter lists them, and what may happen to them: dates and retirements."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.model.refusals import invalid, unavailable
from sandbox.model.stock import STOCK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sandbox.model.refusals import Json


@dataclass(frozen=True, slots=True)
class CataloguedModel:
    """One model: what it takes, what it gives, and what it costs (dollars, as decimals)."""

    id: str
    name: str
    description: str
    provider: str
    created: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tokenizer: str
    pricing: Mapping[str, str]
    """Public prices, dollars per token."""
    in_chat: bool = True
    in_images: bool = False
    context_length: int = 128_000
    max_completion_tokens: int = 16_384
    is_moderated: bool = False
    chat_parameters: tuple[str, ...] = ()
    image_parameters: Mapping[str, Json] = field(default_factory=dict[str, "Json"])
    image_prices: tuple[Json, ...] = ()
    streams_images: bool = False
    picture_format: str = "png"
    honours_image_config: bool = False
    expires_on: str | None = None

    @property
    def draws(self) -> bool:
        """Tell whether the model gives pictures."""
        return "image" in self.outputs

    @property
    def aspects(self) -> tuple[str, ...]:
        """Return the aspect ratios that the pictures endpoint lists; empty where it has none."""
        return tuple(self.image_parameters.get("aspect_ratio", {}).get("values", ()))

    @property
    def prompt_usd(self) -> Decimal:
        """Return the price of one input token."""
        return Decimal(self.pricing["prompt"])

    @property
    def completion_usd(self) -> Decimal:
        """Return the price of one output token of text."""
        return Decimal(self.pricing["completion"])

    def listed(self) -> Json:
        """Return the entry of `GET /models`, every required field of the schema in it."""
        return {
            "id": self.id,
            "canonical_slug": self.id,
            "hugging_face_id": None,
            "name": self.name,
            "created": self.created,
            "description": self.description,
            "context_length": self.context_length,
            "architecture": {
                "modality": f"{'+'.join(self.inputs)}->{'+'.join(self.outputs)}",
                "input_modalities": list(self.inputs),
                "output_modalities": list(self.outputs),
                "tokenizer": self.tokenizer,
                "instruct_type": None,
            },
            "pricing": dict(self.pricing),
            "top_provider": {
                "context_length": self.context_length,
                "max_completion_tokens": self.max_completion_tokens,
                "is_moderated": self.is_moderated,
            },
            "per_request_limits": None,
            "supported_parameters": list(self.chat_parameters),
            "default_parameters": None,
            "supported_voices": None,
            "expiration_date": self.expires_on,
            "links": {"details": f"/api/v1/models/{self.id}/endpoints"},
        }

    def listed_for_images(self) -> Json:
        """Return the entry of `GET /images/models`."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "created": self.created,
            "architecture": {"input_modalities": list(self.inputs), "output_modalities": list(self.outputs)},
            "supported_parameters": dict(self.image_parameters),
            "supports_streaming": self.streams_images,
            "endpoints": f"/api/v1/images/models/{self.id}/endpoints",
        }

    def image_endpoints(self) -> Json:
        """Return the answer of `GET /images/models/{author}/{slug}/endpoints`: one provider's price lines."""
        slug = self.provider.lower().replace(" ", "-")
        endpoint = {
            "provider_name": self.provider,
            "provider_slug": slug,
            "provider_tag": slug,
            "supported_parameters": dict(self.image_parameters),
            "allowed_passthrough_parameters": [],
            "supports_streaming": self.streams_images,
            "pricing": list(self.image_prices),
        }
        return {"id": self.id, "endpoints": [endpoint]}


class Catalogue:
    """All models; some may be retired or dated, as the operators of the real one do without asking."""

    def __init__(self) -> None:
        self._models = {str(entry["id"]): CataloguedModel(**entry) for entry in STOCK}
        self._retired: set[str] = set()

    def offered(self) -> tuple[CataloguedModel, ...]:
        """Return the models that are listed now."""
        return tuple(model for model in self._models.values() if model.id not in self._retired)

    def known(self, model_id: str) -> CataloguedModel:
        """Return a model, retired or not, or raise KeyError."""
        return self._models[model_id]

    def find(self, model_id: str) -> CataloguedModel:
        """Return a model that is offered, or refuse as OpenRouter does."""
        model = self._models.get(model_id)
        if model is None:
            raise unavailable(400, "model_not_found", model_id, f"{model_id} is not a valid model ID")
        if model_id in self._retired:
            message = f"{model_id} has been deprecated and is no longer available."
            raise unavailable(404, "model_deprecated", model_id, message, self._fallbacks(model))
        return model

    def retire(self, model_id: str) -> None:
        """Let a model disappear from the lists; calls for it get 404 `model_deprecated`."""
        self._retired.add(self.known(model_id).id)

    def restore(self, model_id: str) -> None:
        """Bring a retired model back."""
        self._retired.discard(self.known(model_id).id)

    def set_expiry(self, model_id: str, day: date | None) -> None:
        """Announce the day on which a model ends, or take the announcement back."""
        text = None if day is None else day.isoformat()
        self._models[model_id] = replace(self.known(model_id), expires_on=text)

    def page(self, output_modalities: str) -> list[Json]:
        """Return `GET /models` for a filter: a comma-separated list of modalities, or `all`."""
        listed = [model for model in self.offered() if model.in_chat]
        if output_modalities == "all":
            return [model.listed() for model in listed]
        wanted = set(output_modalities.split(","))
        if not wanted <= {"text", "image", "audio", "embeddings"}:
            raise invalid(f"Invalid output_modalities: {output_modalities}")
        return [model.listed() for model in listed if wanted & set(model.outputs)]

    def image_page(self) -> list[Json]:
        """Return `GET /images/models`."""
        return [model.listed_for_images() for model in self.offered() if model.in_images]

    def _fallbacks(self, gone: CataloguedModel) -> list[str]:
        """Name what is left of the same kind."""
        return [model.id for model in self.offered() if model.draws == gone.draws]
