"""Who asks, and what they ask for."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PROMPT = 6000
"""Discord's limit for a slash command's text option, in characters."""
MAX_COUNT = 10
"""What one message's gallery holds (Discord: 1–10 items)."""
MAX_REFERENCES = 4
MAX_SEED = 2**31 - MAX_COUNT
"""The largest start seed; providers take signed 32-bit integers, and the last picture's is `count - 1` on."""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, and where. `guild_id` is None in direct messages and where the bot is not a member."""

    user_id: int
    guild_id: int | None
    channel_id: int
    role_ids: frozenset[int] = frozenset()
    may_moderate: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """An attachment as Discord describes it, not read yet; the address is Discord's, never a person's."""

    url: str
    filename: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that Easel keeps already."""

    picture_id: str


Reference = Upload | Stored


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """What someone wants drawn; None leaves a choice to the model."""

    prompt: str
    count: int = 1
    aspect: str | None = None
    quality: str | None = None
    seed: int | None = None
    background: str | None = None
    output_format: str | None = None
    model: str | None = None
    references: tuple[Reference, ...] = ()
    private: bool = False

    def settings(self) -> dict[str, str]:
        """Return the options that were chosen, by their name in the command."""
        chosen = {
            "aspect": self.aspect,
            "quality": self.quality,
            "background": self.background,
            "format": self.output_format,
        }
        return {name: value for name, value in chosen.items() if value is not None}
