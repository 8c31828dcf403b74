"""Who asks, and what they ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.hierarchy import LOWEST, Rank

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.quotations import Quotation

MAX_PROMPT = 6000
"""Discord's limit for a slash command's text option, in characters."""
FORMATS = ("png", "jpeg", "webp")
"""What pictures can be had in from any model: what it does not send in them is converted."""
MAX_COUNT = 10
"""What one message's gallery holds (Discord: 1–10 items)."""
MAX_REFERENCES = 4
MAX_BLENDED = 5
"""Pictures that `/blend` puts into one."""
MAX_SEED = 2**31 - MAX_COUNT
"""The largest start seed; providers take signed 32-bit integers, and the last picture's is `count - 1` on."""


def _sees_nothing(_channel_id: int) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, and where. `guild_id` is None in direct messages and where the bot is not a member."""

    user_id: int
    guild_id: int | None
    channel_id: int
    role_ids: frozenset[int] = frozenset()
    may_moderate: bool = False
    """Whether this person may delete the messages of others where they are (Manage Messages)."""
    may_manage: bool = False
    """Whether this person manages the server itself."""
    parent_id: int | None = None
    """The channel that the thread is in, for who is in a thread."""
    shown: frozenset[int] = field(default=frozenset(), compare=False)
    """Jobs whose cards or menus Discord shows to this person: the message that they press holds them."""
    sees: Callable[[int], bool] = field(default=_sees_nothing, compare=False, repr=False)
    """Tells whether this person can see a channel of the server other than the one they are in."""
    opens: Callable[[int], bool] = field(default=_sees_nothing, compare=False, repr=False)
    """Tells whether everybody in the server can see a channel, so that it may be spoken of anywhere in it."""
    is_alone: bool = False
    """Whether nobody else can see what is answered where they are: in direct messages with Easel."""
    is_among_adults: bool = field(default=False, compare=False)
    """Whether the channel that they are in is age-restricted."""
    rank: Rank = field(default=LOWEST, compare=False)
    """How high this person stands in the server."""
    uses_manage: bool = False
    """Whether this very request is a use of /manage: Discord let it through, by the server's own settings."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An attachment as Discord describes it, not read yet; the address is Discord's, never a person's."""

    url: str
    filename: str
    size_bytes: int
    attachment_id: int | None = field(default=None, compare=False)
    """Discord's own number of it, where it hangs on a message."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that Easel keeps already."""

    picture_id: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that somebody brought into a conversation: our own copy of its bytes, made ready."""

    blob: str
    media_type: str


Reference = Upload | Stored | Kept


class Kind(StrEnum):
    """What someone did to get pictures."""

    IMAGINE = "imagine"
    EDIT = "edit"
    BLEND = "blend"
    VARY = "vary"
    BATCH = "batch"
    TALK = "talk"
    """A model that talks drew it within its answer, which paid for it."""


GOING_ON = frozenset({Kind.EDIT, Kind.VARY})
"""What starts from a picture: it has its style already, and the words say what should be different."""


@dataclass(frozen=True, slots=True)
class StyleUse:
    """A style as it is applied: its variables are filled in, `{subject}` alone is left."""

    name: str
    template: str

    def applied(self, subject: str) -> str:
        """Return the words for a subject; braces in the subject mean nothing."""
        return self.template.replace("{subject}", subject)


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """What someone wants drawn; None leaves a choice to the model.

    `prompt` is what the person wrote. What is sent for it says `words`.
    """

    prompt: str
    count: int = 1
    """Pictures of each of the words and seeds."""
    aspect: str | None = None
    quality: str | None = None
    seed: int | None = None
    background: str | None = None
    output_format: str | None = None
    model: str | None = None
    references: tuple[Reference, ...] = ()
    private: bool = False
    kind: Kind = Kind.IMAGINE
    variants: tuple[str, ...] = ()
    """The prompt's permutations, where it has any."""
    seeds: tuple[int, ...] = ()
    """Seeds to draw with, one after another, in place of `seed` and those that follow it."""
    style: StyleUse | None = None
    hint: str | None = None
    """What Easel adds for the model: how strongly to vary, which part to change."""

    quotation: Quotation | None = None
    """The message that a question is about, while it is being asked."""
    follows_answer: bool = False
    """Whether its card follows an answer in words, and is not itself the answer to an interaction."""

    def words(self) -> tuple[str, ...]:
        """Return what is sent to the model: one text, or one for each variant."""
        subjects = self.variants or (self.prompt,)
        style = None if self.kind in GOING_ON else self.style
        styled = [style.applied(one) if style else one for one in subjects]
        return tuple(f"{one}\n\n{self.hint}" if self.hint else one for one in styled)

    def drawn_seeds(self) -> tuple[int | None, ...]:
        """Return the seed of each picture of one text, None where the model chooses."""
        if self.seeds:
            return self.seeds
        return tuple(None if self.seed is None else self.seed + n for n in range(self.count))

    @property
    def total(self) -> int:
        """Return how many pictures are asked for."""
        return len(self.variants or (self.prompt,)) * len(self.drawn_seeds())

    @property
    def has_seed(self) -> bool:
        """Tell whether pictures are asked for by seed."""
        return self.seed is not None or bool(self.seeds)

    def settings(self) -> dict[str, str]:
        """Return the options that were chosen, by their name in the command."""
        chosen = {
            "style": self.style.name if self.style else None,
            "aspect": self.aspect,
            "quality": self.quality,
            "background": self.background,
            "format": self.output_format,
        }
        return {name: value for name, value in chosen.items() if value is not None}
