"""Calls for words, and streams of them as they were recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.domain.words import Message, WordsCall
from bot.model.failures import Failure
from bot.model.word_stream import WordsStream

REPLIES = Path(__file__).parent / "replies"
RECORDED = sorted(file.name for file in REPLIES.glob("*.sse"))
DONE = b"data: [DONE]\n\n"


def a_words_call(*messages, **changed):
    call = WordsCall(messages or (Message.user("Good evening"),), "openai/gpt-4o-mini", "user-1", "channel-1")
    return replace(call, **changed)


def recorded(name):
    return (REPLIES / name).read_bytes()


def chunk(content: Any = "", finish=None, *, delta=None, choice=None, **extra):
    """Return one chunk of a stream."""
    said = {"role": "assistant", "content": content, **(delta or {})}
    one = {"index": 0, "delta": said, "finish_reason": finish, **(choice or {})}
    fields = {"id": "gen-2", "model": "openai/gpt-4o-mini", "choices": [one], **extra}
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def told(pieces) -> tuple[str, Any]:
    """Read a stream in pieces; return the words as they came, and what it was in the end."""
    stream = WordsStream("gen-1")
    words = [stream.feed(piece) for piece in pieces]
    words.append(stream.close())
    outcome = stream.result()
    return "".join(words), outcome


def answered(pieces):
    outcome = told(pieces)[1]
    assert not isinstance(outcome, Failure)
    return outcome


def failed(pieces):
    outcome = told(pieces)[1]
    assert isinstance(outcome, Failure)
    return outcome
