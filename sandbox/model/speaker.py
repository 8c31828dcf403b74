"""What a model answers in words: tools called, forms filled in, things looked at, or plain talk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.model import gadgets, webpages, words
from sandbox.model.billing import usage_of
from sandbox.model.eyes import describe
from sandbox.model.fault_answers import REFUSED
from sandbox.model.forms import Evidence, fill
from sandbox.model.papers import PDF
from sandbox.model.replies import Answer

if TYPE_CHECKING:
    from sandbox.model.asks import Ask
    from sandbox.model.eyes import Memory

FORBIDDEN = ("forbidden", "verboten")
"""Words that the sandbox's models refuse, for trying out what a refusal looks like."""
REASONING_TOKENS = {"minimal": 16, "low": 64, "medium": 192, "high": 512, "xhigh": 768, "max": 1024}


def answer(ask: Ask, memory: Memory) -> Answer:
    """Return the same answer to the same request, cut where its bound is reached."""
    if any(word in ask.prompt.lower() for word in FORBIDDEN):
        return Answer(None, refusal=REFUSED, usage=usage_of(ask, pictures=0, words=REFUSED))
    seen = tuple(describe(picture.data, memory) for picture in ask.looked_at)
    read = "\n".join(paper.text for paper in ask.papers)
    evidence = Evidence("\n".join([ask.prompt, read, *seen]), _subject(ask, seen))
    called = gadgets.called_by(ask, evidence)
    if called:
        written = "".join(one.name + one.arguments for one in called)
        usage = usage_of(ask, pictures=0, words=written, reasoning_tokens=_reasoned(ask))
        return Answer(None, usage=usage, finish_reason="tool_calls", tool_calls=called)
    if ask.schema is not None:
        said = json.dumps(fill(ask.schema, evidence), ensure_ascii=False)
    else:
        said = words.answer(ask.prompt, len(ask.references), seen, ask.papers, ask.tool_results)
        if webpages.SEARCHED in ask.prompt.lower():
            said = webpages.quoting(said)
    return _bounded(ask, said)


def _bounded(ask: Ask, said: str) -> Answer:
    """Cut what is said where a stop stands, or where the bound is reached, which reasoning uses first."""
    for stop in ask.stops:
        said = said.partition(stop)[0]
    reasoned, finish_reason = _reasoned(ask), "stop"
    if ask.max_tokens is not None:
        reasoned = min(reasoned, ask.max_tokens)
        most = (ask.max_tokens - reasoned) * 4
        if len(said.encode()) > most:
            said, finish_reason = said.encode()[:most].decode("utf-8", "ignore"), "length"
    usage = usage_of(ask, pictures=0, words=said, reasoning_tokens=reasoned)
    noted = tuple(paper.annotation() for paper in ask.papers if paper.media_type == PDF)
    noted += webpages.cited_in(said)
    thought = words.thought(ask.prompt) if reasoned else None
    return Answer(said, usage=usage, finish_reason=finish_reason, reasoning=thought, annotations=noted)


def _subject(ask: Ask, seen: tuple[str, ...]) -> str:
    """Return what the answer is about: the pictures where there are any, else the words."""
    return "; ".join(seen) or words.quoted(ask.prompt)


def _reasoned(ask: Ask) -> int:
    """Return the tokens that go into thinking."""
    return REASONING_TOKENS.get(ask.effort or "", 0)
