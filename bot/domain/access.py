"""What somebody wants to do, as far as it matters for whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Commands that are allowed or kept from people together."""

    DRAW = "draw"
    """Pictures: /imagine, /edit, /blend, /batch, and the buttons of cards."""
    TALK = "talk"
    """Conversation: /ask, mentions, replies, threads."""
    READ = "read"
    """Reading what is given: /describe, /extract."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: the family it is of, and the words that a model would get of theirs."""

    family: Family
    texts: tuple[str, ...] = ()
