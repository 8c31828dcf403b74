r"""Regular expressions that moderators write: a subset whose cost is known before anything is compiled.

What is let in is what blocklists are written with: characters, `.`, `^`, `$`, `|`, sets, groups, looks
ahead and behind, repetitions, and the classes `\b \d \s \w \p{…}`. Everything else that the `regex`
package knows is refused: its compiler writes counted repetitions out, without a bound on time or memory,
and back-references, recursion, fuzzy matches and flags would make the cost of a pattern unknowable.
"""

from __future__ import annotations

import re
from typing import Any

import regex

from bot.errors import BadInput
from bot.texts import tr

MOST_STEPS = 500
"""Characters, classes and places of a pattern, its repetitions written out; compiled in some 50 ms."""
DEEPEST = 20
"""Groups within groups."""
COUNTED = re.compile(r"\{(?:(\d{1,9})|(\d{0,9}),(\d{0,9}))\}", re.ASCII)
ESCAPE = re.compile(
    r"\\(?:[bBdDsSwWntr]|[pP]\{\^?[A-Za-z_]{1,40}\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[^\sA-Za-z0-9])"
)
MARGINS = re.compile(r"\\[bB]")
"""Places between characters; within a set `\\b` would be another character."""
GROUP = re.compile(r"\((?:\?(?::|<?[=!]))?")
SET_OPERATORS = ("&&", "--", "||", "~~")


def compiled(source: str) -> Any:  # noqa: ANN401 - regex has no types
    """Return a pattern, whatever the case of letters, or raise BadInput for what is not let in."""
    if _Reader(source).steps() > MOST_STEPS:
        raise BadInput(
            tr("The repetitions come to more than {most} characters. Count to less.", most=MOST_STEPS)
        )
    try:
        return regex.compile(source, regex.IGNORECASE | regex.VERSION0)
    except (regex.error, OverflowError, RecursionError, MemoryError) as error:
        raise _unreadable(source) from error


def _unreadable(at: str) -> BadInput:
    return BadInput(tr("It cannot be read from here on: `{rest}`", rest=at[:20].replace("`", "ˋ") or " "))


class _Reader:
    """Reads a pattern from left to right, and adds up its steps."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def steps(self) -> int:
        """Return how many steps the whole has."""
        steps = self._branches(0)
        if self._at < len(self._source):
            raise self._stuck()
        return steps

    def _stuck(self) -> BadInput:
        return _unreadable(self._source[self._at :])

    def _take(self, known: re.Pattern[str]) -> re.Match[str] | None:
        found = known.match(self._source, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def _next(self) -> str:
        return self._source[self._at : self._at + 1]

    def _branches(self, depth: int) -> int:
        """Read up to the end of a group or of the pattern."""
        steps = 1
        while self._next() not in {"", ")"}:
            if self._next() == "|":
                self._at += 1
                steps += 1
            else:
                steps += self._one(depth) * self._times()
        return steps

    def _one(self, depth: int) -> int:
        char = self._next()
        if char == "(":
            return self._group(depth)
        if char == "[":
            return self._set()
        if char == "\\":
            if self._take(ESCAPE) is None:
                raise self._stuck()
        elif char in "*+?{}]":
            raise self._stuck()
        else:
            self._at += 1
        return 1

    def _group(self, depth: int) -> int:
        opening = self._take(GROUP)
        if opening is None or depth >= DEEPEST or self._next() == "?":
            raise self._stuck()
        steps = self._branches(depth + 1)
        if self._next() != ")":
            raise self._stuck()
        self._at += 1
        return steps

    def _set(self) -> int:
        self._at += 1
        if self._next() == "^":
            self._at += 1
        members = 0
        while members == 0 or self._next() != "]":
            if self._next() in {"", "[", "]"} or self._source.startswith(SET_OPERATORS, self._at):
                raise self._stuck()
            if self._next() != "\\":
                self._at += 1
            elif MARGINS.match(self._source, self._at) or self._take(ESCAPE) is None:
                raise self._stuck()
            members += 1
        self._at += 1
        return members

    def _times(self) -> int:
        """Read a repetition, greedy or not, and return how often it writes out what it repeats."""
        times = 1
        if self._next() in {"*", "+", "?"}:
            self._at += 1
        elif counted := self._take(COUNTED):
            times = max(1, *(int(number) for number in counted.groups() if number))
        else:
            return 1
        if self._next() in {"?", "+"}:
            self._at += 1
        return times
