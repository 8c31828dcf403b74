"""What somebody wrote in a form that cannot be done: shown, and kept in the id of the button to the form."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from discord import ui

from bot.texts import named, tr
from bot.ui.cards import MUTED, panel
from bot.ui.press import ActButton, act_id
from bot.ui.text import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_ID = 100
"""Characters of an id (Discord's limit)."""
WRONG_SHOWN = 1600
"""Characters of what is wrong."""


def heading() -> str:
    """Return what stands above what was written."""
    return f"-# {tr('Nothing was changed. You wrote:')}"


def again(verb: str, *about: str | int) -> ui.ActionRow[Any]:
    """Return the button that shows the form again."""
    return ui.ActionRow[Any](ActButton(verb, *about, label=tr("Fill it in again"), emoji="✏️"))


def card(sentence: str, said: Iterable[tuple[str, str]], verb: str, *about: str | int) -> ui.LayoutView:
    """Say what is wrong, give back each answer by its name, harmless already, and offer the form again."""
    rows = "\n".join(f"-# {named(name, value or '–')}" for name, value in said)
    text = ui.TextDisplay[Any](f"{cut(sentence, WRONG_SHOWN)}\n{heading()}\n{rows}")
    return panel(text, again(verb, *about), colour=MUTED)


def packed(text: str, verb: str, *about: str | int) -> tuple[str, ...]:
    """Return a text as the last word of an id; none where it is too long for one, or nothing."""
    word = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return (word,) if word and len(act_id(verb, *about, word)) <= MOST_ID else ()


def unpacked(arguments: Sequence[str]) -> str:
    """Return the text that `packed` put into an id; nothing where there is none."""
    word = "".join(arguments)
    try:
        return base64.b64decode(word + "=" * (-len(word) % 4), b"-_", validate=True).decode()
    except ValueError:
        return ""
