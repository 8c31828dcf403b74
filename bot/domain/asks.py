"""A job for words: what somebody asked of a model that answers, without the words themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.access import Family

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.jobs import Origin
    from bot.domain.quotas import Charge


class Purpose(StrEnum):
    """What words are for."""

    CHAT = "chat"
    DESCRIBE = "describe"
    CAPTION = "caption"
    EXTRACT = "extract"
    TITLE = "title"
    SUMMARY = "summary"

    @property
    def family(self) -> Family:
        """Return the commands that ask for words of this purpose."""
        return Family.READ if self in {Purpose.DESCRIBE, Purpose.CAPTION, Purpose.EXTRACT} else Family.TALK


@dataclass(frozen=True, slots=True)
class Owed:
    """An answer that somebody waits for, and the way to them; `id` is the event that asked.

    Files that are packed have the purpose of talk, as what they come to costs nothing.
    """

    id: int
    user_id: int
    guild_id: int | None
    channel_id: int
    purpose: Purpose
    private: bool
    language: str
    origin: Origin
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WordsJob:
    """One paid request for words as it is opened. Without a person the server and the operator pay."""

    user_id: int | None
    guild_id: int | None
    channel_id: int
    purpose: Purpose
    model_id: str
    held: Charge


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A job for words that a process left: what was held, and what is known of its one call."""

    id: int
    held_microusd: int
    was_sent: bool
    cost_microusd: int
    """What the call is known to have cost; 0 while it is under way."""
    generation_id: str | None
