"""Pictures through `/chat/completions` with modalities: one turn in, words and pictures out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.calls import PictureReply
from bot.domain.capabilities import CHAT_MAX_TOKENS
from bot.model.diagnosis import diagnose_reply
from bot.model.failures import Failure, failure
from bot.model.shapes import items, record, text
from bot.model.wire import Bill, allowed, bill, find, nothing_drawn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.calls import PictureCall
    from bot.domain.capabilities import Offer
    from bot.model.backend import Backend
    from bot.model.splitter import Split

PATH = "/chat/completions"


def fields(
    call: PictureCall, offer: Offer, backend: Backend, max_tokens: int = CHAT_MAX_TOKENS
) -> dict[str, object]:
    """Return the request. Words come before pictures, as OpenRouter asks.

    Modalities follow the model: an image-only one answers 404 to `text`. Effort is `low` where the model
    reasons: `minimal` and `none` are refused by OpenAI's picture tool. Without `max_tokens` the credit check
    reserves the model's maximum.
    """
    content: list[object] = [{"type": "text", "text": call.prompt}]
    content += [{"type": "image_url", "image_url": {"url": picture}} for picture in call.references]
    return allowed(
        {
            "model": call.model_id,
            "messages": [{"role": "user", "content": content}],
            "modalities": list(offer.output_modalities),
            "max_tokens": max_tokens,
            "reasoning": {"effort": "low"} if "reasoning" in offer.supported_parameters else None,
            "seed": call.seed,
            "image_config": {"aspect_ratio": call.aspect} if call.aspect else None,
            "user": call.user_key,
            "session_id": call.session_key,
        },
        backend,
    )


def read(split: Split, generation_id: str | None) -> PictureReply | Failure:
    """Return what a reply with status 200 holds; it may hold an error all the same."""
    reply = record(split.skeleton)
    choice = record(next(iter(items(reply.get("choices"))), None))
    paid = bill(reply)
    known = generation_id or text(reply.get("id")) or None
    for source in (reply, choice):
        if source.get("error"):
            return diagnose_reply(source, billed_microusd=paid.microusd or 0, generation_id=known)
    message = record(choice.get("message"))
    found = find(split, _pictures(message))
    if found.pictures:
        return PictureReply(
            found.pictures, paid.microusd, _words(message), known, text(reply.get("model")) or None
        )
    return _without_picture(choice, paid, damaged=found.damaged, generation_id=known)


def _without_picture(
    choice: Mapping[str, object], paid: Bill, *, damaged: bool, generation_id: str | None
) -> Failure:
    """Say why there is no picture: refused, damaged, declined, cut short, or no reason at all."""
    message = record(choice.get("message"))
    ending = text(choice.get("finish_reason"))
    words = _words(message)
    if ending == "content_filter" or text(message.get("refusal")).strip():
        name = "refusal"
    elif damaged:
        name = "damaged"
    elif ending == "error":
        name = "server"
    elif words:
        name = "declined"
    elif ending == "length":
        name = "out_of_budget"
    else:
        return nothing_drawn(paid, damaged=False, generation_id=generation_id)
    failed = failure(name, billed_microusd=paid.microusd or 0, generation_id=generation_id, words=words)
    return failed.final()


def _pictures(message: Mapping[str, object]) -> Iterator[str]:
    """Yield the pictures of a message as written: beside the content, or among its parts (vLLM-Omni)."""
    for part in (*items(message.get("images")), *items(message.get("content"))):
        source = record(part).get("image_url")
        if url := text(source) or text(record(source).get("url")):
            yield url


def _words(message: Mapping[str, object]) -> str:
    """Return the words of a message; its content is a string, null or a list of parts."""
    content = message.get("content")
    parts = (text(record(part).get("text")) for part in items(content))
    return (text(content) or "\n".join(filter(None, parts))).strip()
