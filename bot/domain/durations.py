"""Lengths of time as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.texts import folded, typed

PART = re.compile(
    r"(?P<number>\d{1,6}(?:[.,]\d{1,2})?)\s*(?P<unit>[^\W\d_]+)\.?"
    r"(?:\s*(?P<minutes>\d{1,2})(?!\d|[.,]\d|\s*[^\W\d_]))?"
)
"""A number and its unit, which may be cut short by a dot; of hours, minutes without theirs may follow."""
USUAL = (
    timedelta(minutes=10),
    *(timedelta(hours=one) for one in (1, 6)),
    *(timedelta(days=one) for one in (1, 3, 7, 28)),
)


def units() -> dict[str, timedelta]:
    """Return what the words for units of time mean, in every language."""
    known = (
        (timedelta(minutes=1), typed("m, min, mins, minute, minutes", anywhere=True)),
        (timedelta(hours=1), typed("h, hr, hrs, hour, hours", anywhere=True)),
        (timedelta(days=1), typed("d, day, days", anywhere=True)),
        (timedelta(weeks=1), typed("w, week, weeks", anywhere=True)),
        (timedelta(days=30), typed("mo, month, months", anywhere=True)),
        (timedelta(days=365), typed("y, year, years", anywhere=True)),
    )
    return {folded(word): length for length, words in known for word in words}


def parse_duration(text: str, *, most: timedelta) -> timedelta:
    """Return the length that a text such as `2h 30m`, `1h30` or `3 days` names, or raise ValueError.

    A month is 30 days, a year 365.
    """
    words = folded(text)
    parts = [match.groups() for match in PART.finditer(words)]
    beside = set(re.split(r"[\s,、]+", PART.sub(" ", words))) - {""}
    if not parts or not beside <= set(map(folded, typed("and", anywhere=True))):
        raise ValueError(f"not a length of time: {text!r}")
    length, known = timedelta(), units()
    for number, unit, minutes in parts:
        if unit not in known or (minutes and known[unit] != timedelta(hours=1)):
            raise ValueError(f"not a unit of time: {unit!r}")
        length += float(number.replace(",", ".")) * known[unit] + timedelta(minutes=int(minutes or 0))
    if not timedelta() < length <= most:
        raise ValueError(f"out of bounds: {length}")
    return length
