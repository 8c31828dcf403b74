"""What `POST /chat/completions` accepts: the body becomes an Ask, or a Refusal says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.model import fields
from sandbox.model.asks import SQUARE, Ask, ReferencePicture, pixels
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
ROLES = ("system", "developer", "user", "assistant", "tool")
EFFORTS = ("max", "xhigh", "high", "medium", "low", "minimal", "none")
MESSAGE_FIELDS = frozenset(
    [
        "role",
        "content",
        "name",
        "images",
        "tool_calls",
        "tool_call_id",
        "reasoning",
        "reasoning_details",
        "refusal",
        "annotations",
    ]
)


def check(body: Json, catalogue: Catalogue) -> Ask:
    """Return the checked request, or raise Refusal."""
    fields.only(body, FIELDS, "body")
    model = catalogue.find(fields.required_text(body, "model"))
    if not model.in_chat:
        raise no_route(f"No endpoints found for {model.id}.", "chat_completions")
    wants_picture = _modalities(body, model)
    _tools(body, model)
    _reasoning(body, model)
    prompt, references = _messages(body)
    _envelope(body)
    return Ask(
        transport="chat",
        model=model,
        prompt=prompt,
        body=body,
        references=references,
        draws=wants_picture,
        size=_size(body, model),
        seed=fields.whole(body, "seed"),
        max_tokens=_budget(body, model),
        stream=fields.truth(body, "stream"),
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


def _tools(body: Json, model: CataloguedModel) -> None:
    """Refuse tools for a model without them, and forms of answer that the sandbox does not speak."""
    if (body.get("tools") or body.get("tool_choice")) and "tools" not in model.chat_parameters:
        raise no_route(
            "No endpoints found that support tool use. To learn more about provider routing, visit: "
            "https://openrouter.ai/docs/provider-routing",
            "tools",
        )
    fields.items(body, "tools")
    if fields.table(body, "response_format").get("type", "text") != "text":
        raise invalid("response_format: the sandbox's models answer in plain text only")


def _reasoning(body: Json, model: CataloguedModel) -> None:
    """Refuse what the upstream refuses: its picture tool does not run with the two lowest efforts."""
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


def _messages(body: Json) -> tuple[str, tuple[ReferencePicture, ...]]:
    """Return the words of the person's last message, and every picture of the conversation."""
    messages = fields.items(body, "messages")
    if not messages:
        raise invalid("messages: Array must contain at least 1 element(s)")
    prompt = ""
    references: list[ReferencePicture] = []
    for position, message in enumerate(messages):
        where = f"messages[{position}]"
        fields.only(message, MESSAGE_FIELDS, where)
        role = fields.choice(message, "role", ROLES)
        if role is None:
            raise invalid(f"{where}.role: Required")
        words, pictures = _content(message, where)
        references += pictures
        references += [fields.image_part(part, f"{where}.images") for part in fields.items(message, "images")]
        prompt = words if role == "user" else prompt
    if not prompt.strip():
        raise refuse(400, "The prompt is empty.", metadata={"error_type": "invalid_prompt"})
    return prompt, tuple(references)


def _content(message: Json, where: str) -> tuple[str, list[ReferencePicture]]:
    """Return the words and pictures of a message; words must stand before pictures."""
    content: object = message.get("content")
    if content is None and message["role"] == "assistant":
        return "", []
    if not isinstance(content, list):
        return fields.text(message, "content") or "", []
    words: list[str] = []
    pictures: list[ReferencePicture] = []
    for part in fields.items(message, "content"):
        kind = fields.choice(part, "type", ("text", "image_url", "file"))
        if kind == "text":
            if pictures:
                raise invalid(
                    f"{where}: text must come before images (the sandbox insists on OpenRouter's advice)"
                )
            words.append(fields.text(part, "text") or "")
        elif kind == "image_url":
            pictures.append(fields.image_part(part, where))
        elif kind == "file":
            _file(part, where)
        else:
            raise invalid(f"{where}.content: every part needs a type")
    return "\n".join(words), pictures


def _file(part: Json, where: str) -> None:
    """Refuse a file that does not come along in the request."""
    file = fields.table(part, "file")
    fields.only(file, ("filename", "file_data"), f"{where}.file")
    if not fields.required_text(file, "file_data").startswith("data:"):
        raise invalid(f"{where}: the sandbox takes files as data: URLs; it never fetches an address")


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
    temperature: object = body.get("temperature")
    if temperature is not None and not (isinstance(temperature, int | float) and 0 <= temperature <= 2):
        raise invalid("temperature: Number must be between 0 and 2")
