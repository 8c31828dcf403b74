"""Faults of the answer itself: a 200 that holds less, more or other than a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pybase64

from sandbox.model.billing import NOTHING, usage_of
from sandbox.model.replies import EncodedPicture
from sandbox.model.studio import encode_jpeg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.model.asks import Ask
    from sandbox.model.replies import Answer

DECLINED = "I would rather not draw that as it stands. Shall I try it without the dragon?"
REFUSED = "I'm sorry, but I can't help with that request."


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """A named way to spoil an answer."""

    about: str
    spoil: Callable[[Answer, Ask], Answer]


def _without(answer: Answer, **changes: object) -> Answer:
    """Return the answer without pictures and without charge, then changed."""
    bare = replace(answer, content=None, pictures=(), tool_calls=(), annotations=(), usage=NOTHING)
    return replace(bare, **changes)  # pyright: ignore[reportArgumentType] - each caller names fields of Answer


def _declined(answer: Answer, ask: Ask) -> Answer:
    return _without(answer, content=DECLINED, usage=usage_of(ask, pictures=0, words=DECLINED))


def _refusal(answer: Answer, ask: Ask) -> Answer:
    return _without(answer, refusal=REFUSED, usage=usage_of(ask, pictures=0, words=REFUSED))


def _length(answer: Answer, ask: Ask) -> Answer:
    spent = usage_of(ask, pictures=0, reasoning_tokens=ask.max_tokens or 1024)
    return _without(answer, content="", finish_reason="length", usage=spent)


def _content_filter(answer: Answer, ask: Ask) -> Answer:
    return _without(answer, content="", finish_reason="content_filter", usage=usage_of(ask, pictures=0))


def _choice_error(answer: Answer, _: Ask) -> Answer:
    error = {"code": 502, "message": "Upstream went away", "metadata": {"error_type": "provider_unavailable"}}
    return _without(answer, content="Here is", finish_reason="error", error=error)


def _fewer(answer: Answer, ask: Ask) -> Answer:
    kept = answer.pictures[:-1]
    return replace(answer, pictures=kept, usage=usage_of(ask, pictures=len(kept), words=answer.content or ""))


def _each(change: Callable[[bytes], EncodedPicture]) -> Callable[[Answer, Ask], Answer]:
    """Return a spoiler that changes the bytes of every picture."""

    def spoil(answer: Answer, _: Ask) -> Answer:
        changed = tuple(change(pybase64.b64decode(picture.base64)) for picture in answer.pictures)
        return replace(answer, pictures=changed)

    return spoil


def _mislabelled(data: bytes) -> EncodedPicture:
    return EncodedPicture.of(encode_jpeg(data), "image/png")


def _half(data: bytes) -> EncodedPicture:
    return EncodedPicture.of(data[: len(data) // 2], "image/png")


def _cut(answer: Answer, _: Ask) -> Answer:
    """Cut the base64 at a length that no strict decoder takes."""
    cut = tuple(
        replace(picture, base64=picture.base64[: len(picture.base64) // 8 * 4 + 1])
        for picture in answer.pictures
    )
    return replace(answer, pictures=cut, usage=NOTHING)


def _cut_short(answer: Answer, ask: Ask) -> Answer:
    said = answer.content or ""
    said = said[: len(said) // 2]
    return replace(answer, content=said, finish_reason="length", usage=usage_of(ask, pictures=0, words=said))


def _filtered(answer: Answer, ask: Ask) -> Answer:
    return replace(_cut_short(answer, ask), finish_reason="content_filter")


def _half_called(answer: Answer, _: Ask) -> Answer:
    """Break off the arguments of every call, as a small model does."""
    calls = tuple(
        replace(called, arguments=called.arguments[: len(called.arguments) // 2])
        for called in answer.tool_calls
    )
    return replace(answer, tool_calls=calls)


def _unknown_tool(answer: Answer, _: Ask) -> Answer:
    return replace(answer, tool_calls=tuple(replace(one, name="juggle") for one in answer.tool_calls))


ANSWER_FAULTS: Mapping[str, AnswerFault] = {
    "length": AnswerFault("The budget was used up before a picture came.", _length),
    "content_filter": AnswerFault("Stopped by the content filter.", _content_filter),
    "unknown_finish": AnswerFault(
        "A finish reason that nobody has seen before.",
        lambda answer, _: replace(answer, finish_reason="vibes"),
    ),
    "declined": AnswerFault("Words in place of a picture.", _declined),
    "refusal": AnswerFault("A refusal in its own field.", _refusal),
    "null_content": AnswerFault(
        "No words, and an empty list of pictures.", lambda answer, _: _without(answer, empty_images=True)
    ),
    "empty": AnswerFault(
        "Nothing at all, not even a finish reason.",
        lambda answer, _: _without(answer, content="", finish_reason=None),
    ),
    "choice_error": AnswerFault("The choice holds an error beside half a sentence.", _choice_error),
    "duplicated": AnswerFault(
        "Every picture comes twice.", lambda answer, _: replace(answer, pictures=answer.pictures * 2)
    ),
    "list_content": AnswerFault(
        "Words and pictures come as one list of parts.",
        lambda answer, _: replace(answer, parts_in_content=True),
    ),
    "mislabelled": AnswerFault("A JPEG that calls itself PNG.", _each(_mislabelled)),
    "truncated_base64": AnswerFault("The base64 is cut off.", _cut),
    "half_png": AnswerFault("Half of the picture's bytes, in valid base64.", _each(_half)),
    "cut_short": AnswerFault("Half of the words; the budget was used up.", _cut_short),
    "filtered": AnswerFault("Half of the words; then the content filter stops them.", _filtered),
    "half_called": AnswerFault("The arguments of tool calls are half written.", _half_called),
    "unknown_tool": AnswerFault("A tool is called that nobody offered.", _unknown_tool),
    "finish_twice": AnswerFault(
        "In a stream, the finish comes twice and the usage rides on it.",
        lambda answer, _: replace(answer, finishes_twice=True),
    ),
    "fewer": AnswerFault("One picture fewer than asked.", _fewer),
}
