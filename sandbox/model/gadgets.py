"""Tools that a request offers: what OpenRouter refuses of them, and when the sandbox's models call one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.model import fields
from sandbox.model.forms import Evidence, fill
from sandbox.model.refusals import invalid, no_route

if TYPE_CHECKING:
    from sandbox.model.asks import Ask
    from sandbox.model.catalogue import CataloguedModel
    from sandbox.model.refusals import Json

CHOICES = ("none", "auto", "required")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}", re.ASCII)
_LABEL = re.compile(r"\[(\d+\.\d+) picture")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Gadget:
    """A function that may be called."""

    name: str
    parameters: Json


@dataclass(frozen=True, slots=True)
class Called:
    """A function that is called."""

    id: str
    name: str
    arguments: str

    def wire(self) -> Json:
        """Return the call as it stands in a message."""
        return {
            "id": self.id,
            "type": "function",
            "function": {"name": self.name, "arguments": self.arguments},
        }


def check(body: Json, model: CataloguedModel) -> tuple[Gadget, ...]:
    """Return the tools that a request offers, or refuse."""
    if (body.get("tools") or body.get("tool_choice")) and "tools" not in model.chat_parameters:
        raise no_route(
            "No endpoints found that support tool use. To learn more about provider routing, visit: "
            "https://openrouter.ai/docs/provider-routing",
            "tools",
        )
    offered = tuple(_gadget(tool, place) for place, tool in enumerate(fields.items(body, "tools")))
    fields.truth(body, "parallel_tool_calls")
    choice = _choice(body)
    names = [gadget.name for gadget in offered]
    if len(set(names)) != len(names):
        raise invalid("tools: Tool names must be unique")
    if choice is not None and choice not in {*CHOICES, *names}:
        raise invalid(f"tool_choice: Tool '{choice}' not found in 'tools' parameter")
    if choice is not None and not offered:
        raise invalid("tool_choice: only allowed when tools are specified")
    return offered


def _gadget(tool: Json, place: int) -> Gadget:
    where = f"tools[{place}]"
    if fields.choice(tool, "type", ("function",)) is None:
        raise invalid(f"{where}.type: Required")
    function = fields.table(tool, "function")
    fields.only(function, ("name", "description", "parameters", "strict"), f"{where}.function")
    name = fields.required_text(function, "name", 64)
    if not _NAME.fullmatch(name):
        raise invalid(f"{where}.function.name: Expected a string that matches '^[a-zA-Z0-9_-]+$'")
    parameters = fields.table(function, "parameters")
    if parameters and parameters.get("type") != "object":
        raise invalid(f"{where}.function.parameters: schema must be of 'type: \"object\"'")
    return Gadget(name, parameters)


def _choice(body: Json) -> str | None:
    """Return how tools may be called: one of the words, or a tool's name."""
    value: Any = body.get("tool_choice")
    if value is None or isinstance(value, str):
        if value not in (None, *CHOICES):
            raise invalid("tool_choice: Expected 'none' | 'auto' | 'required' or an object")
        return value
    function = fields.table(fields.table(body, "tool_choice"), "function")
    return fields.required_text(function, "name")


def called_by(ask: Ask, evidence: Evidence) -> tuple[Called, ...]:
    """Return the tools that an answer calls.

    The rule is plain: a tool is called when the first word of its name is in the request ("draw a fox" calls
    `draw` or `draw_picture`), once for each part that `and` separates if calls may be parallel. `required`
    calls the first, a named choice the one that is named; after a tool's result nothing is called again.
    Where a picture is to be named, it is the last that the conversation calls something: "[12.0 picture".
    """
    choice = _choice(ask.body)
    if not ask.gadgets or choice == "none" or (ask.tool_results and choice in (None, "auto")):
        return ()
    parts = [ask.prompt]
    if ask.body.get("parallel_tool_calls") is not False:
        parts = re.split(r"\band\b", ask.prompt, flags=re.IGNORECASE)
    gadgets = tuple(gadget for gadget in ask.gadgets if choice in (None, "auto", "required", gadget.name))
    found = [hit for part in parts if (hit := _meant(gadgets, part))]
    if not found and choice not in (None, "auto"):
        found = [(gadgets[0], ask.prompt)]
    labels = _LABEL.findall(str(ask.body.get("messages")))
    text = f"{evidence.text}\npicture: {labels[-1]}" if labels else evidence.text
    return tuple(
        Called(
            f"call_{place}_{gadget.name}",
            gadget.name,
            json.dumps(fill(gadget.parameters, Evidence(text, subject), only_needed=True)),
        )
        for place, (gadget, subject) in enumerate(found)
    )


def _meant(gadgets: tuple[Gadget, ...], words: str) -> tuple[Gadget, str] | None:
    """Return the tool that some words call for, and what they say after its name."""
    for gadget in gadgets:
        word = _WORD.match(gadget.name.lower())
        found = word and re.search(rf"\b{word[0]}\b\s*(.*)", words, re.IGNORECASE | re.DOTALL)
        if found:
            return gadget, found[1].strip(" .!?") or words.strip()
    return None
