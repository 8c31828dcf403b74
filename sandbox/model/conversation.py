"""The messages of a request: checked as OpenRouter and OpenAI check them, and taken apart."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pybase64
from PIL import Image

from sandbox.model import fields, papers
from sandbox.model.refusals import from_provider, invalid, no_route, refuse

if TYPE_CHECKING:
    from sandbox.model.asks import ReferencePicture
    from sandbox.model.catalogue import CataloguedModel
    from sandbox.model.papers import Paper
    from sandbox.model.refusals import Json

ROLES = ("system", "developer", "user", "assistant", "tool")
MESSAGE_FIELDS = frozenset(
    [
        "role",
        "content",
        "name",
        "images",
        "tool_calls",
        "tool_call_id",
        "reasoning",
        "reasoning_details",
        "refusal",
        "annotations",
    ]
)
PICTURE_TOKENS = 1229
"""A picture of 1024 by 1024 in patches."""
TILES = {"openai/gpt-4o-mini": (2833, 5667)}
"""Two real bills agree with these."""
_DATA_URL = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)(?:;charset=[\w-]+)?;base64,", re.ASCII)
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}", re.ASCII)


@dataclass(slots=True)
class Conversation:
    """What the messages hold together."""

    prompt: str = ""
    """The words of the person's last message."""
    pictures: list[ReferencePicture] = field(default_factory=list["ReferencePicture"])
    """All pictures, from the first message on."""
    looked_at: list[ReferencePicture] = field(default_factory=list["ReferencePicture"])
    """Those of the person's last message."""
    papers: list[Paper] = field(default_factory=list["Paper"])
    tool_results: list[str] = field(default_factory=list[str])
    """What came of tools since the person spoke last."""
    bytes: int = 0
    picture_tokens: int = 0

    @property
    def prompt_tokens(self) -> int:
        """Return the input tokens of it all."""
        return self.bytes // 4 + 12 + self.picture_tokens + sum(paper.tokens for paper in self.papers)


def read(body: Json, model: CataloguedModel) -> Conversation:
    """Return the conversation of a request, or refuse."""
    messages = fields.items(body, "messages")
    if not messages:
        raise invalid("messages: Array must contain at least 1 element(s)")
    conversation, waiting = Conversation(), set[str]()
    for position, message in enumerate(messages):
        where = f"messages[{position}]"
        fields.only(message, MESSAGE_FIELDS, where)
        if fields.choice(message, "role", ROLES) is None:
            raise invalid(f"{where}.role: Required")
        waiting = _tool_order(message, where, waiting)
        _Reader(conversation, model, where).take(message)
    if waiting:
        raise _orphans()
    if not conversation.prompt.strip():
        raise refuse(400, "The prompt is empty.", metadata={"error_type": "invalid_prompt"})
    return conversation


def _tool_order(message: Json, where: str, waiting: set[str]) -> set[str]:
    """Return the tool calls that wait for a result; each has to get one before anything else is said."""
    if message["role"] == "tool":
        call_id = fields.required_text(message, "tool_call_id")
        if call_id not in waiting:
            said = f"{where}: messages with role 'tool' must be a response to a preceding 'tool_calls'"
            raise from_provider(400, "OpenAI", {"error": {"message": said, "type": "invalid_request_error"}})
        return waiting - {call_id}
    if waiting:
        raise _orphans()
    calls = fields.items(message, "tool_calls")
    for call in calls:
        fields.only(call, ("id", "type", "function", "index"), f"{where}.tool_calls")
        function = fields.table(call, "function")
        fields.required_text(function, "name")
        if fields.text(function, "arguments") is None:
            raise invalid(f"{where}.tool_calls.function.arguments: Required")
    return {fields.required_text(call, "id") for call in calls}


def _orphans() -> Exception:
    said = "An assistant message with 'tool_calls' must be followed by tool messages responding to each."
    return from_provider(400, "OpenAI", {"error": {"message": said, "type": "invalid_request_error"}})


class _Reader:
    """Takes one message apart."""

    def __init__(self, conversation: Conversation, model: CataloguedModel, where: str) -> None:
        self._conversation = conversation
        self._model = model
        self._where = where
        self._pictures: list[ReferencePicture] = []

    def take(self, message: Json) -> None:
        """Add a message to the conversation."""
        whole, role = self._conversation, message["role"]
        name = fields.text(message, "name")
        if name is not None and not _NAME.fullmatch(name):
            raise invalid(f"{self._where}.name: Expected a string that matches '^[a-zA-Z0-9_-]+$'")
        words = self._content(message)
        whole.bytes += len(words.encode())
        for call in fields.items(message, "tool_calls"):
            whole.bytes += len(str(call["function"]).encode())
        for part in fields.items(message, "images"):
            self._picture(part, "auto")
        if role == "user":
            whole.prompt, whole.looked_at, whole.tool_results = words, self._pictures, []
        elif role == "tool":
            whole.tool_results.append(words)

    def _content(self, message: Json) -> str:
        """Return the words of a message; words must stand before pictures."""
        content: object = message.get("content")
        if content is None and message["role"] == "assistant":
            return ""
        if not isinstance(content, list):
            return fields.text(message, "content") or ""
        words: list[str] = []
        for part in fields.items(message, "content"):
            kind = fields.choice(part, "type", ("text", "image_url", "file"))
            if kind == "text":
                if self._pictures:
                    raise invalid(
                        f"{self._where}: text must come before images "
                        "(the sandbox insists on OpenRouter's advice)"
                    )
                words.append(fields.text(part, "text") or "")
            elif kind == "image_url":
                self._picture(part, str(fields.table(part, "image_url").get("detail", "auto")))
            elif kind == "file":
                self._file(part)
            else:
                raise invalid(f"{self._where}.content: every part needs a type")
        return "\n".join(words)

    def _picture(self, part: Json, detail: str) -> None:
        if "image" not in self._model.inputs:
            raise no_route("No endpoints found that support image input", "input_modalities")
        picture = fields.image_part(part, self._where)
        self._pictures.append(picture)
        self._conversation.pictures.append(picture)
        self._conversation.picture_tokens += _tokens(self._model, picture.data, detail)

    def _file(self, part: Json) -> None:
        """Read a file that comes along in the request."""
        file = fields.table(part, "file")
        fields.only(file, ("filename", "file_data"), f"{self._where}.file")
        written = fields.required_text(file, "file_data")
        if not written.startswith("data:"):
            raise invalid(
                f"{self._where}: the sandbox takes files as data: URLs; it never fetches an address"
            )
        match = _DATA_URL.match(written)
        try:
            data = pybase64.b64decode(written[match.end() :] if match else "*", validate=True)
        except ValueError as error:
            raise invalid(f"{self._where}.file: the base64 is not valid") from error
        name = fields.required_text(file, "filename")
        media_type = match["type"] if match else ""
        self._conversation.papers.append(papers.read(name, media_type, data))


def _tokens(model: CataloguedModel, data: bytes, detail: str) -> int:
    """Return what a picture adds to a prompt."""
    if model.id not in TILES:
        return PICTURE_TOKENS
    base, each = TILES[model.id]
    if detail == "low":
        return base
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
    scale = min(1.0, 2048 / max(width, height))
    scale *= min(1.0, 768 / (min(width, height) * scale))
    tiles = math.ceil(round(width * scale) / 512) * math.ceil(round(height * scale) / 512)
    return base + each * max(1, tiles)
