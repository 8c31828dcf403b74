"""What the sandbox's models say: short, deterministic, and honest about being a sandbox."""

from __future__ import annotations

import hashlib

_OPENINGS = ("Here is what I made of it", "A picture for you", "Here you are", "I hope this is close")
_THOUGHTS = (
    "It sounds like something worth drawing.",
    "I would start small and see where it leads.",
    "There are several ways to look at that.",
    "That is a good question for a quiet evening.",
)
QUOTED = 120


def beside_a_picture(prompt: str) -> str:
    """Return the words that stand beside a picture."""
    return f"{_pick(_OPENINGS, prompt)}: {_quoted(prompt)}."


def answer(prompt: str, pictures: int) -> str:
    """Return an answer in words."""
    seen = "" if pictures == 0 else f" I see {pictures} picture{'s' if pictures > 1 else ''} beside it."
    thought = _pick(_THOUGHTS, prompt)
    note = "(This is the sandbox's model; nothing left this machine.)"
    return f"You said: “{_quoted(prompt)}”.{seen} {thought} {note}"


def _quoted(prompt: str) -> str:
    """Return the prompt on one line, cut where it is long."""
    line = " ".join(prompt.split())
    return line if len(line) <= QUOTED else f"{line[:QUOTED]}…"


def _pick(choices: tuple[str, ...], prompt: str) -> str:
    """Choose by the prompt's hash."""
    return choices[hashlib.sha256(prompt.encode()).digest()[0] % len(choices)]
