"""What somebody wrote in a form, kept in the id of the button that shows the form again."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from bot.ui.press import act_id

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ID = 100
"""Characters of an id (Discord's limit)."""


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
