"""How far a job has come on its way through the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.calls import PictureBytes
    from bot.domain.jobs import Job

WORTH_SAYING_S = 4.0
"""Shorter waits for a busy model are the ones that nobody advised, and over before somebody is told."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands: it runs since a moment, or has a place in the line, or waits to be tried again."""

    running_since: datetime | None = None
    position: int | None = None
    """The place in the line, 1 for the next to start."""
    ready_at: datetime | None = None
    """When its pictures may be there, by the times that others took; None where none is known."""
    again_at: datetime | None = None
    """When the model is asked once more, which was busy."""
    is_left: bool = False
    """Whether Easel stops, and what waits is left to its next start."""


NOWHERE = Standing()
"""Of a job that neither runs nor waits for its turn."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What can be shown of a job that is not done: where it stands, and its pictures as far as they are."""

    standing: Standing
    pictures: tuple[PictureBytes, ...] = ()


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A job that has not ended, and where it stands."""

    job: Job
    standing: Standing
