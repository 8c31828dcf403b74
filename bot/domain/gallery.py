"""What is looked for among the pictures that are kept, what is found, and who may find it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.errors import BadInput
from bot.texts import folded, is_english, mark, means, tr, typed

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from bot.domain.images import Picture
    from bot.domain.requests import Requester
    from bot.domain.results import Card

MOST_WORDS = 20
JOINT = "\u200b"
"""Written between the characters of scripts without spaces, so that each can be found; it shows nothing."""
ALONE = (
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese, which are written without spaces."""
BETWEEN = re.compile(rf"(?<={ALONE})(?=\w)|(?<=\w)(?={ALONE})")
AGO = re.compile(r"([0-9]{1,4})\s*([^\W\d_]+(?: [^\W\d_]+)?)")
DATE = re.compile(r"([0-9]{1,4})\s*([-./年])\s*([0-9]{1,2})\s*[-./月]\s*([0-9]{1,4})\s*日?")
FIRST_YEAR = 2015
"""When Discord began."""
NO_TIME = mark("Write a time as a day (2026-11-20), as today or yesterday, or as 7d, 2w, 3m or 1y ago.")
NO_WORDS = mark("There is nothing in that to search for. Use words, with letters or numbers.")


@dataclass(frozen=True, slots=True)
class Search:
    """What someone looks for; without anything, all that they may see here."""

    words: str = ""
    of: int | None = None
    style: str | None = None
    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    favourites: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """What decides who may find a picture, and what it can be chosen by."""

    id: int
    user_id: int
    guild_id: int
    channel_id: int
    private: bool
    model_id: str
    style: str | None


@dataclass(frozen=True, slots=True)
class Find:
    """A picture that was found."""

    id: int
    picture: Picture
    user_id: int
    model_id: str
    style: str | None
    prompt: str
    created_at: datetime
    cost_microusd: int
    is_favourite: bool
    card: Card | None = None
    """Where it stands, as far as is known."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was found, the newest first, and where those before and after it begin."""

    finds: tuple[Find, ...]
    newer: int | None
    older: int | None
    is_full: bool = True
    """False where so much had to be left out that looking was broken off; `older` goes on from there."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Zip files of what was found: how many pictures are in them, how many are not, and where more begins."""

    parts: tuple[Path, ...]
    count: int
    too_large: int
    missing: int
    apart: int
    """Pictures that are seen only elsewhere."""
    older: int | None
    """Pictures before this id came after the last file."""


def may_find(trace: Trace, who: Requester) -> bool:
    """Tell whether someone finds a picture: in a server what is theirs or stands where they may look.

    Elsewhere one finds one's own alone, wherever it was drawn.
    """
    if who.guild_id is None or trace.user_id == who.user_id:
        return trace.user_id == who.user_id and who.guild_id in {None, trace.guild_id}
    if trace.private or trace.guild_id != who.guild_id:
        return False
    return trace.channel_id == who.channel_id or who.sees(trace.channel_id)


def may_tell(trace: Trace, who: Requester) -> bool:
    """Tell whether what someone finds may be told where others listen: what is no secret to any of them."""
    if trace.private:
        return False
    if trace.channel_id == who.channel_id:
        return True
    return who.guild_id is not None and trace.guild_id == who.guild_id and who.opens(trace.channel_id)


def jointed(text: str) -> str:
    """Return text in which each character can be found that is not set apart by spaces."""
    return BETWEEN.sub(JOINT, text)


def unjointed(text: str) -> str:
    """Return text as it was written."""
    return text.replace(JOINT, "")


def sought(words: str) -> tuple[str, ...]:
    """Return what to look for: of each word its letters and numbers, in pieces where others part them.

    Raise BadInput where none is left.
    """
    split = (_pieces(word) for word in jointed(" ".join(words.split())).split(" "))
    found = tuple(" ".join(pieces) for pieces in split if pieces)
    if not found:
        raise BadInput(tr(NO_WORDS))
    return found[:MOST_WORDS]


def moment(written: str, now: datetime, zone: ZoneInfo, *, ends: bool = False) -> datetime:
    """Return the time that a day or `7d` means, or raise BadInput; with `ends` that day's end."""
    said = folded(written)
    try:
        if (ago := AGO.fullmatch(_without_ago(said))) and (length := units().get(ago[2])):
            found = now - int(ago[1]) * timedelta(days=length)
        else:
            day = _day(said, now.astimezone(zone).date())
            found = datetime.combine(day + timedelta(days=int(ends)), time.min, zone)
    except (ValueError, OverflowError):
        raise BadInput(tr(NO_TIME)) from None
    if found.year < FIRST_YEAR:
        raise BadInput(tr(NO_TIME))
    return found


def units() -> dict[str, int]:
    """Return how many days the words for lengths of time mean, in every language."""
    known = (
        (1, typed("d, day, days", anywhere=True)),
        (7, typed("w, week, weeks", anywhere=True)),
        (30, typed("m, month, months", anywhere=True)),
        (365, typed("y, year, years", anywhere=True)),
    )
    return {folded(word): days for days, words in known for word in words}


def _without_ago(said: str) -> str:
    """Take away the words that say that a length of time lies back; they stand before it or after it."""
    words = sorted(map(folded, typed("ago", anywhere=True)), key=len, reverse=True)
    word = next((one for one in words if said.startswith(one) or said.endswith(one)), "")
    return said.removeprefix(word).removesuffix(word).strip()


def _day(said: str, today: date) -> date:
    """Return the day that somebody names, or raise ValueError.

    Where the year comes last, the day comes first; in English only where it can be nothing else.
    """
    if means(said, typed("today", anywhere=True)):
        return today
    if means(said, typed("yesterday", anywhere=True)):
        return today - timedelta(days=1)
    parts = DATE.fullmatch(said)
    if parts is None:
        return date.fromisoformat(said)
    first, month, last = int(parts[1]), int(parts[3]), int(parts[4])
    if len(parts[1]) == 4:
        return date(first, month, last)
    if is_english() and parts[2] != "." and first <= 12:
        raise ValueError(f"a day or a month: {said!r}")
    return date(last, month, first)


def _pieces(word: str) -> list[str]:
    """Return the pieces of a word that are letters, numbers, and marks upon them."""
    kinds = [unicodedata.category(char)[0] for char in word]
    runs = "".join(char if kind in "LNM" else " " for char, kind in zip(word, kinds, strict=True)).split()
    return [run for run in runs if any(unicodedata.category(char)[0] in "LN" for char in run)]
