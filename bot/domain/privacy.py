"""What somebody wants to be forgotten, what is kept of them, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_DAYS = 3650
EXPORT_EVERY = timedelta(hours=1)
AFTER_SLACK = timedelta(days=1)
"""More than a zone's midnight is away from that of UTC."""


class Extent(StrEnum):
    """How much is forgotten."""

    EVERYTHING = "everything"
    """All that is somebody's: what was said and drawn, and what they set and collected."""
    HISTORY = "history"
    """What was said and drawn."""
    TALK = "talk"
    """What was said."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: from `since` on, and before `before`."""

    since: datetime
    before: datetime

    @property
    def is_whole(self) -> bool:
        """Tell whether it has no beginning."""
        return self.since == BEGINNING


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to be forgotten: of one person, or of one server. `id` is 0 where no row says so."""

    extent: Extent
    span: Span
    user_id: int | None = None
    guild_id: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is kept of a person or of a server."""

    pictures: int = 0
    picture_bytes: int = 0
    requests: int = 0
    messages: int = 0
    files: int = 0
    batches: int = 0
    styles: int = 0
    favourites: int = 0
    others: int = 0
    """Preferences, references at hand and what waits for a word."""

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return self != Holdings()


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose for what is kept of them."""

    keeps_talk: bool = True
    days: int | None = None
    exported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """For how many days things are kept, by whom that was chosen; None is for ever."""

    own: int | None = None
    server: int | None = None
    operator: int | None = None
    """For conversations alone."""

    @property
    def pictures(self) -> int | None:
        """Return for how many days pictures and requests are kept."""
        return _shortest(self.own, self.server)

    @property
    def talk(self) -> int | None:
        """Return for how many days conversations are kept."""
        return _shortest(self.own, self.server, self.operator)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is kept of somebody, by which rules, and whether something is being deleted."""

    holdings: Holdings
    choices: Choices
    rules: Rules
    deleting: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One zip file, which is gone once the next is asked for."""

    path: Path
    number: int
    left_out: int
    """How many files had no room in any part or are gone, as far as that is known."""


def names_until(now: datetime) -> datetime:
    """Return before which the ledger can do without names: no zone's month reaches back so far.

    Without a name nothing counts against an allowance any more, so that of this month keeps it.
    """
    month = (now - AFTER_SLACK).astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return month - AFTER_SLACK


def _shortest(*days: int | None) -> int | None:
    return min((one for one in days if one is not None), default=None)
