"""What a model that answers in words may have done for it: its tools, and what it has to say to use one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bot.domain.requests import MAX_PROMPT
from bot.domain.words import Tool
from bot.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.words import ToolCall

MOST_DRAWN = 4
"""Pictures of one call."""
MAX_QUESTION = 2000
MAX_WORDS = 200
LABEL = {
    "type": "string",
    "description": "What the picture is called in this conversation, such as 12.0 where it says "
    "“[12.0 picture cat.png]”.",
}


@dataclass(frozen=True, slots=True)
class Draw:
    """New pictures from words."""

    prompt: str
    count: int = 1
    aspect: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A changed copy of a picture of the conversation."""

    picture: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Look:
    """A question about a picture of the conversation, which is looked at closely."""

    picture: str
    question: str


@dataclass(frozen=True, slots=True)
class Left:
    """What the person has left of their allowance."""


@dataclass(frozen=True, slots=True)
class Find:
    """Pictures of the gallery: by words, the person's own or favourites alone, shown to them or only told."""

    words: str = ""
    mine: bool = False
    favourites: bool = False
    show: bool = True


Use = Draw | Edit | Look | Left | Find


def _described(name: str, description: str, needed: Mapping[str, object], **more: object) -> Tool:
    return Tool(
        name,
        description,
        {
            "type": "object",
            "properties": {**needed, **more},
            "required": list(needed),
            "additionalProperties": False,
        },
    )


DRAW = _described(
    "draw_picture",
    "Draw new pictures for the person, who pays for them. Only when they ask for a picture. Call it once for "
    "several pictures of the same. They appear by themselves in a card of their own a little later; you "
    "will not see them now.",
    {"prompt": {"type": "string", "description": "What to draw, complete in itself, with style and mood."}},
    count={"type": "integer", "minimum": 1, "maximum": MOST_DRAWN},
    aspect={"type": "string", "description": "Width to height, such as 3:2; only if the person cares."},
)
EDIT = _described(
    "edit_picture",
    "Change a picture of this conversation for the person, who pays for it; the old one stays. The new "
    "one appears by itself in a card of its own a little later; you will not see it now.",
    {"picture": LABEL, "prompt": {"type": "string", "description": "What should be different."}},
)
LOOK = _described(
    "look_closely",
    "Look at one picture of this conversation in full detail, such as to read small print. It costs about "
    "ten times as much as a glance: only where what you see already is not enough.",
    {"picture": LABEL, "question": {"type": "string", "description": "What you want to know of it."}},
)
FIND = _described(
    "search_gallery",
    "Find pictures that were drawn with Easel before, by the words they were drawn from and what they show. "
    "It finds what may be seen where this is said, the newest first. What is found can be edited and looked "
    "at closely by what it is called.",
    {},
    words={"type": "string", "description": "What to look for, in few words; empty for the newest."},
    mine={"type": "boolean", "description": "Only pictures of the person who asks."},
    favourites={"type": "boolean", "description": "Only the favourites of the person who asks."},
    show={"type": "boolean", "description": "Whether they appear below your answer; true if not said."},
)
LEFT = _described("allowance", "Tell what the person has left to spend, and when it is full again.", {})


def offered(*, sees: bool, draws: bool) -> tuple[Tool, ...]:
    """Return the tools for a model: `sees` where it takes pictures, `draws` where cards can be posted."""
    return (*((DRAW, EDIT) if draws else ()), *((LOOK,) if sees else ()), FIND, LEFT)


def read(call: ToolCall) -> Use:
    """Return what a call wants, or raise BadInput with a sentence that tells the model what is wrong."""
    make = _READERS.get(call.name)
    if make is None:
        raise BadInput(f"There is no tool “{call.name[:64]}”. The tools are: {', '.join(_READERS)}.")
    try:
        written: object = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        raise BadInput("The arguments are not JSON. Write them again, whole.") from None
    if not isinstance(written, dict):
        raise BadInput("The arguments have to be a JSON object.")
    return make(_Arguments(cast("dict[str, object]", written)))


class _Arguments:
    """The arguments of one call, each checked as it is taken."""

    def __init__(self, written: Mapping[str, object]) -> None:
        self._written = written

    def text(self, name: str, most: int) -> str:
        """Return words that have to be there."""
        value = self._written.get(name)
        if not isinstance(value, str) or not value.strip():
            raise BadInput(f"“{name}” is missing: it has to be words.")
        if len(value) > most:
            raise BadInput(f"“{name}” is too long: {most} characters at most.")
        return value.strip()

    def label(self, name: str) -> str:
        """Return what a picture is called, with or without the brackets around it."""
        value = self._written.get(name)
        if isinstance(value, float):  # 12.0 without its quotes
            value = str(value)
        if not isinstance(value, str) or not value.strip("[] "):
            raise BadInput(f"“{name}” is missing: it has to be what a picture is called, such as 12.0.")
        return value.strip("[] ").split()[0]

    def count(self, name: str, most: int) -> int:
        """Return a whole number from 1, which it is where nothing is said."""
        value = self._written.get(name)
        if value is None:
            return 1
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise BadInput(f"“{name}” has to be a whole number from 1 to {most}.")
        return value

    def words(self, name: str, most: int) -> str:
        """Return words that need not be there."""
        return self.text(name, most) if self._written.get(name) not in {None, ""} else ""

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return yes or no, which need not be said."""
        value = self._written.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise BadInput(f"“{name}” has to be true or false.")
        return value

    def choice(self, name: str) -> str | None:
        """Return a short text that need not be there."""
        value = self._written.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > 16:
            raise BadInput(f"“{name}” has to be a short text.")
        return value


def _draw(said: _Arguments) -> Use:
    return Draw(said.text("prompt", MAX_PROMPT), said.count("count", MOST_DRAWN), said.choice("aspect"))


def _edit(said: _Arguments) -> Use:
    return Edit(said.label("picture"), said.text("prompt", MAX_PROMPT))


def _look(said: _Arguments) -> Use:
    return Look(said.label("picture"), said.text("question", MAX_QUESTION))


def _find(said: _Arguments) -> Use:
    return Find(
        said.words("words", MAX_WORDS),
        said.flag("mine"),
        said.flag("favourites"),
        said.flag("show", default=True),
    )


def _left(_said: _Arguments) -> Use:
    return Left()


_READERS: dict[str, Callable[[_Arguments], Use]] = {
    DRAW.name: _draw,
    EDIT.name: _edit,
    LOOK.name: _look,
    FIND.name: _find,
    LEFT.name: _left,
}
