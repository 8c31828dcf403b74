"""Which pictures are covered until somebody clicks on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from bot.texts import mark

SPOILER = "SPOILER_"
"""What Discord covers a file by: how its name begins."""
APART = mark("These pictures are shown only in age-restricted channels of their server.")


class Spoilers(StrEnum):
    """What is covered on cards: nothing, all, the delicate, or what is outside age-restricted channels."""

    NEVER = "never"
    ALWAYS = "always"
    FLAGGED = "flagged"
    OUTSIDE_NSFW = "outside_nsfw"

    def covers(self, *, is_age_restricted: bool, is_delicate: bool = False) -> bool:
        """Tell whether a picture is covered in a channel."""
        if self is Spoilers.FLAGGED:
            return is_delicate
        return self is Spoilers.ALWAYS or (self is Spoilers.OUTSIDE_NSFW and not is_age_restricted)


class View(Enum):
    """How a picture leaves for where it is to be seen."""

    OPEN = auto()
    COVERED = auto()
    APART = auto()
    """Not at all: there it may not be seen."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A picture that somebody brings: it was drawn nowhere here."""

    is_delicate: bool
    job_id: int = 0


@dataclass(frozen=True, slots=True)
class Venue:
    """Where pictures are to be seen: in which server, if in any, and whether among adults alone."""

    guild_id: int | None
    is_age_restricted: bool = False


@dataclass(frozen=True, slots=True)
class Showing:
    """What a server's moderators chose for its pictures; without a choice what the operator set holds."""

    spoilers: Spoilers | None = None
    captions: bool = True
    keeps_apart: bool = False
    """Whether delicate pictures are shown in age-restricted channels alone."""
