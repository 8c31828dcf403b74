"""One paid request for words, and what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.calls import PictureBytes

ANSWER_TOKENS = 4096
"""Bound of an answer that does not set its own; about eight full messages of Discord."""
MAX_STOPS = 4
READING = "file"
"""The kind of the notes that hold what a document says."""
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}", re.ASCII)


class Role(StrEnum):
    """Whose message it is."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Detail(StrEnum):
    """How closely a picture is looked at; `low` costs a tenth of `high` or less."""

    LOW = "low"
    HIGH = "high"
    AUTO = "auto"


class Effort(StrEnum):
    """How long a model reasons before it answers, where it can."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Text:
    """Words of a message."""

    text: str


@dataclass(frozen=True, slots=True)
class PicturePart:
    """A picture of a message; its size in pixels, where it is known, makes the estimate of its cost exact."""

    picture: PictureBytes
    detail: Detail = Detail.LOW
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a message, such as a PDF; `pages` makes the estimate of its cost better."""

    filename: str
    data: bytes
    media_type: str
    pages: int | None = None


Part = Text | PicturePart | FilePart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants used; `arguments` are what it wrote, normally JSON, but not surely."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """What the provider noted beside an answer: `url_citation`, or `file` for a document that it read.

    `raw` is its JSON, to be sent back unharmed with the same answer, which saves reading the document again.
    """

    kind: str
    title: str
    url: str
    raw: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; the constructors below make each kind."""

    role: Role
    parts: tuple[Part, ...] = ()
    name: str | None = None
    """Who of several people speaks."""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    pictures: tuple[PictureBytes, ...] = ()
    """What the assistant drew in this turn, sent back as its own where the backend understands that.

    They cannot be marked as `low`: a PicturePart in the next message of the person costs less, and works
    everywhere.
    """
    annotations: tuple[Annotation, ...] = ()

    @classmethod
    def system(cls, text: str) -> Message:
        """Return standing orders."""
        return cls(Role.SYSTEM, (Text(text),))

    @classmethod
    def user(cls, text: str, *parts: Part, name: str | None = None) -> Message:
        """Return what a person says, with pictures and files."""
        return cls(Role.USER, (Text(text), *parts), name)

    @classmethod
    def assistant(
        cls,
        text: str = "",
        *,
        tool_calls: tuple[ToolCall, ...] = (),
        pictures: tuple[PictureBytes, ...] = (),
        annotations: tuple[Annotation, ...] = (),
    ) -> Message:
        """Return what the model said before."""
        parts = (Text(text),) if text else ()
        return cls(Role.ASSISTANT, parts, tool_calls=tool_calls, pictures=pictures, annotations=annotations)

    @classmethod
    def tool(cls, call: ToolCall, result: str) -> Message:
        """Return what came of a tool call."""
        return cls(Role.TOOL, (Text(result),), tool_call_id=call.id)

    @property
    def text(self) -> str:
        """Return the message's words."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, object]

    def __post_init__(self) -> None:
        _check_name(self.name)


@dataclass(frozen=True, slots=True)
class AnswerSchema:
    """The JSON schema that the whole answer has to follow, strictly."""

    name: str
    schema: Mapping[str, object]
    description: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How words are chosen; None leaves it to the model. What a model does not take is not sent.

    Raises BadInput with a sentence for whoever sets it.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repetition_penalty: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    logit_bias: Mapping[str, float] | None = None
    """Weights from -100 to 100 by token id."""
    top_logprobs: int | None = None

    def __post_init__(self) -> None:
        bounds = {
            "temperature": (self.temperature, 0, 2),
            "top_p": (self.top_p, 0, 1),
            "min_p": (self.min_p, 0, 1),
            "frequency_penalty": (self.frequency_penalty, -2, 2),
            "presence_penalty": (self.presence_penalty, -2, 2),
            "repetition_penalty": (self.repetition_penalty, 0, 2),
            "top_k": (self.top_k, 0, 1000),
            "top_logprobs": (self.top_logprobs, 0, 20),
            **{f"logit_bias {token}": (bias, -100, 100) for token, bias in (self.logit_bias or {}).items()},
        }
        for name, (value, low, high) in bounds.items():
            if value is not None and not low <= value <= high:
                raise BadInput(f"{name} has to be from {low} to {high}.")
        if len(self.stop) > MAX_STOPS:
            raise BadInput(f"stop takes {MAX_STOPS} texts at most.")


@dataclass(frozen=True, slots=True)
class WordsCall:
    """Everything that goes into a paid request for words; equal calls are equal requests, byte for byte.

    Which model it is for and whose it is are filled in by who pays for it.
    """

    messages: tuple[Message, ...]
    model_id: str = ""
    user_key: str = ""
    """Stands for the person upstream: an HMAC of their id, so that one abuser does not block the key."""
    session_key: str = ""
    """Groups requests of one conversation upstream, and keeps it where its prompt is cached."""
    max_tokens: int = ANSWER_TOKENS
    """Bound of the answer, reasoning included; the model's own bound holds besides."""
    sampling: Sampling = Sampling()
    effort: Effort | None = None
    schema: AnswerSchema | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    """`auto`, `none`, `required`, or the name of the one tool to call."""
    parallel_tool_calls: bool = True
    draws: bool = False
    """Whether the model may answer with pictures too, in the same turn."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was counted for a call; `cached` is the part of the prompt that cost less, and in `prompt`."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class WordsReply:
    """What a paid request brought: words, calls of tools or pictures, at least one of them."""

    text: str
    finish_reason: str
    """`stop`, `length`, `tool_calls`, or whatever else the provider says; empty where it says nothing."""
    cost_microusd: int | None
    """None where the backend does not say; the caller then charges its estimate."""
    tool_calls: tuple[ToolCall, ...] = ()
    pictures: tuple[PictureBytes, ...] = ()
    reasoning: str = ""
    annotations: tuple[Annotation, ...] = ()
    tokens: Tokens = Tokens()
    generation_id: str | None = None
    served_by: str | None = None

    @property
    def was_cut(self) -> bool:
        """Tell whether the answer ends where its bound was reached; tool calls may then be half written."""
        return self.finish_reason == "length"

    def message(self) -> Message:
        """Return the answer as the next message of its conversation, with what spares a second reading."""
        read = tuple(noted for noted in self.annotations if noted.kind == READING)
        return Message.assistant(
            self.text, tool_calls=self.tool_calls, pictures=self.pictures, annotations=read
        )


def _check_name(name: str) -> None:
    """Raise ValueError for a name that providers refuse."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name that models take: {name!r}")
