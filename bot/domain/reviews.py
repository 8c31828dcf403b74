"""Pictures that moderators look at before anybody else does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MOST_REASON = 300
"""Characters of what a moderator says to the person whose pictures stay back."""
BY_MODEL = "moderation model: "
"""With what a reason begins that the moderation model gave; what it flags follows."""
NO_VERDICT = f"{BY_MODEL}no verdict"


class Watch(StrEnum):
    """Which pictures of a server are looked at first."""

    OFF = "off"
    FLAGGED = "flagged"
    """Those that were asked for with words that are watched for."""
    ALL = "all"


class ReviewState(StrEnum):
    """How far it is with pictures that are looked at first; each step is taken at most once."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CALLED_OFF = "called_off"
    """Whoever asked has taken it back, or may ask for nothing any more."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What a server's moderators want to look at first, and in which channel."""

    watch: Watch = Watch.OFF
    channel_id: int | None = None
    is_lost: bool = False
    """Whether nothing can be shown there any more, so that pictures wait until another is chosen."""


@dataclass(frozen=True, slots=True)
class Review:
    """One look at a job's pictures: why, where its card stands, and what came of it."""

    job_id: int
    guild_id: int
    user_id: int
    state: ReviewState
    why: str
    """The entry of the list that was found, or nothing where all pictures are looked at."""
    created_at: datetime
    channel_id: int | None = None
    message_id: int | None = None
    decided_by: int | None = None
    reason: str | None = None
