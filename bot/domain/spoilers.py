"""Which pictures are covered until somebody clicks on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Showing:
    """What a server's moderators chose for its pictures; without a choice what the operator set holds."""

    spoilers: Spoilers | None = None
    captions: bool = True
    keeps_apart: bool = False
    """Whether delicate pictures are shown in age-restricted channels alone."""
