"""An answer's sources below it: numbered, quiet, and harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.texts import isolated, tr, trn
from bot.ui.laying import BELOW
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.citations import Source

MOST = 8
"""Sources that are shown; the export of a conversation has all of them."""
MOST_TITLE, MOST_HOST, MOST_URL = 70, 50, 400
ROOM = BELOW - 60
"""What a head and a line that says how many are left out leave of the room below an answer."""
BRACKETS = str.maketrans("[]<>", "()()")


def cited(sources: Sequence[Source]) -> list[str]:
    """Return the lines that name an answer's sources; none where it has none."""
    lines: list[str] = []
    for number, source in enumerate(sources[:MOST], start=1):
        line = f"{number}. {_named(source)}"
        if sum(map(len, lines)) + len(lines) + len(line) > ROOM:
            break
        lines.append(line)
    left = len(sources) - len(lines)
    more = [trn("{count} more", "{count} more", left)] if left else []
    return [tr("Sources:"), *lines, *more] if sources else []


def _named(source: Source) -> str:
    """Return a page's title, as a link that does not unfurl where it is short enough, and its host."""
    host = plain(source.host, MOST_HOST)
    title = " ".join(plain(source.title.translate(BRACKETS), MOST_TITLE).split()) or host
    linked = f"[{isolated(title)}](<{source.url}>)" if len(source.url) <= MOST_URL else isolated(title)
    return linked if title == host else f"{linked} · {host}"
