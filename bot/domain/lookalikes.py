"""Letters that stand for others: how words are written so that nobody finds them, and read all the same."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_A = ord("a")
_SQUARED = {first + n: _A + n for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}
"""Letters in black circles, in black squares, and those that flags are made of."""
LOOKALIKES = {
    **_SQUARED,
    **str.maketrans("авекмнорстухіјѕԁһԛԝ", "abekmhopctyxijsdhqw"),  # Cyrillic, as capitals or small
    **str.maketrans("αβεζηικνορτυχω", "abeznikvoptuxw"),  # Greek
    **str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"),  # small capitals
    **str.maketrans("ıłøđɡ", "ilodg"),
    **str.maketrans({"æ": "ae", "œ": "oe"}),
}
ACCENTS = regex.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
"""Marks that letters do without; vowels of Indic scripts are marks as well, and stay."""
HIDDEN = regex.compile(r"[\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f]")
"""Characters that show nothing between letters."""
TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+")
CHUNK = regex.compile(r"\S*\p{L}\S*")
DIGITS = str.maketrans("034579@$€!|+", "oeastgaseiit")
ONES = ({ord("1"): "i"}, {ord("1"): "l"})
LONG = regex.compile(r"(\p{L})\1{2,}")
MARKUP = regex.compile(r"[*_~|`<>]+")
"""What Discord shows as emphasis, covers or swallows: it parts no words."""
RUN = regex.compile(r"[^\S\r\n]+|(?:\r?\n){2,}")
"""What parts words for certain: spaces and empty lines. A single line break can stand within a word."""
WORDS_OF_RUN = regex.compile(r"(?:[\p{L}\p{M}\p{N}]|(?<=\p{L})['’](?=\p{L}))+")
"""Letters and the apostrophes among them: he'll is a word of its own, and not hell."""
SPELLED = 3
"""So many letters with something between them are read as one word."""


def shown(text: str) -> str:
    """Return text in the characters that it shows, without those that show nothing."""
    return HIDDEN.sub("", unicodedata.normalize("NFKC", text))


def folded(text: str) -> str:
    """Return text in small Latin letters as far as it looks like them, without accents."""
    apart = unicodedata.normalize("NFKD", shown(text).casefold())
    plain = unicodedata.normalize("NFC", ACCENTS.sub("", apart))
    return plain.translate(LOOKALIKES)


def tokens(text: str) -> list[str]:
    """Return the words of folded text."""
    return TOKEN.findall(text)


def readings(text: str) -> frozenset[str]:
    """Return the ways to read folded text, each as its words with a space before, between and behind."""
    found: set[str] = set()
    for one in {text, MARKUP.sub("", text), *_without_digits(text)}:
        for drawn_in in {one, LONG.sub(r"\1", one), LONG.sub(r"\1\1", one)}:
            words = tokens(drawn_in)
            found.add(f" {' '.join(words)} ")
            found.update(f" {word} " for word in _spelled(words))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Pieced:
    """Words with signs within them, such as `go.re`, put together; `ends` are the places between pieces."""

    text: str
    ends: frozenset[int]

    def holds(self, word: str) -> bool:
        """Tell whether some pieces make up a word: go-re is gore, go-real is not, nor is Ego-re."""
        at = self.text.find(word)
        while at >= 0:
            if at in self.ends and at + len(word) in self.ends:
                return True
            at = self.text.find(word, at + 1)
        return False


def pieced(text: str) -> tuple[Pieced, ...]:
    """Return the ways to read the words of folded text that have signs, but no spaces, within them."""
    runs = [run for run in RUN.split(text) if len(WORDS_OF_RUN.findall(run)) > 1]
    if not runs:
        return ()
    kept = " ".join(runs)
    ways = dict.fromkeys((kept, *_without_digits(kept)))
    lengths = ("", r"\1", r"\1\1") if LONG.search(kept) else ("",)
    return tuple(_pieced(RUN.split(way), shrunk) for way in ways for shrunk in lengths)


def _pieced(runs: list[str], shrunk: str) -> Pieced:
    """Put pieces together, letters that stand three times or more in a row as often as `shrunk` says."""
    text, ends = "", {0}
    for run in runs:
        for piece in WORDS_OF_RUN.findall(run):
            text += LONG.sub(shrunk, piece) if shrunk else piece
            ends.add(len(text))
        text += " "
        ends.add(len(text))
    return Pieced(text, frozenset(ends))


def _without_digits(text: str) -> Iterator[str]:
    """Yield text with letters for the digits and signs that stand among letters."""
    for one in ONES:
        yield CHUNK.sub(lambda chunk, one=one: chunk[0].translate(DIGITS).translate(one), text)


def _spelled(words: list[str]) -> Iterator[str]:
    """Yield the words that are spelled out letter by letter."""
    letters = ""
    for word in [*words, ""]:
        if len(word) == 1:
            letters += word
            continue
        if len(letters) >= SPELLED:
            yield letters
        letters = ""
