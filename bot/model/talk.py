"""Words through `/chat/completions`: a conversation in, an answer out, whole or as a stream of its pieces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.calls import PictureBytes
from bot.domain.words import Detail, Effort, PicturePart, Role, Text
from bot.model.shapes import parse_or_none
from bot.model.speech import Speech
from bot.model.wire import allowed

if TYPE_CHECKING:
    from bot.domain.chat_models import ChatModel
    from bot.domain.words import FilePart, Message, Sampling, ToolCall, WordsCall, WordsReply
    from bot.model.backend import Backend
    from bot.model.failures import Failure
    from bot.model.splitter import Split

CHOICES = {"auto", "none", "required"}
UNNAMEABLE = re.compile(r"[^a-zA-Z0-9_-]+", re.ASCII)
LONGEST_NAME = 64


def fields(
    call: WordsCall, model: ChatModel, backend: Backend, max_tokens: int, *, streams: bool = False
) -> dict[str, object]:
    """Return the request. What the model does not list is left out, and so is what was not chosen.

    Usage comes without asking at OpenRouter; other backends need `stream_options`.
    """
    return allowed(
        {
            "model": call.model_id,
            "messages": [_message(message, backend) for message in call.messages],
            "modalities": ["image", "text"] if call.draws else None,
            "max_tokens": max_tokens,
            **_sampling(call.sampling, model),
            **_effort(call, model, backend),
            **_form(call, model),
            **_tools(call, model),
            "user": call.user_key,
            "session_id": call.session_key,
            "stream": True if streams else None,
            "stream_options": {"include_usage": True} if streams else None,
        },
        backend,
    )


def read(split: Split, generation_id: str | None) -> WordsReply | Failure:
    """Return what a reply with status 200 holds; it may hold an error all the same."""
    speech = Speech(generation_id)
    speech.hear(split, "message")
    return speech.conclude()


def _message(message: Message, backend: Backend) -> dict[str, object]:
    """Write a message. An assistant that only called tools said nothing, which is null."""
    written = allowed(
        {
            "role": message.role.value,
            "name": UNNAMEABLE.sub("_", message.name or "")[:LONGEST_NAME] or None,
            "tool_calls": [_tool_call(called) for called in message.tool_calls] or None,
            "tool_call_id": message.tool_call_id,
            "images": [_image(picture) for picture in message.pictures] or None,
            "annotations": [parse_or_none(one.raw) for one in message.annotations] or None,
        },
        backend,
    )
    is_silent = message.role is Role.ASSISTANT and not message.parts
    return {"role": written.pop("role"), "content": None if is_silent else _content(message), **written}


def _content(message: Message) -> str | list[object]:
    """Write what a message holds: words before pictures, as OpenRouter asks; words alone are a string."""
    words: list[object] = [
        {"type": "text", "text": part.text} for part in message.parts if isinstance(part, Text)
    ]
    others: list[object] = [_attached(part) for part in message.parts if not isinstance(part, Text)]
    return [*words, *others] if others else message.text


def _attached(part: PicturePart | FilePart) -> dict[str, object]:
    """Write a picture or a file; the body turns either into a data URL while it is sent."""
    if isinstance(part, PicturePart):
        return _image(part.picture, part.detail)
    data = PictureBytes(part.data, part.media_type)
    return {"type": "file", "file": {"filename": part.filename, "file_data": data}}


def _image(picture: PictureBytes, detail: Detail = Detail.AUTO) -> dict[str, object]:
    named = {} if detail is Detail.AUTO else {"detail": detail.value}
    return {"type": "image_url", "image_url": {"url": picture, **named}}


def _tool_call(called: ToolCall) -> dict[str, object]:
    return {
        "id": called.id,
        "type": "function",
        "function": {"name": called.name, "arguments": called.arguments},
    }


def _sampling(sampling: Sampling, model: ChatModel) -> dict[str, object]:
    """Write what is chosen and honoured."""
    chosen = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "repetition_penalty": sampling.repetition_penalty,
        "stop": list(sampling.stop) or None,
        "seed": sampling.seed,
        "logit_bias": dict(sampling.logit_bias) if sampling.logit_bias else None,
        "logprobs": None if sampling.top_logprobs is None else True,
        "top_logprobs": sampling.top_logprobs,
    }
    return {name: value for name, value in chosen.items() if model.takes(name)}


def _effort(call: WordsCall, model: ChatModel, backend: Backend) -> dict[str, object]:
    """Write how long to reason; OpenAI's picture tool refuses less than `low`."""
    if call.effort is None or not model.takes("reasoning"):
        return {}
    is_too_little = call.draws and call.effort in {Effort.NONE, Effort.MINIMAL}
    effort = Effort.LOW.value if is_too_little else call.effort.value
    if "reasoning" in backend.extra_body:
        return {"reasoning": {"effort": effort}}
    return {"reasoning_effort": effort}


def _form(call: WordsCall, model: ChatModel) -> dict[str, object]:
    """Write the schema that the answer has to follow."""
    if call.schema is None or not model.obeys_schemas:
        return {}
    schema = {
        "name": call.schema.name,
        "strict": True,
        "schema": dict(call.schema.schema),
        **({"description": call.schema.description} if call.schema.description else {}),
    }
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _tools(call: WordsCall, model: ChatModel) -> dict[str, object]:
    """Write the tools and how they may be called."""
    if not call.tools or not model.uses_tools:
        return {}
    offered = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in call.tools
    ]
    choice: object = call.tool_choice
    if call.tool_choice is not None and call.tool_choice not in CHOICES:
        choice = {"type": "function", "function": {"name": call.tool_choice}}
    return {
        "tools": offered,
        "tool_choice": choice if model.takes("tool_choice") else None,
        "parallel_tool_calls": None if call.parallel_tool_calls else False,
    }
