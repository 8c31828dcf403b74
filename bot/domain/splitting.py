"""How a text in Discord's markdown is cut into messages, the same whether it is whole or still being written.

Promised for every text, prefix of it and limit: all parts but the last of `split(prefix)` are the first parts
of `split(text)`. A message that has another one after it is finished, and needs no edit. That holds because
where a part ends is decided by its own first `limit` characters alone, and only once they are there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex

LIMIT = 2000
"""Characters of a message; Discord counts code points, as Python does (discord-api-docs issue 1315)."""
LEAST = 100
"""The lowest limit that leaves room for fences around code."""
FENCE, CLOSING = "```", "\n```"
OPENING = re.compile(r"^[ \t]*```([^\s`]{0,20})(?:[ \t][^\n`]{0,20})?\n", re.MULTILINE)
HALF_OPENED = re.compile(r"(?:^|\n)[ \t]*```[^\s`]{0,20}(?:[ \t][^\n`]{0,20})?\n?\s*\Z")
WHOLE = re.compile(
    r"""<(?:[@\#a:t][\w:&!-]{0,60})?(?:>|\Z)                # a mention, an emoji of a server, a moment
    | \[[^\[\]\n]{1,300}(?:\](?:\([^\s)]*\)?)?|\Z)         # a link with its words, even half of it
    | <?https?://\S*
    | <?h(?:t(?:tp?s?:?/?)?)?\Z
    | `[^`\n]{1,200}(?:`|\Z)""",
    re.VERBOSE,
)
"""What is of one piece, whole or cut short by the end of what is looked at."""
PARAGRAPH = re.compile(r"\n[ \t]*\n")
SENTENCE = re.compile(r"(?<=[.!?…:])(?=\s)|(?<=[.!?…][\"'”’)*_])(?=\s)|(?<=[。！？])")
SPACE = re.compile(r"\s+")
HEADING = re.compile(r"[ \t]*(?:#{1,3}|-#) ")
ROW = re.compile(r"[ \t]*(?:[-*+|>]|\d{1,3}[.)])")
"""The beginning of a line of a list, a table or a quotation."""
JOINING = regex.compile(r"[\p{M}\u200d\p{Emoji_Modifier}\U000e0020-\U000e007f]")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block: where it begins, its code and its end, as offsets; `end` is None while it is open."""

    start: int
    code: int
    end: int | None
    language: str


def split(text: str, limit: int = LIMIT) -> tuple[str, ...]:
    """Return text as parts of at most `limit` characters, none of them blank, cut where it hurts least.

    A code block that fits into one part is never cut; of a longer one every part is a block of its
    language. Whitespace around a part is left out, as Discord does.
    """
    if limit < LEAST:
        raise ValueError(f"a limit below {LEAST} leaves no room")
    parts: list[str] = []
    rest = text.strip()
    while rest:
        if (last := _as_last(rest, limit)) is not None:
            parts.append(last)
            break
        part, rest = _first(rest, limit)
        parts.append(part)
    return tuple(part for part in parts if part and not _is_hollow(part))


def _as_last(rest: str, limit: int) -> str | None:
    """Return all that is left as one part, its code closed; None where it is, or must become, longer."""
    if len(rest) > limit:
        return None
    blocks = _blocks(rest, limit)
    ended = 0
    if not blocks or (ended := blocks[-1].end) is not None:
        return rest[:ended] + HALF_OPENED.sub("", rest[ended:]).rstrip()
    block = blocks[-1]
    code = rest[block.code :]
    whole = code.rstrip("`")  # the fence that closes it may be half here
    length = block.code + len(whole)
    if length + len(FENCE) > limit:
        return None
    if not whole.strip():
        return rest[: block.start].rstrip()
    room = length + len(CLOSING) <= limit and not whole.endswith("\n")
    return rest[:length] + (CLOSING if room else FENCE)


def _first(rest: str, limit: int) -> tuple[str, str]:
    """Return the first part of what does not fit into one, and what comes after it."""
    blocks = _blocks(rest, limit)
    opened = next((block for block in blocks if block.end is None), None)
    if opened is not None and not rest[: opened.start].strip():
        return _first_of_code(rest, opened, limit)
    border = opened.start if opened is not None else _border(rest[: limit + 1], blocks, limit)
    return rest[:border].rstrip(), rest[border:].lstrip()


def _first_of_code(rest: str, block: Block, limit: int) -> tuple[str, str]:
    """Cut a block that is longer than a part, at a line where there is one, and open it again."""
    fence, again = rest[block.start : block.code], f"{FENCE}{block.language}\n"
    room = limit - len(CLOSING)
    border = rest.rfind("\n", block.code, room + 1)
    after = border + 1
    if border <= block.code:
        border = after = _last_whole(rest[: room + 1], room, block.code)
    code, closing, beyond = rest[after:].partition(FENCE)
    more = again + code + closing + beyond if code.strip() else beyond.lstrip()
    shown = rest[block.code : border]
    return (fence + shown + CLOSING if shown.strip() else ""), more


def _blocks(rest: str, limit: int) -> list[Block]:
    """Return the code blocks that begin within a part; one that does not end within it counts as open."""
    blocks: list[Block] = []
    position = 0
    while opening := OPENING.search(rest, position, limit + 1):
        closing = rest.find(FENCE, opening.end(), limit)
        end = None if closing < 0 else closing + len(FENCE)
        blocks.append(Block(opening.start(), opening.end(), end, opening[1]))
        if end is None:
            break
        position = end
    return blocks


def _border(window: str, blocks: list[Block], limit: int) -> int:
    """Return where a part of prose ends: no later than `limit`, inside nothing that is of one piece."""
    spans = [(block.start, block.end) for block in blocks if block.end is not None]
    edges = [edge for span in spans for edge in span if 0 < edge <= limit]
    pieces = spans + [(found.start(), found.end()) for found in WHOLE.finditer(window)]

    def last(borders: list[int], least: float) -> int | None:
        fit = (one for one in borders if least <= one <= limit and _is_free(one, pieces))
        return max(fit, default=None)

    lines = [found.start() for found in re.finditer("\n", window) if not _ends_heading(window, found.start())]
    paragraphs = [found.start() for found in PARAGRAPH.finditer(window)]
    paragraphs = [one for one in paragraphs if not _ends_heading(window, one)] + edges
    line = window[window.rfind("\n", 0, limit) + 1 :]
    spaces = [found.start() for found in SPACE.finditer(window) if not _joins(window, found.end())]
    sentences = [found.start() for found in SENTENCE.finditer(window) if not _joins(window, found.start())]
    for borders, least in (
        (paragraphs, limit / 2),
        (lines, 1 if ROW.match(line) else limit / 3),
        (sentences, limit / 3),
        (lines + edges, limit / 3),
        (spaces, 1),
    ):
        if (border := last(borders, least)) is not None:
            return border
    return _hard(window, pieces, limit)


def _hard(window: str, pieces: list[tuple[int, int]], limit: int) -> int:
    """Return where a part without a single border ends: before what is of one piece, between graphemes."""
    border = limit
    for start, end in pieces:
        if 0 < start < border < end:
            border = start
    return _last_whole(window, border, 0)


def _last_whole(window: str, border: int, least: int) -> int:
    """Return the last border between two graphemes up to one, or it itself where there is none."""
    whole = [found.start() for found in regex.finditer(r"\X", window) if least < found.start() <= border]
    return whole[-1] if whole else border


def _is_free(border: int, pieces: list[tuple[int, int]]) -> bool:
    return not any(start < border < end for start, end in pieces)


def _ends_heading(window: str, border: int) -> bool:
    return HEADING.match(window, window.rfind("\n", 0, border) + 1) is not None


def _joins(window: str, position: int) -> bool:
    """Tell whether what stands there belongs to the character before it."""
    return JOINING.match(window, position) is not None


def _is_hollow(part: str) -> bool:
    """Tell whether a part is a fence around nothing."""
    return part.startswith(FENCE) and not part.replace("`", "").strip()
