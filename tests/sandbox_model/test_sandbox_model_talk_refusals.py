"""What the loopback model refuses of conversations, and how it says so."""

from __future__ import annotations

import pytest
from talk_kit import RECEIPT, TOOL, file, form, picture, says


@pytest.fixture
def refused(client, talk):
    async def asked(body):
        reply = await client.post("/chat/completions", json=talk | body)
        error = reply.json()["error"]
        return reply.status_code, f"{error['message']} {error.get('metadata', {}).get('raw', '')}"

    return asked


CALL = {"id": "a", "type": "function", "function": {"name": "x", "arguments": "{}"}}
HI = {"role": "user", "content": "Hi"}
REFUSALS = {
    "picture to a model of words": (
        {"model": "meta-llama/llama-3.2-3b-instruct"} | says("x", picture()),
        404,
        "support image input",
    ),
    "tools to a model without": (
        {"model": "meta-llama/llama-3.2-3b-instruct", "tools": [TOOL]},
        404,
        "support tool use",
    ),
    "form to a model without": (
        {"model": "meta-llama/llama-3.2-3b-instruct"} | form(RECEIPT),
        400,
        "plain text only",
    ),
    "open object": (form({"type": "object", "properties": {}}), 400, "additionalProperties"),
    "option in a strict form": (
        form({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}),
        400,
        "include every key",
    ),
    "a list at the root": (form({"type": "array"}), 400, 'type: \\"object\\"'),
    "a list of nothing": (
        form(
            {
                "type": "object",
                "properties": {"a": {"type": "array"}},
                "required": ["a"],
                "additionalProperties": False,
            }
        ),
        400,
        "missing items",
    ),
    "long name of a form": (form(RECEIPT, "x" * 65), 400, "at most 64"),
    "two tools of a name": ({"tools": [TOOL, TOOL]}, 400, "unique"),
    "tool without a type": ({"tools": [{"function": {"name": "x"}}]}, 400, "type: Required"),
    "tool with an odd name": ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, 400, "matches"),
    "tool that takes a list": (
        {"tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": "array"}}}]},
        400,
        "parameters",
    ),
    "choice of no tool": ({"tool_choice": "auto"}, 400, "only allowed when tools"),
    "choice of an unknown tool": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "juggle"}}},
        400,
        "not found",
    ),
    "odd choice": ({"tools": [TOOL], "tool_choice": "always"}, 400, "tool_choice"),
    "calls without results": (
        {"messages": [HI, {"role": "assistant", "content": None, "tool_calls": [CALL]}, HI]},
        400,
        "must be followed",
    ),
    "calls at the end": (
        {"messages": [HI, {"role": "assistant", "content": None, "tool_calls": [CALL]}]},
        400,
        "must be followed",
    ),
    "result without a call": (
        {"messages": [HI, {"role": "tool", "tool_call_id": "a", "content": "x"}]},
        400,
        "must be a response",
    ),
    "call without arguments": (
        {"messages": [HI, {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "x"}}]}]},
        400,
        "arguments",
    ),
    "odd name": ({"messages": [HI | {"name": "Bo b"}]}, 400, "name"),
    "too long": (says("x" * 520_000), 400, "maximum context length"),
    "five stops": ({"stop": list("abcde")}, 400, "stop"),
    "penalty out of bounds": ({"presence_penalty": 3}, 400, "presence_penalty"),
    "no PDF": (says("x", file("a.pdf", b"GIF89a", "application/pdf")), 422, "not a PDF"),
    "file of no type": (
        says("x", {"type": "file", "file": {"filename": "a", "file_data": "data:x"}}),
        400,
        "base64 is not valid",
    ),
}


@pytest.mark.parametrize(("body", "status", "words"), REFUSALS.values(), ids=REFUSALS)
async def test_what_is_refused(model, refused, body, status, words):
    model.schema = None

    found, said = await refused(body)
    assert (found, words in said) == (status, True), said
