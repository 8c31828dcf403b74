"""What the sandbox's models say: short, deterministic, and honest about being a sandbox."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from sandbox.model.papers import PDF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model.papers import Paper

_OPENINGS = ("Here is what I made of it", "A picture for you", "Here you are", "I hope this is close")
_THOUGHTS = (
    "It sounds like something worth drawing.",
    "I would start small and see where it leads.",
    "There are several ways to look at that.",
    "That is a good question for a quiet evening.",
)
QUOTED = 120
SPEAKER = re.compile(r"\A[^\n]{1,120}#[0-9a-f]{6} says:\n")
"""The line by which Easel tells speakers apart."""
TO_SAY = re.compile(r"\bSay in one short sentence that ([^.\n]+)\.")
FOUND = re.compile(r"^\[[\w.]+\] (\d{4}-\d{2}-\d{2}): (.+)$", re.MULTILINE)
ASIDE = re.compile(r"\s*\([^()]*\)")
FAILED = "Not done:"
"""How a tool's result orders what to say, lists what it found, speaks to the model alone, and fails."""
NAMING = "Name this conversation"
"""How Easel asks for the name of a thread."""
NOTE = "(This is the sandbox's model; nothing left this machine.)"
ECHO = re.compile(r"\AYou said: “.*?”\. ", re.DOTALL)
TO_MODEL = re.compile(r"(?<=[.!?]) (?:You|Say|Do not|Call)\b.*", re.DOTALL)
"""Where the result of a tool turns from what came of it to what a model is to do."""


def beside_a_picture(prompt: str) -> str:
    """Return the words that stand beside a picture."""
    return f"{_pick(_OPENINGS, prompt)}: {quoted(prompt)}."


def answer(
    prompt: str,
    pictures: int,
    seen: Sequence[str] = (),
    papers: Sequence[Paper] = (),
    tool_results: Sequence[str] = (),
) -> str:
    """Return an answer in words: what was said, seen and read, and what came of tools."""
    if prompt.startswith(NAMING):
        return _name(prompt)
    said = [f"You said: “{quoted(spoken(prompt))}”."]
    if tool_results:
        said = [_of_tool(result) for result in tool_results]
    if pictures:
        said.append(f"I see {pictures} picture{'s' if pictures > 1 else ''} beside it.")
    said += [f"Picture {number}: {one}." for number, one in enumerate(seen, start=1)]
    said += [_of_paper(paper) for paper in papers]
    return " ".join([*said, _pick(_THOUGHTS, prompt), NOTE])


def _name(prompt: str) -> str:
    """Name a conversation after the first words of its question."""
    _, _, asked = prompt.partition("\nQuestion: ")
    return " ".join(asked.partition("\nAnswer: ")[0].split()[:5]).rstrip("?.!") or "A conversation"


def thought(prompt: str) -> str:
    """Return the reasoning behind an answer."""
    return f"The person says “{quoted(spoken(prompt))}”. A short answer will do."


def _told_by_tool(result: str) -> str:
    """Return what a tool says of what it did, without what it tells a model to do."""
    return TO_MODEL.sub("", ECHO.sub("", result.removesuffix(NOTE).strip())) or result


def _of_tool(result: str) -> str:
    """Return what there is to say of what a tool told: its outcome, and not the orders that come with it."""
    if wanted := TO_SAY.search(result):
        return f"{wanted[1][0].upper()}{wanted[1][1:]}."
    if found := FOUND.findall(result):
        each = "; ".join(f"{quoted(about).rstrip('.')} ({day})" for day, about in found)
        return f"I found {len(found)}: {each}."
    told = quoted(ASIDE.sub("", _told_by_tool(result)))
    ended = told if told.endswith((".", "…")) else f"{told}."
    if ended.startswith(FAILED):
        return f"That did not work: {ended.removeprefix(FAILED).strip()}"
    return ended if told.endswith(".") else f"It is done: {ended}"


def _of_paper(paper: Paper) -> str:
    """Return what there is to say of a file."""
    count = len(paper.text.split())
    pages = f" on {paper.pages} page{'s' if paper.pages > 1 else ''}" if paper.media_type == PDF else ""
    begins = f", beginning “{quoted(paper.text)}”" if count else ""
    return f"I read {paper.name}: {count} word{'' if count == 1 else 's'}{pages}{begins}."


def spoken(prompt: str) -> str:
    """Return a question without the line before it that says who asks."""
    return SPEAKER.sub("", prompt, count=1) or prompt


def quoted(prompt: str) -> str:
    """Return the prompt on one line, cut where it is long."""
    line = " ".join(prompt.split())
    return line if len(line) <= QUOTED else f"{line[:QUOTED]}…"


def _pick(choices: tuple[str, ...], prompt: str) -> str:
    """Choose by the prompt's hash."""
    return choices[hashlib.sha256(prompt.encode()).digest()[0] % len(choices)]
