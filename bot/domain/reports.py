"""Pictures that members report to the moderators of their server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.images import Picture
    from bot.domain.jobs import Job

MOST_REASON = 300
MOST_AN_HOUR = 10
"""Reports of one person in a server; more would be a nuisance of their own."""


class ReportState(StrEnum):
    """What became of a message that was reported."""

    OPEN = "open"
    DISMISSED = "dismissed"
    DELETED = "deleted"


class Reach(StrEnum):
    """Who knows of a report that was made just now."""

    MODERATORS = "moderators"
    """It is in their channel or in the log, or the owner of the server was told."""
    NOBODY = "nobody"
    """It waits in their list."""
    DECIDED = "decided"
    """They have decided on the message before."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A message of Easel's that somebody reported; the job is known where it is a card."""

    message_id: int
    channel_id: int
    guild_id: int
    job_id: int | None
    state: ReportState = ReportState.OPEN
    card_channel_id: int | None = None
    card_message_id: int | None = None
    decided_by: int | None = None

    @property
    def address(self) -> str:
        """Return where the message stands."""
        return f"https://discord.com/channels/{self.guild_id}/{self.channel_id}/{self.message_id}"


@dataclass(frozen=True, slots=True)
class Report:
    """What one person says of it."""

    reporter_id: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """What moderators see of a message that was reported."""

    reported: Reported
    reports: tuple[Report, ...]
    job: Job | None
    pictures: tuple[Picture, ...]
