"""Times as Discord shows them; the browser puts them in the reader's own time zone and keeps them moving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SPANS = (
    ("second", 1, 60),
    ("minute", 60, 60),
    ("hour", 3600, 24),
    ("day", 86_400, 30),
    ("month", 2_592_000, 12),
    ("year", 31_536_000, 10**9),
)
"""Units, their seconds, and the number from which the next unit says it; the page's script has them too."""


def relative(at: datetime, now: datetime) -> str:
    """Say how far `at` is from `now`, to the nearest unit as Discord does: "in 3 hours", "2 days ago"."""
    seconds = (at - now).total_seconds()
    unit, count = next(
        (unit, count) for unit, length, most in SPANS if (count := int(abs(seconds) / length + 0.5)) < most
    )
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if seconds < 0 and count else f"in {words}"


STYLES: dict[str, Callable[[datetime, datetime], str]] = {
    "t": lambda at, _: f"{at:%H:%M}",
    "T": lambda at, _: f"{at:%H:%M:%S}",
    "d": lambda at, _: f"{at:%d/%m/%Y}",
    "D": lambda at, _: f"{at.day} {at:%B %Y}",
    "f": lambda at, _: f"{at.day} {at:%B %Y} {at:%H:%M}",
    "F": lambda at, _: f"{at:%A}, {at.day} {at:%B %Y} {at:%H:%M}",
    "R": relative,
}


def stamp(seconds: int, style: str, now: datetime) -> str:
    """Give a `<time>` element for `<t:seconds:style>`; one that no calendar holds is "Invalid Date"."""
    try:
        at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return '<span class="dc-time">Invalid Date</span>'
    return (
        f'<time class="dc-time" datetime="{at.isoformat()}" data-style="{style}" '
        f'title="{STYLES["F"](at, now)} UTC">{STYLES[style](at, now)}</time>'
    )


def posted(at: datetime, now: datetime) -> str:
    """Say when a message was posted: the hour today, "Yesterday at …", else the date."""
    days = (now.date() - at.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    return f"Yesterday at {at:%H:%M}" if days == 1 else f"{at:%d/%m/%Y %H:%M}"
