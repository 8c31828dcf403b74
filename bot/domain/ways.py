"""The way back to somebody who asked by a command, for whoever answers after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.conversation import Manner
    from bot.domain.jobs import Origin


@dataclass(frozen=True, slots=True)
class Way:
    """Where an answer goes, how it was wished for, and which of Discord's events asked for it."""

    event_id: int
    origin: Origin
    manner: Manner
    agreed: bool = False
    """Whether its asker takes a high price."""
    about: int | None = None
    """The message that they ask about, where they used its menu."""
