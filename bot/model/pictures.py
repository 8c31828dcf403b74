"""Pictures through `/images`, the endpoint made for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.calls import PictureReply
from bot.model.diagnosis import diagnose_reply
from bot.model.shapes import items, record, text
from bot.model.wire import allowed, bill, find, nothing_drawn

if TYPE_CHECKING:
    from bot.domain.calls import PictureCall
    from bot.model.backend import Backend
    from bot.model.failures import Failure
    from bot.model.splitter import Split

PATH = "/images"


def fields(call: PictureCall, backend: Backend, *, streams: bool = False) -> dict[str, object]:
    """Return the request; what was not chosen is left out, for an endpoint may refuse the field itself.

    With `streams` the reply is asked for as events, if the provider can; nothing else changes.
    """
    references = [{"type": "image_url", "image_url": {"url": picture}} for picture in call.references]
    return allowed(
        {
            "model": call.model_id,
            "prompt": call.prompt,
            "n": call.count if call.count > 1 else None,
            "quality": call.quality,
            "aspect_ratio": call.aspect,
            "background": call.background,
            "output_format": call.output_format,
            "seed": call.seed,
            "input_references": references or None,
            "user": call.user_key,
            "session_id": call.session_key,
            "stream": True if streams else None,
        },
        backend,
    )


def read(split: Split, generation_id: str | None) -> PictureReply | Failure:
    """Return what a reply with status 200 holds; the generation's id is in a header alone."""
    reply = record(split.skeleton)
    paid = bill(reply)
    if reply.get("error"):
        return diagnose_reply(reply, billed_microusd=paid.microusd or 0, generation_id=generation_id)
    found = find(split, [text(record(one).get("b64_json")) for one in items(reply.get("data"))])
    if found.pictures:
        return PictureReply(found.pictures, paid.microusd, generation_id=generation_id)
    return nothing_drawn(paid, damaged=found.damaged, generation_id=generation_id)
