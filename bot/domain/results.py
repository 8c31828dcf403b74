"""What came of a job, as it is shown to people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.images import Picture
    from bot.domain.jobs import Call, Job
    from bot.domain.quotas import Reading


@dataclass(frozen=True, slots=True)
class Card:
    """Where a result stands in Discord."""

    channel_id: int
    message_id: int
    limit_bytes: int | None = None
    """What one file may weigh there, where that turned out to be less than was thought."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a job has brought: its paid calls and their pictures."""

    calls: tuple[Call, ...]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A job's pictures, what they cost, why some are missing, and what its owner has left."""

    job: Job
    pictures: tuple[Picture, ...]
    cost_microusd: int
    shortfall: str | None
    readings: tuple[Reading, ...]
