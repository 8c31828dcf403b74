"""The words in which people say what to take out of a file, in their language: “as number” and such."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from bot.domain.gallery import ALONE
from bot.texts import language, speaking, typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.schemas import Schema

    Type = tuple[tuple[str, ...], Schema, str]
    """The words for a type, its schema, and what the model is told of it besides."""

TEXT: Schema = {"type": ["string", "null"]}


def each_of(said: str) -> re.Match[str] | None:
    """Find “every item: name, price”: group 1 is what each row is of, group 2 its fields."""
    return _each(language()).fullmatch(said)


def typed_field(said: str) -> tuple[str, Schema, str]:
    """Return what a field is called, its type, and how it is to be written; text where none is said."""
    pattern, types = _hint(language())
    hint = pattern.search(said)
    if hint is None:
        return " ".join(said.split()), TEXT, ""
    _, schema, more = types[next(n for n, found in enumerate(hint.groups()) if found is not None)]
    return " ".join(said[: hint.start()].split()), schema, more


def types() -> tuple[Type, ...]:
    """Return the types that a field can be said to have, with the words for each."""
    return (
        (typed("whole number, integer"), {"type": ["integer", "null"]}, ""),
        (typed("number, amount"), {"type": ["number", "null"]}, ""),
        (typed("date"), TEXT, ", as YYYY-MM-DD"),
        (typed("yes or no, yes/no, boolean"), {"type": ["boolean", "null"]}, ""),
        (typed("list"), {"type": ["array", "null"], "items": {"type": "string"}}, ""),
        (typed("text"), TEXT, ""),
    )


@cache
def _each(spoken: str) -> re.Pattern[str]:
    with speaking(spoken):
        every = _any(typed("every, each"))
    return re.compile(rf"\s*{every}([^:：,;\n]{{1,80}})[:：](.+)", re.IGNORECASE | re.DOTALL)


@cache
def _hint(spoken: str) -> tuple[re.Pattern[str], tuple[Type, ...]]:
    with speaking(spoken):
        known, joining = types(), _any(typed("as, as a, as an"))
    named = "|".join(f"({_any(words)})" for words, _, _ in known)
    pattern = rf"\s*(?:{joining}|[:：=(（])\s*(?:{named})\s*[)）]?\s*$"
    return re.compile(pattern, re.IGNORECASE), known


def _any(words: Iterable[str]) -> str:
    """Return a pattern for any of those words, the longest first, each whole where spaces part words."""
    return f"(?:{'|'.join(map(_whole, sorted(words, key=len, reverse=True)))})"


def _whole(word: str) -> str:
    said = re.escape(word).replace(r"\ ", r"\s+").replace("/", r"[-/ ]?")
    before = "" if re.match(ALONE, word[0]) else r"\b"
    after = "" if re.match(ALONE, word[-1]) else r"\b"
    return f"{before}{said}{after}"
