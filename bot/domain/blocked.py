"""Words that may not be asked for: how moderators write them down, and how they are found."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import regex

from bot.domain import patterns
from bot.domain.lookalikes import folded, pieced, readings, shown, tokens
from bot.errors import BadInput
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_CHARACTERS = 100
"""Of one word or phrase."""
MOST_OF_PATTERN = 200
MOST_ENTRIES = 300
"""Of one server: what a form and a card can show, and what is found in a millisecond."""
MOST_PATTERNS = 25
TRIAL_S, SEARCH_S = 0.05, 0.1
"""How long a pattern may take to find nothing when it is added, and all of them together in one request."""
WATCH = "?"
SPACELESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
"""Scripts that put no spaces between words."""
UNLIKE_WORDS = regex.compile(r"[()\[\]{}*?\\\p{S}]")
"""Signs that an entry with letters would be looked for without, those of regular expressions among them."""
SIGN = regex.compile(r"\p{S}")
"""Emoji and the like; punctuation alone stands in every text."""


class Slow(Exception):
    """Patterns took too long; `entry` is the one that was being looked for."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.written)
        self.entry = entry


class How(Enum):
    """Where an entry is looked for."""

    WORDS = auto()
    """As whole words."""
    PART = auto()
    """Also within words, as far as its stars say."""
    SIGNS = auto()
    """As the characters it has: it has no letters."""
    PATTERN = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list. `written` is what moderators see, `sought` what is looked for.

    What is only watched for is let in, and looked at once it is drawn.
    """

    written: str
    sought: str
    how: How
    is_watched: bool = False
    pattern: Any = None

    @property
    def is_single(self) -> bool:
        """Tell whether it is one whole word."""
        return self.how is How.WORDS and " " not in self.sought.strip()


def entry(line: str, *, is_tried: bool = False) -> Entry:
    """Return what a line means, or raise BadInput; `is_tried` where it was let in before.

    A word or phrase is found as whole words, `*` at its ends lets it be a part of one, a pattern stands
    between slashes, and a `?` before any of them only has pictures looked at.
    """
    written = " ".join(line.split())
    is_watched = written.startswith(WATCH)
    body = written.removeprefix(WATCH).strip()
    if len(body) > 2 and body.startswith("/") and body.endswith("/"):
        made = _pattern(written, body[1:-1], is_watched=is_watched)
        return made if is_tried else _tried(made)
    if len(body) > MOST_CHARACTERS:
        raise BadInput(_too_long(body, MOST_CHARACTERS))
    return _plain(written, body, is_watched=is_watched, is_tried=is_tried)


def _plain(written: str, body: str, *, is_watched: bool, is_tried: bool) -> Entry:
    words = tokens(folded(body))
    if words and not is_tried and UNLIKE_WORDS.search(folded(body).strip("*")):
        raise BadInput(
            tr(
                "“{entry}” has signs that words do not have. A regular expression stands between slashes: "
                "`/…/`; of a word, write its letters.",
                entry=written,
            )
        )
    if not words:
        signs = folded(body).strip("* ")
        if not SIGN.search(signs):
            raise BadInput(tr("“{entry}” has nothing to look for.", entry=written))
        return Entry(written, signs, How.SIGNS, is_watched)
    sought = " ".join(words)
    opens, ends = body.startswith("*"), body.endswith("*")
    if SPACELESS.search(sought) or (opens and ends):
        return Entry(written, sought, How.PART, is_watched)
    if opens or ends:
        return Entry(written, f"{sought} " if opens else f" {sought}", How.PART, is_watched)
    return Entry(written, f" {sought} ", How.WORDS, is_watched)


def _pattern(written: str, source: str, *, is_watched: bool) -> Entry:
    if len(source) > MOST_OF_PATTERN:
        raise BadInput(_too_long(source, MOST_OF_PATTERN))
    try:
        pattern = patterns.compiled(source)
    except BadInput as error:
        raise BadInput(
            tr("{entry} is no regular expression that Easel can look for. {why}", entry=written, why=error)
        ) from error
    return Entry(written, source, How.PATTERN, is_watched, pattern)


def _too_long(text: str, most: int) -> str:
    return tr("“{entry}…” is too long: {most} characters are the most.", entry=text[:30], most=most)


def _tried(made: Entry) -> Entry:
    """Return an entry whose pattern is neither slow nor fits everything, or raise BadInput."""
    try:
        if _matches(made, "", TRIAL_S):
            raise BadInput(tr("{entry} fits anything, even nothing. Make it narrower.", entry=made.written))
        for text in _trials(made.sought):
            _matches(made, text, TRIAL_S)
    except Slow:
        slow = tr(
            "{entry} takes too long on some texts. Leave out repetitions within repetitions.",
            entry=made.written,
        )
        raise BadInput(slow) from None
    return made


def _trials(source: str) -> Iterable[str]:
    """Return texts that slow patterns are slow on: their own characters again and again."""
    known = dict.fromkeys(char for char in source if char.isalnum())
    yield from (f"{char * 4000}!" for char in (*tuple(known)[:12], "a", "0", " "))
    yield "word " * 1200 + "!"


@dataclass(frozen=True, slots=True)
class WordList:
    """What is looked for in a server. Building one takes a while; asking it does not."""

    single: Mapping[str, Entry]
    """Entries of one whole word, which most are."""
    others: tuple[Entry, ...]
    patterns: tuple[Entry, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> WordList:
        """Return the list of some entries."""
        known = tuple(entries)
        single = {one.sought.strip(): one for one in known if one.is_single}
        patterns = tuple(one for one in known if one.how is How.PATTERN)
        others = tuple(one for one in known if one.how is not How.PATTERN and not one.is_single)
        return cls(single, others, patterns)

    def __bool__(self) -> bool:
        """Tell whether anything is looked for."""
        return bool(self.single or self.others or self.patterns)

    def find(self, texts: Iterable[str]) -> Entry | None:
        """Return an entry, patterns apart, that texts hold."""
        for text in dict.fromkeys(texts):
            plain = folded(text)
            ways = readings(plain)
            for word in dict.fromkeys(word for way in ways for word in way.split()):
                if word in self.single:
                    return self.single[word]
            for one in self.others:
                if any(one.sought in read for read in ((plain,) if one.how is How.SIGNS else ways)):
                    return one
            if (one := self._broken(plain)) is not None:
                return one
        return None

    def _broken(self, plain: str) -> Entry | None:
        """Return an entry that stands in folded text with signs, but no spaces, within it."""
        for way in pieced(plain):
            for word, one in self.single.items():
                if way.holds(word):
                    return one
            for one in self.others:
                if one.how is How.PART and way.holds(one.sought.strip()):
                    return one
        return None

    def search(self, texts: Iterable[str]) -> Entry | None:
        """Return a pattern that fits texts, as written or folded; raise Slow. Not for the event loop."""
        ends_at = time.monotonic() + SEARCH_S
        for text in dict.fromkeys(texts):
            for read in dict.fromkeys((shown(text), folded(text))):
                for one in self.patterns:
                    if _matches(one, read, ends_at - time.monotonic()):
                        return one
        return None


def _matches(one: Entry, text: str, within_s: float) -> bool:
    """Tell whether a pattern fits; other threads go on meanwhile. Raise Slow."""
    if within_s <= 0:
        raise Slow(one)
    try:
        return one.pattern.search(text, timeout=within_s, concurrent=True) is not None
    except (TimeoutError, MemoryError):
        raise Slow(one) from None
