"""How an answer is laid out on messages: split on sensible borders, with quiet lines below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.splitting import LIMIT, split
from bot.domain.standing import Standing
from bot.texts import mark, tr
from bot.ui.pages import NAME, Enclosure, Page
from bot.ui.text import cut, place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.ui.press import ActButton

MOST_MESSAGES = 3
"""Messages of one answer; all of a longer one is in a file, so that it does not flood the channel."""
ROOM = LIMIT - 100
"""Characters of the answer itself in a message; the rest is for a quiet line below it."""
BEGINNING = 5 * LIMIT
"""Characters that make more than those messages, but for ones full of blank lines."""
BELOW = 1200
"""Characters of the lines that stand under an answer, but for its notes."""
NOTE = 300
"""Characters of one quiet line."""
THINKING = mark("-# Thinking…")
WRITING = mark("-# … writing")
WHOLE = mark("The answer is longer than this. All of it is in answer.md.")
SHORTENED = mark("The answer is longer than this. What is missing does not fit here.")
NOTHING = mark("The answer is empty.")


def thinking(again_at: datetime | None, buttons: tuple[ActButton, ...]) -> list[Page]:
    """Return what stands for an answer until its first words: when a busy model is asked again, if one is."""
    words = tr(THINKING) if again_at is None else f"-# {place(Standing(again_at=again_at))}"
    return [Page(words, buttons)]


def written(text: str, buttons: tuple[ActButton, ...]) -> list[Page]:
    """Return what an answer shows that is still being written."""
    parts = parts_of(text)
    if len(parts) > MOST_MESSAGES:
        parts = [*parts[: MOST_MESSAGES - 1], f"{parts[MOST_MESSAGES - 1]}\n{tr(WRITING)}"]
    return _paged(parts, buttons)


def pages_of(
    text: str,
    *,
    notes: Sequence[str] = (),
    buttons: tuple[ActButton, ...] = (),
    files: tuple[Enclosure, ...] = (),
    can_attach: bool = True,
    below: Sequence[str] = (),
) -> list[Page]:
    """Return what a whole answer shows; of a long one the beginning, and a file of all of it."""
    parts = parts_of(text)
    if len(parts) > MOST_MESSAGES:
        parts = parts[:MOST_MESSAGES]
        notes = (tr(WHOLE) if can_attach else tr(SHORTENED), *notes)
        whole = "\n\n".join(filter(None, (text, "\n".join(below))))
        files = (*files, Enclosure("answer.md", whole.encode(), tr("The whole answer"))) if can_attach else ()
    if not parts and not notes and not files:
        notes = (tr(NOTHING),)
    lines = (*below, *(cut(" ".join(note.split()), NOTE) for note in notes))
    quiet = "\n".join(f"-# {line}" for line in lines)
    if quiet and parts and len(parts[-1]) + 1 + len(quiet) <= LIMIT - NAME:
        parts[-1] += f"\n{quiet}"
    elif quiet:
        parts.append(cut(quiet, LIMIT - NAME))
    return _paged(parts or [""], buttons, files)


def parts_of(text: str) -> list[str]:
    """Return the parts of a text; of a long one only the first, and more of them than are shown."""
    first = split(text[:BEGINNING], ROOM)  # never changed by what comes after it, but for its last part
    return list(first if len(first) > MOST_MESSAGES or len(text) <= BEGINNING else split(text, ROOM))


def _paged(parts: list[str], buttons: tuple[ActButton, ...], files: tuple[Enclosure, ...] = ()) -> list[Page]:
    return [*(Page(part) for part in parts[:-1]), *(Page(part, buttons, files) for part in parts[-1:])]
