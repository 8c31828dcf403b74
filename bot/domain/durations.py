"""Lengths of time as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.texts import narrow

UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(weeks=1)),
}
PART = re.compile(r"(\d{1,6})\s*([a-z]+)")
USUAL = ("10 minutes", "1 hour", "6 hours", "1 day", "3 days", "1 week", "4 weeks")


def parse_duration(text: str, *, most: timedelta) -> timedelta:
    """Return the length that a text such as `2h 30m` or `3 days` names, or raise ValueError."""
    words = narrow(text).strip().lower()
    parts = PART.findall(words)
    if not parts or PART.sub("", words).strip(" ,"):
        raise ValueError(f"not a length of time: {text!r}")
    length = timedelta()
    for number, unit in parts:
        if unit not in UNITS:
            raise ValueError(f"not a unit of time: {unit!r}")
        length += int(number) * UNITS[unit]
    if not timedelta() < length <= most:
        raise ValueError(f"out of bounds: {length}")
    return length
