"""Time zones by the names that people know them by."""

from __future__ import annotations

import difflib
import functools
from zoneinfo import available_timezones

from bot.catalogues import cities
from bot.errors import BadInput
from bot.texts import folded, strung, tr

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
    """Return the zone that somebody means, by its name or its city, or raise BadInput with those alike.

    Cities are known by their names in every language that Easel speaks.
    """
    wanted = _plain(text)
    if not wanted:
        raise BadInput(tr("Write a time zone, such as Europe/Berlin or UTC."))
    by_name = {_plain(name): name for name in names()}
    if wanted in by_name:
        return by_name[wanted]
    there = [name for name in names() if _city(name) == wanted]
    there = there or [name for name in names() if wanted in _cities(name)]
    if len(there) == 1:
        return there[0]
    alike = there or matching(text, 3) or _similar(wanted)
    if not alike:
        raise BadInput(tr("No time zone is called that. Write one such as Europe/Berlin, or UTC."))
    raise BadInput(
        tr("No single time zone is called that. Did you mean one of these: {zones}?", zones=strung(alike))
    )


def matching(text: str, most: int) -> tuple[str, ...]:
    """Return zones whose name, or whose city's, holds a text; those whose city begins with it first."""
    wanted = _plain(text)
    found = [name for name in names() if any(wanted in one for one in (_plain(name), *_cities(name)))]
    found.sort(key=lambda name: (not any(one.startswith(wanted) for one in _cities(name)), name))
    return tuple(found[:most])


def _similar(wanted: str) -> tuple[str, ...]:
    known = {city: name for name in reversed(names()) for city in _cities(name)}
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.75)
    return tuple(dict.fromkeys(known[city] for city in close))


def _city(name: str) -> str:
    return _plain(name.rpartition("/")[2])


@functools.cache
def _cities(name: str) -> tuple[str, ...]:
    """Return what a zone's city is called, its own name first."""
    return (_city(name), *sorted(map(_plain, cities().get(name, ()))))


def _plain(text: str) -> str:
    return folded(text).replace(" ", "_")
