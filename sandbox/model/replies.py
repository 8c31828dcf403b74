"""Answers as OpenRouter writes them: chat completions, pictures, their streams, and the account's pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pybase64

from sandbox.model.billing import NOTHING, RecordedCall, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.model.asks import Ask
    from sandbox.model.billing import Books
    from sandbox.model.gadgets import Called
    from sandbox.model.refusals import Json

DONE = b"data: [DONE]\n\n"
NATIVE_FINISH = {"stop": "completed", "length": "max_output_tokens", "content_filter": "content_filter"}


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A picture on the wire: base64 text beside the type that its label claims."""

    media_type: str
    base64: str

    @classmethod
    def of(cls, data: bytes, media_type: str) -> EncodedPicture:
        """Encode a picture."""
        return cls(media_type, pybase64.b64encode(data).decode())

    def part(self) -> Json:
        """Return the `image_url` part of a chat message."""
        return {"type": "image_url", "image_url": {"url": f"data:{self.media_type};base64,{self.base64}"}}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says and draws, before it becomes JSON."""

    content: str | None
    pictures: tuple[EncodedPicture, ...] = ()
    usage: Usage = NOTHING
    finish_reason: str | None = "stop"
    refusal: str | None = None
    error: Json | None = None
    """A failure inside the choice, beside what was said so far."""
    parts_in_content: bool = False
    """Pictures stand in `content` as a list of parts, as vLLM-Omni sends them."""
    empty_images: bool = False
    """`images` is an empty list in place of being absent."""
    reasoning: str | None = None
    tool_calls: tuple[Called, ...] = ()
    annotations: tuple[Json, ...] = ()
    finishes_twice: bool = False
    """In a stream, the last chunk comes again, and the usage rides on it."""


def chat_reply(call: RecordedCall, ask: Ask, answer: Answer) -> Json:
    """Return the body of a chat completion."""
    choice: dict[str, Any] = {
        "index": 0,
        "logprobs": None,
        "finish_reason": answer.finish_reason,
        "native_finish_reason": NATIVE_FINISH.get(answer.finish_reason or "", answer.finish_reason),
        "message": _message(answer),
    }
    if answer.error is not None:
        choice["error"] = answer.error
    return _head(call, ask, "chat.completion") | {"choices": [choice], "usage": answer.usage.wire()}


def _head(call: RecordedCall, ask: Ask, kind: str) -> dict[str, Any]:
    """Return what opens every chat answer."""
    return {
        "id": call.id,
        "object": kind,
        "created": int(call.at.timestamp()),
        "model": ask.model.id,
        "provider": ask.model.provider,
        "system_fingerprint": None,
        "service_tier": None,
    }


def _message(answer: Answer) -> dict[str, Any]:
    """Return the assistant's message."""
    content: object = answer.content
    if answer.parts_in_content:
        words = [{"type": "text", "text": answer.content}] if answer.content else []
        content = [*words, *(picture.part() for picture in answer.pictures)]
    message: dict[str, Any] = {
        "role": "assistant",
        "content": content,
        "refusal": answer.refusal,
        "reasoning": answer.reasoning,
    }
    if answer.tool_calls:
        message["tool_calls"] = [called.wire() for called in answer.tool_calls]
    if answer.annotations:
        message["annotations"] = list(answer.annotations)
    if (answer.pictures and not answer.parts_in_content) or answer.empty_images:
        message["images"] = [picture.part() for picture in answer.pictures]
    return message


def images_reply(call: RecordedCall, answer: Answer) -> Json:
    """Return the body of the pictures endpoint: no words, no model, no id."""
    data = [{"b64_json": picture.base64, "media_type": picture.media_type} for picture in answer.pictures]
    return {"created": int(call.at.timestamp()), "data": data, "usage": answer.usage.wire()}


def chat_events(call: RecordedCall, ask: Ask, answer: Answer) -> Iterator[bytes]:
    """Yield a chat completion as server-sent events: words, pictures in one line, finish, usage, [DONE]."""
    head = _head(call, ask, "chat.completion.chunk")
    del head["system_fingerprint"]
    for thought in _words(answer.reasoning or ""):
        yield _chunk(head, {"role": "assistant", "content": "", "reasoning": thought})
    for word in _words(answer.content or ""):
        yield _chunk(head, {"role": "assistant", "content": word})
    for delta in _rest(answer):
        yield _chunk(head, {"role": "assistant"} | delta)
    if answer.pictures:
        images = [picture.part() | {"index": index} for index, picture in enumerate(answer.pictures)]
        yield _chunk(head, {"role": "assistant", "content": "", "images": images})
    if answer.error is not None:
        yield _chunk(head | {"error": answer.error}, {"role": "assistant", "content": ""}, "error")
    else:
        yield _chunk(head, {"role": "assistant", "content": ""}, answer.finish_reason)
    head["usage"] = answer.usage.wire()
    if answer.finishes_twice:
        yield _chunk(head, {"role": "assistant", "content": ""}, answer.finish_reason)
    else:
        yield _event(head | {"choices": []})
    yield DONE


def _rest(answer: Answer) -> Iterator[Json]:
    """Yield what is not words: a refusal, notes, and tool calls, whose arguments come in pieces."""
    if answer.refusal is not None:
        yield {"content": None, "refusal": answer.refusal}
    if answer.annotations:
        yield {"content": "", "annotations": list(answer.annotations)}
    for index, called in enumerate(answer.tool_calls):
        begun = {"name": called.name, "arguments": ""}
        yield {
            "content": None,
            "tool_calls": [{"index": index, "id": called.id, "type": "function", "function": begun}],
        }
        for piece in _words(called.arguments):
            yield {"content": None, "tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _words(text: str) -> list[str]:
    """Cut a text into words that keep their spaces."""
    return [word for word in text.replace(" ", " \0").split("\0") if word]


def _chunk(head: dict[str, Any], delta: Json, finish_reason: str | None = None) -> bytes:
    """Return one chunk of a chat stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    return _event(head | {"choices": [choice]})


def partial_event(index: int, picture: EncodedPicture) -> bytes:
    """Return a picture in the making as a server-sent event; `index` is its place in the row of all."""
    return _event(
        {
            "type": "image_generation.partial_image",
            "b64_json": picture.base64,
            "partial_image_index": index,
        }
    )


def images_events(call: RecordedCall, answer: Answer) -> Iterator[bytes]:
    """Yield finished pictures as server-sent events, the usage with the last one."""
    for number, picture in enumerate(answer.pictures, start=1):
        completed: dict[str, Any] = {
            "type": "image_generation.completed",
            "b64_json": picture.base64,
            "media_type": picture.media_type,
            "created": int(call.at.timestamp()),
        }
        is_last = number == len(answer.pictures)
        yield _event(completed | ({"usage": answer.usage.wire()} if is_last else {}))
    yield DONE


def broken_events(ask: Ask, call: RecordedCall, code: str) -> Iterator[bytes]:
    """Yield the end of a stream that fails half-way; each endpoint has its own form of it."""
    message = "The provider went away while it was drawing."
    if ask.transport == "images":
        yield _event({"type": "error", "error": {"message": message, "code": code, "param": None}})
    else:
        error = {"code": 502, "message": message, "metadata": {"error_type": "provider_unavailable"}}
        head = _head(call, ask, "chat.completion.chunk") | {"error": error}
        del head["system_fingerprint"]
        yield _chunk(head, {"role": "assistant", "content": ""}, "error")
    yield DONE


def _event(payload: Json) -> bytes:
    """Return one server-sent event."""
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def key_page(label: str, books: Books) -> Json:
    """Return the answer of `GET /key`: the best health check, and the budget's gauge."""
    spent = float(books.spent_usd)
    data = {
        "label": label,
        "limit": float(books.credits_usd),
        "limit_reset": None,
        "limit_remaining": float(books.left_usd),
        "include_byok_in_limit": False,
        "usage": spent,
        "usage_daily": spent,
        "usage_weekly": spent,
        "usage_monthly": spent,
        "byok_usage": 0,
        "byok_usage_daily": 0,
        "byok_usage_weekly": 0,
        "byok_usage_monthly": 0,
        "is_free_tier": False,
        "is_management_key": False,
        "is_provisioning_key": False,
        "creator_user_id": "user_sandbox",
        "expires_at": None,
        "rate_limit": {
            "requests": -1,
            "interval": "10s",
            "note": "This field is deprecated and safe to ignore.",
        },
    }
    return {"data": data}


NOT_RECORDED = (
    "upstream_inference_cost",
    "moderation_latency",
    "provider_name",
    "provider_responses",
    "app_id",
    "cache_discount",
    "http_referer",
    "num_fetches",
    "num_input_audio_prompt",
    "num_search_results",
    "preset_id",
    "request_id",
    "response_cache_source_id",
    "router",
    "service_tier",
    "upstream_id",
    "user_agent",
    "web_search_engine",
    "workspace_id",
)
"""Fields of `GET /generation` that the sandbox has nothing to say of; the document requires them."""


def generation_page(call: RecordedCall) -> Json:
    """Return the answer of `GET /generation`: what a call cost, for those who did not see its answer."""
    usage, finished_at = call.usage, call.finished_at or call.at
    cost = float(usage.cost_usd)
    data: Json = dict.fromkeys(NOT_RECORDED) | {
        "id": call.id,
        "api_type": "image" if call.transport == "images" else "completions",
        "created_at": call.at.isoformat(),
        "model": call.model,
        "total_cost": cost,
        "usage": cost,
        "tokens_prompt": usage.prompt_tokens,
        "tokens_completion": usage.completion_tokens,
        "native_tokens_prompt": usage.prompt_tokens,
        "native_tokens_completion": usage.completion_tokens,
        "native_tokens_completion_images": usage.image_tokens,
        "native_tokens_reasoning": usage.reasoning_tokens,
        "native_tokens_cached": 0,
        "latency": (finished_at - call.at).total_seconds() * 1000,
        "generation_time": (finished_at - call.at).total_seconds() * 1000,
        "finish_reason": "stop",
        "native_finish_reason": "completed",
        "cancelled": call.outcome == "dropped",
        "streamed": bool(call.body.get("stream")),
        "is_byok": False,
        "data_region": "global",
        "external_user": call.body.get("user"),
        "session_id": call.body.get("session_id"),
        "num_media_completion": call.pictures,
        "num_media_prompt": len(call.references),
        "origin": "",
    }
    return {"data": data}
