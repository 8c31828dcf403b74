"""What somebody wants to do, and the rules of a server for whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.requests import Reference, Requester

MOST_TARGETS = 25
"""Channels or roles of one family: what one menu of Discord takes."""
MOST_REASON = 300
"""Characters of a reason; a list of ten bans fits into one message."""
LONGEST = timedelta(days=3650)
PAGE = 10
"""Bans on a card."""


class Family(StrEnum):
    """Commands that are allowed or kept from people together."""

    DRAW = "draw"
    """Pictures: /imagine, /edit, /blend, /batch, and the buttons of cards."""
    TALK = "talk"
    """Conversation: /ask, mentions, replies, threads."""
    READ = "read"
    """Reading what is given: /describe, /extract."""


class Kind(StrEnum):
    """What a family can be kept to."""

    CHANNEL = "channel"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: its family, and the words and files that a model would get of theirs."""

    family: Family
    texts: tuple[str, ...] = ()
    pictures: tuple[Reference, ...] = ()
    """What they bring along; documents may be among it."""


@dataclass(frozen=True, slots=True)
class Ban:
    """Somebody may not ask Easel for anything in a server; without `until`, for good."""

    user_id: int
    banned_by: int
    reason: str
    at: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether it is not over."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Banned:
    """A ban that was set, and how many requests and batches of the person were called off."""

    ban: Ban
    called_off: int


@dataclass(frozen=True, slots=True)
class BanPage:
    """Some of a server's bans; pages count from 0."""

    bans: tuple[Ban, ...]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """Return how many pages there are: one at least."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Pause:
    """Easel rests in a server; without `until`, until a moderator lets it go on."""

    reason: str = ""
    until: datetime | None = None
    at: datetime | None = None
    """When it was set; pauses of before do not tell."""

    def holds(self, now: datetime) -> bool:
        """Tell whether it is not over."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one person and one family. Without channels or roles named, all will do."""

    ban: Ban | None = None
    pause: Pause | None = None
    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Overview:
    """What holds in a server."""

    pause: Pause | None
    bans: int
    allowed: Mapping[tuple[Family, Kind], frozenset[int]]

    def of(self, family: Family, kind: Kind) -> frozenset[int]:
        """Return the channels or roles that a family is kept to; none means that all will do."""
        return self.allowed.get((family, kind), frozenset())


def stopped_by(rules: Rules, who: Requester, now: datetime) -> Ban | Pause | Kind | None:
    """Return what turns somebody away: a ban first, then a pause, then their roles, then the channel.

    It holds for moderators and the owner as well: the rules say what Easel is for, and whoever sets them can
    change them. A thread is in the channel that it hangs in.
    """
    if rules.ban is not None and rules.ban.holds(now):
        return rules.ban
    if rules.pause is not None and rules.pause.holds(now):
        return rules.pause
    if rules.roles and rules.roles.isdisjoint(who.role_ids):
        return Kind.ROLE
    if rules.channels and rules.channels.isdisjoint({who.channel_id, who.parent_id}):
        return Kind.CHANNEL
    return None
