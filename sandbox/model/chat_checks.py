"""What `POST /chat/completions` accepts: the body becomes an Ask, or a Refusal says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.model import conversation, fields, forms, gadgets
from sandbox.model.asks import SQUARE, Ask, pixels
from sandbox.model.refusals import from_provider, invalid, no_route, refuse

if TYPE_CHECKING:
    from sandbox.model.catalogue import Catalogue, CataloguedModel
    from sandbox.model.refusals import Json

FIELDS = frozenset(
    [
        "cache_control",
        "debug",
        "frequency_penalty",
        "image_config",
        "include_reasoning",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "max_tool_calls",
        "messages",
        "metadata",
        "min_p",
        "modalities",
        "model",
        "models",
        "parallel_tool_calls",
        "plugins",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_options",
        "provider",
        "reasoning",
        "reasoning_effort",
        "repetition_penalty",
        "response_format",
        "route",
        "seed",
        "service_tier",
        "session_id",
        "stop",
        "stop_server_tools_when",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_a",
        "top_k",
        "top_logprobs",
        "top_p",
        "trace",
        "transforms",
        "usage",
        "user",
    ]
)
EFFORTS = ("max", "xhigh", "high", "medium", "low", "minimal", "none")
LISTED = (
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "min_p",
    "presence_penalty",
    "repetition_penalty",
    "seed",
    "stop",
    "temperature",
    "top_k",
    "top_logprobs",
    "top_p",
)
"""Options that a model has to list; the real one passes over those that it does not."""
BOUNDS = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "repetition_penalty": (0, 2),
}


def check(body: Json, catalogue: Catalogue) -> Ask:
    """Return the checked request, or raise Refusal."""
    fields.only(body, FIELDS, "body")
    model = catalogue.find(fields.required_text(body, "model"))
    if not model.in_chat:
        raise no_route(f"No endpoints found for {model.id}.", "chat_completions")
    wants_picture = _modalities(body, model)
    offered = gadgets.check(body, model)
    effort = _reasoning(body, model)
    said = conversation.read(body, model)
    _options(body, model)
    _envelope(body)
    budget = _budget(body, model)
    _context(model, said.prompt_tokens, budget)
    return Ask(
        transport="chat",
        model=model,
        prompt=said.prompt,
        body=body,
        references=tuple(said.pictures),
        draws=wants_picture,
        size=_size(body, model),
        seed=fields.whole(body, "seed"),
        max_tokens=budget,
        stream=fields.truth(body, "stream"),
        looked_at=tuple(said.looked_at),
        papers=tuple(said.papers),
        gadgets=offered,
        tool_results=tuple(said.tool_results),
        schema=_schema(body, model),
        effort=effort,
        stops=_stops(body),
        counted=said.prompt_tokens,
    )


def _modalities(body: Json, model: CataloguedModel) -> bool:
    """Tell whether a picture is wanted; outputs that the model has not are refused with the funnel."""
    value: object = body.get("modalities")
    if value is None:
        return False if "text" in model.outputs else _no_modalities(["text"])
    wanted = [str(entry) for entry in cast("list[object]", value)] if isinstance(value, list) else []
    if not wanted or not set(wanted) <= {"text", "image", "audio"}:
        raise invalid("modalities: Expected a list of 'text' | 'image' | 'audio'")
    if not set(wanted) <= set(model.outputs):
        return _no_modalities(wanted)
    return "image" in wanted


def _no_modalities(wanted: list[str]) -> bool:
    raise no_route(
        f"No endpoints found that support the requested output modalities: {', '.join(wanted)}",
        "output_modalities",
    )


def _schema(body: Json, model: CataloguedModel) -> Json | None:
    """Return the schema that the answer has to follow, or refuse what OpenAI refuses of schemas."""
    form = fields.table(body, "response_format")
    kind = fields.choice(form, "type", ("text", "json_object", "json_schema"))
    if kind in (None, "text"):
        return None
    if "response_format" not in model.chat_parameters:
        raise invalid(f"response_format: {model.id} answers in plain text only")
    if kind == "json_object":
        return {"type": "object"}
    fields.only(form, ("type", "json_schema"), "response_format")
    described = fields.table(form, "json_schema")
    fields.only(described, ("name", "strict", "schema", "description"), "response_format.json_schema")
    name = fields.required_text(described, "name", 64)
    schema = fields.table(described, "schema")
    if fields.truth(described, "strict"):
        forms.check_strict(schema, name)
    return schema


def _options(body: Json, model: CataloguedModel) -> None:
    """Refuse options out of bounds, and those that the model does not list."""
    unlisted = [name for name in LISTED if body.get(name) is not None and name not in model.chat_parameters]
    if unlisted:
        raise invalid(f"{model.id} does not support the parameter {unlisted[0]}")
    for name, (low, high) in BOUNDS.items():
        value: object = body.get(name)
        if value is not None and not (isinstance(value, int | float) and low <= value <= high):
            raise invalid(f"{name}: Number must be between {low} and {high}")


def _stops(body: Json) -> tuple[str, ...]:
    """Return the texts before which the answer ends."""
    value: object = body.get("stop")
    if not isinstance(value, list):
        only = fields.text(body, "stop")
        return () if only is None else (only,)
    stops = [str(one) for one in cast("list[object]", value)]
    if len(stops) > 4:
        raise invalid("stop: Array must contain at most 4 element(s)")
    return tuple(stops)


def _context(model: CataloguedModel, prompt_tokens: int, budget: int | None) -> None:
    """Refuse what does not fit into the model's context together with its answer."""
    requested = prompt_tokens + (budget or 0)
    if requested > model.context_length:
        raise refuse(
            400,
            f"This endpoint's maximum context length is {model.context_length} tokens. However, you "
            f"requested about {requested} tokens. Please reduce the length of either one.",
            metadata={"error_type": "context_length_exceeded"},
        )


def _reasoning(body: Json, model: CataloguedModel) -> str | None:
    """Return the effort, or refuse what the picture tool of the upstream refuses: the two lowest ones."""
    reasoning = fields.table(body, "reasoning")
    fields.only(reasoning, ("effort", "summary", "max_tokens", "exclude", "enabled"), "reasoning")
    effort = fields.choice(reasoning, "effort", EFFORTS)
    shorthand = fields.choice(body, "reasoning_effort", EFFORTS)
    if effort and shorthand and effort != shorthand:
        raise invalid("reasoning_effort and reasoning.effort must not differ")
    effort = effort or shorthand
    if model.draws and effort in ("minimal", "none"):
        message = f"The following tools cannot be used with reasoning.effort '{effort}': image_gen"
        upstream = {"message": message, "type": "invalid_request_error", "param": "tools", "code": None}
        raise from_provider(400, model.provider, {"error": upstream})
    return effort if "reasoning" in model.chat_parameters else None


def _size(body: Json, model: CataloguedModel) -> tuple[int, int]:
    """Return the size of a picture; OpenAI's chat models ignore `image_config` and stay square."""
    config = fields.table(body, "image_config")
    if not model.honours_image_config:
        return SQUARE
    return pixels(model, fields.choice(config, "aspect_ratio", model.aspects))


def _budget(body: Json, model: CataloguedModel) -> int | None:
    """Return the bound of the answer in tokens, where the request sets one."""
    newer = fields.whole(body, "max_completion_tokens", 1, model.max_completion_tokens)
    older = fields.whole(body, "max_tokens", 1, model.max_completion_tokens)
    return older if newer is None else newer


def _envelope(body: Json) -> None:
    """Check what goes along for the provider's books."""
    fields.text(body, "user", 256)
    fields.text(body, "session_id", 256)
    fields.table(body, "provider")
    metadata = fields.table(body, "metadata")
    if len(metadata) > 16:
        raise invalid("metadata: at most 16 pairs")
    for name in metadata:
        fields.text(metadata, name, 512)
