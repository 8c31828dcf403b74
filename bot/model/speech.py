"""What a model says, put together from a whole message or from the pieces of a stream."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pybase64

from bot.domain.words import Annotation, Tokens, ToolCall, WordsReply
from bot.model.diagnosis import diagnose_reply
from bot.model.failures import Failure, failure
from bot.model.shapes import items, record, text, whole
from bot.model.splitter import Caps, Split, UnreadableReply
from bot.model.wire import bill, find, nothing_drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.calls import PictureBytes

CAPS = Caps(json_bytes=8 * 1024**2, pictures=32)
"""A document's annotations hold its text, and pictures of its pages."""
MOST_CALLS = 128
CUT_OUT = re.compile(r"(data:[^,]{0,80};base64,)#([0-9]{1,2})")


class Speech:
    """Collects the parts of one answer. Each piece of a stream has the shape of a whole message."""

    def __init__(self, generation_id: str | None, caps: Caps = CAPS) -> None:
        self._generation_id = generation_id
        self._caps = caps
        self._size = 0
        self._words: list[str] = []
        self._reasoning: list[str] = []
        self._refusal = ""
        self._calls: dict[int, _Call] = {}
        self._pictures: dict[bytes, PictureBytes] = {}
        self._annotations: dict[str, Annotation] = {}
        self._damaged = False
        self._served_by = ""
        self._usage: Mapping[str, object] = {}
        self._failure: Failure | None = None
        self.ending = ""
        """The last finish reason; it may come more than once, or never."""

    @property
    def has_failed(self) -> bool:
        """Tell whether an error was among the pieces."""
        return self._failure is not None

    @property
    def words(self) -> str:
        """Return what was said so far."""
        return "".join(self._words)

    def hear(self, split: Split, part: str) -> str:
        """Take a reply, or a chunk of one; return the words in it. After an error nothing counts.

        `part` is `message` or `delta`.
        """
        chunk = record(split.skeleton)
        choice = record(next(iter(items(chunk.get("choices"))), None))
        self._usage = record(chunk.get("usage")) or self._usage
        self._generation_id = self._generation_id or text(chunk.get("id")) or None
        self._served_by = text(chunk.get("model")) or self._served_by
        if self._failure is not None:
            return ""
        said = self._take(record(choice.get(part)), split)
        self.ending = text(choice.get("finish_reason")) or self.ending
        source = next((source for source in (chunk, choice) if source.get("error")), None)
        if source is not None:
            self._failure = diagnose_reply(source, billed_microusd=0, generation_id=None)
        return said

    def conclude(self) -> WordsReply | Failure:
        """Return the whole answer, or why there is none."""
        paid = bill({"usage": self._usage})
        if self._failure is not None:
            return self._failed(self._failure)
        if name := self._fault():
            return self._failed(failure(name))
        if not (self.words.strip() or self._calls or self._pictures):
            return nothing_drawn(paid, damaged=self._damaged, generation_id=self._generation_id)
        return WordsReply(
            text=self.words,
            finish_reason=self.ending,
            cost_microusd=paid.microusd,
            tool_calls=tuple(call.whole(index) for index, call in sorted(self._calls.items())),
            pictures=tuple(self._pictures.values()),
            reasoning="".join(self._reasoning),
            annotations=tuple(self._annotations.values()),
            tokens=_tokens(self._usage),
            generation_id=self._generation_id,
            served_by=self._served_by or None,
        )

    def lost(self, name: str) -> Failure:
        """Return the failure of an answer that broke off, with what came of it."""
        return self._failed(failure(name))

    def _fault(self) -> str:
        """Name what is wrong with an answer that came to its end; empty where it is sound."""
        if self._refusal.strip() or self.ending == "content_filter":
            return "refusal"
        if self.ending == "error":
            return "server"
        is_empty = not (self.words.strip() or self._calls or self._pictures)
        return "out_of_budget" if is_empty and self.ending == "length" else ""

    def _failed(self, failed: Failure) -> Failure:
        """Add what is known. It is final: a 200 came, so it may have been charged."""
        return replace(
            failed.final(),
            billed_microusd=bill({"usage": self._usage}).microusd or 0,
            generation_id=self._generation_id,
            words=self.words or self._refusal,
        )

    def _take(self, message: Mapping[str, object], split: Split) -> str:
        """Add a piece of a message and return its words."""
        said = _words(message, split)
        thought = _thought(message)
        refused = text(message.get("refusal"))
        self._grow(len(said) + len(thought) + len(refused))
        self._words.append(said)
        self._reasoning.append(thought)
        self._refusal += refused
        for place, called in enumerate(items(message.get("tool_calls"))):
            self._call(record(called), place)
        found = find(split, _pictures(message))
        self._damaged = self._damaged or found.damaged
        self._pictures.update((picture.data, picture) for picture in found.pictures)
        self._grow(sum(len(picture.data) for picture in found.pictures))
        for noted in items(message.get("annotations")):
            annotation = _annotation(record(noted), split)
            self._grow(len(annotation.raw))
            self._annotations[annotation.raw] = annotation
        return said

    def _call(self, called: Mapping[str, object], place: int) -> None:
        """Add a piece of a tool call to the one at its index."""
        index = whole(called.get("index"))
        call = self._calls.setdefault(place if index is None else index, _Call())
        if len(self._calls) > MOST_CALLS:
            raise UnreadableReply("too many tool calls")
        function = record(called.get("function"))
        arguments = function.get("arguments")
        written = json.dumps(arguments) if isinstance(arguments, dict) else text(arguments)
        self._grow(len(written))
        call.id = call.id or text(called.get("id"))
        call.name = call.name or text(function.get("name"))
        call.arguments.append(written)

    def _grow(self, size: int) -> None:
        """Hold what is kept within bounds."""
        self._size += size
        if self._size > self._caps.raw_bytes:
            raise UnreadableReply("too long an answer")


class _Call:
    """A tool call whose pieces still come."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []

    def whole(self, index: int) -> ToolCall:
        """Return the call; where the backend gives no id, its place stands for it."""
        return ToolCall(self.id or f"call_{index}", self.name, "".join(self.arguments))


def _words(message: Mapping[str, object], split: Split) -> str:
    """Return the words of a message or a piece; its content is a string, null or a list of parts."""
    content = message.get("content")
    parts = (text(record(part).get("text")) for part in items(content))
    return text(_restored(content, split)) or "\n".join(filter(None, parts))


def _thought(message: Mapping[str, object]) -> str:
    """Return the reasoning: its text, else what the details say; encrypted ones say nothing."""
    plain = text(message.get("reasoning")) or text(message.get("reasoning_content"))
    details = [record(one) for one in items(message.get("reasoning_details"))]
    return plain or "".join(text(one.get("text")) or text(one.get("summary")) for one in details)


def _pictures(message: Mapping[str, object]) -> list[str]:
    """Return the pictures as written: beside the content, or among its parts (vLLM-Omni)."""
    sources = [
        record(part).get("image_url") for name in ("images", "content") for part in items(message.get(name))
    ]
    written = (text(source) or text(record(source).get("url")) for source in sources)
    return [url for url in written if url]


def _annotation(noted: Mapping[str, object], split: Split) -> Annotation:
    """Keep an annotation whole, and read from it what can be shown."""
    kind = text(noted.get("type"))
    body = record(noted.get(kind)) or noted
    title = text(body.get("title")) or text(body.get("name")) or text(body.get("filename"))
    raw = json.dumps(_restored(dict(noted), split), default=str)
    return Annotation(kind, title, text(body.get("url")), raw)


def _restored(value: object, split: Split) -> object:
    """Put the pictures back that were cut out of a reply, where they belong to its words."""
    if fields := record(value):
        return {name: _restored(one, split) for name, one in fields.items()}
    if several := items(value):
        return [_restored(one, split) for one in several]
    marker = CUT_OUT.fullmatch(value) if isinstance(value, str) else None
    if marker is None or int(marker[2]) >= len(split.pictures):
        return value
    return marker[1] + pybase64.b64encode(split.pictures[int(marker[2])]).decode()


def _tokens(usage: Mapping[str, object]) -> Tokens:
    """Read how many tokens were counted."""
    prompt, completion = (record(usage.get(f"{name}_tokens_details")) for name in ("prompt", "completion"))
    return Tokens(
        prompt=whole(usage.get("prompt_tokens")) or 0,
        completion=whole(usage.get("completion_tokens")) or 0,
        cached=whole(prompt.get("cached_tokens")) or 0,
        reasoning=whole(completion.get("reasoning_tokens")) or 0,
    )
