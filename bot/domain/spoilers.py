"""Which pictures are covered until somebody clicks on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Spoilers(StrEnum):
    """What is covered on cards: nothing, everything, or what is not in an age-restricted channel."""

    NEVER = "never"
    ALWAYS = "always"
    OUTSIDE_NSFW = "outside_nsfw"

    def covers(self, *, is_age_restricted: bool) -> bool:
        """Tell whether pictures are covered in a channel."""
        return self is Spoilers.ALWAYS or (self is Spoilers.OUTSIDE_NSFW and not is_age_restricted)


@dataclass(frozen=True, slots=True)
class Showing:
    """What a server's moderators chose for its pictures; without a choice what the operator set holds."""

    spoilers: Spoilers | None = None
    captions: bool = True
