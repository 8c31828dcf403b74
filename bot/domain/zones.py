"""Time zones by the names that people know them by."""

from __future__ import annotations

import difflib
import functools
from zoneinfo import available_timezones

from bot.errors import BadInput
from bot.texts import strung, tr

KEPT = frozenset({"UTC"})
LEFT_OUT = ("posix/", "right/", "Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")
"""Names that say the same as others, and offsets that know no summer."""


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of all zones that are offered, in their order; the first call reads files."""
    known = available_timezones()
    return tuple(
        sorted(name for name in known if ("/" in name and not name.startswith(LEFT_OUT)) or name in KEPT)
    )


def find(text: str) -> str:
    """Return the zone that somebody means, by its name or its city, or raise BadInput with those alike."""
    wanted = _plain(text)
    by_name = {_plain(name): name for name in names()}
    if wanted in by_name:
        return by_name[wanted]
    cities = [name for name in names() if _city(name) == wanted]
    if len(cities) == 1:
        return cities[0]
    alike = cities or matching(text, 3) or _similar(wanted)
    if not alike:
        raise BadInput(tr("No time zone is called that. Write one such as Europe/Berlin, or UTC."))
    raise BadInput(
        tr("No single time zone is called that. Did you mean one of these: {zones}?", zones=strung(alike))
    )


def matching(text: str, most: int) -> tuple[str, ...]:
    """Return zones whose name holds a text, those whose city begins with it first."""
    wanted = _plain(text)
    found = [name for name in names() if wanted in _plain(name)]
    found.sort(key=lambda name: (not _city(name).startswith(wanted), name))
    return tuple(found[:most])


def _similar(wanted: str) -> tuple[str, ...]:
    close = difflib.get_close_matches(wanted, [_city(name) for name in names()], n=3, cutoff=0.75)
    return tuple(name for name in names() if _city(name) in close)[:3]


def _city(name: str) -> str:
    return _plain(name.rpartition("/")[2])


def _plain(text: str) -> str:
    return text.strip().lower().replace(" ", "_")
