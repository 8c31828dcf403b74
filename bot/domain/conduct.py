"""When somebody who is turned away again and again has to take a break, and when a server is being raided."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MEMORY = timedelta(days=1)
"""For how long it counts that something was refused."""
SPELL = timedelta(hours=1)
"""Refusals that are further apart say nothing together."""
LONGEST = timedelta(days=1)
DISCORD_EPOCH_MS = 1_420_070_400_000
YOUNG = timedelta(days=7)
YOUNG_COUNTS = 4
"""Accounts that one made within the last week counts as."""
RAID_SPELL = timedelta(minutes=2)
CALM = timedelta(minutes=10)
"""How long a server's intake is slow after a raid was noticed."""
MOST_NOTED = 1000
"""Requests of a server that are remembered: more would be a raid in any case."""


def cooled_until(refused_at: Sequence[datetime], after: int, least: timedelta) -> datetime | None:
    """Return until when somebody takes a break who was refused at these moments, or None for no break.

    The break follows `after` refusals within an hour; every further such series within a day doubles it.
    """
    latest = sorted(refused_at, reverse=True)
    if len(latest) < after or latest[0] - latest[after - 1] > SPELL:
        return None
    doubled = min(len(latest) // after - 1, 10)
    return latest[0] + min(least * 2**doubled, LONGEST)


def made_at(user_id: int) -> datetime:
    """Return when an account was made; Discord's ids begin with that."""
    return datetime.fromtimestamp(((user_id >> 22) + DISCORD_EPOCH_MS) / 1000, UTC)


@dataclass(slots=True)
class Crowd:
    """Who asked for something in a server within the last minutes."""

    asked: deque[tuple[datetime, int]] = field(default_factory=lambda: deque(maxlen=MOST_NOTED))

    def note(self, user_id: int, now: datetime) -> None:
        """Note that somebody asks."""
        while self.asked and now - self.asked[0][0] > RAID_SPELL:
            self.asked.popleft()
        self.asked.append((now, user_id))

    def people(self) -> frozenset[int]:
        """Return the accounts that asked."""
        return frozenset(user_id for _, user_id in self.asked)

    def young(self, now: datetime) -> int:
        """Return how many of the accounts are new."""
        return sum(now - made_at(user_id) < YOUNG for user_id in self.people())

    def weight(self, now: datetime) -> int:
        """Return how many accounts asked, new ones counted several times."""
        return len(self.people()) + (YOUNG_COUNTS - 1) * self.young(now)
