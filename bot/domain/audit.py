"""What can be looked for in the audit of a server, and how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

LEAST_DAYS = 30
"""The database lets nothing remove a younger line (migration 0005)."""
MOST_DAYS = 3650
USUAL_DAYS = 365
PAGE = 10
"""Lines on a card."""
EASEL = 0
"""The actor of what Easel did or noticed by itself."""


class Area(StrEnum):
    """What acts are about, as people look for them."""

    ACCESS = "access"
    ALLOWANCES = "allowances"
    SAFETY = "safety"
    CONVERSATION = "conversation"
    STYLES = "styles"
    PRIVACY = "privacy"
    LOG = "log"


KINDS: dict[Area, tuple[str, ...]] = {
    Area.ACCESS: ("access",),
    Area.ALLOWANCES: ("quota", "grant", "budget", "setup"),
    Area.SAFETY: ("safety", "review", "report"),
    Area.CONVERSATION: ("chat",),
    Area.STYLES: ("style",),
    Area.PRIVACY: ("privacy",),
    Area.LOG: ("log", "audit"),
}
"""What an act's name begins with, before the dot, for each area."""


@dataclass(frozen=True, slots=True)
class Search:
    """Which acts to find; None finds all."""

    actor_id: int | None = None
    subject_id: int | None = None
    area: Area | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogState:
    """Where lines are posted, if anywhere, and for how many days they are kept."""

    channel_id: int | None
    days: int
