"""Prompts that stand for several: `{red, blue} fox` is `red fox` and `blue fox`; `1-4` is four seeds."""

from __future__ import annotations

import itertools
import re

from bot.domain.requests import MAX_COUNT, MAX_SEED
from bot.errors import BadInput
from bot.texts import COMMA, narrow, tr

MAX_PROMPTS = 50
"""More than any message shows; whoever wants more wants a batch."""
_GROUP = re.compile(rf"(?<![\\＼])[{{｛]([^{{}}｛｝]*{COMMA.pattern}[^{{}}｛｝]*)[}}｝]")
_ESCAPED = re.compile(r"[\\＼]([{}｛｝])")
_SEEDS = re.compile(r"\s*(\d{1,10})\s*(?:[-–~〜]\s*(\d{1,10})\s*)?")


def permutations(prompt: str) -> tuple[str, ...]:
    r"""Return every prompt that one stands for, in order; itself alone where it has no choice.

    A choice is braces around words with commas between them, full-width ones as well; `\{` and `\}` are
    braces. Equal prompts count once. Raise BadInput where there are more than MAX_PROMPTS.
    """
    pieces = _GROUP.split(prompt)
    choices = [
        [option.strip() for option in COMMA.split(piece)] if place % 2 else [piece]
        for place, piece in enumerate(pieces)
    ]
    count = 1
    for options in choices:
        count *= len(options)
        if count > MAX_PROMPTS:
            raise BadInput(
                tr(
                    "This prompt stands for more than {most} others. Leave some choices out, or write "
                    r"\{{ and \}} for braces that are part of the picture.",
                    most=MAX_PROMPTS,
                )
            )
    if count == 1:
        return (prompt,)
    found = (_tidied("".join(chosen)) for chosen in itertools.product(*choices))
    return tuple(dict.fromkeys(found))


def seeds(text: str) -> tuple[int, ...]:
    """Return the seeds of a list such as `7, 9` or a range such as `1-4`; BadInput where it is neither.

    It may be written full-width as well: `７、９`, `１～４`.
    """
    found: list[int] = []
    for part in narrow(text).replace("、", ",").split(","):
        match = _SEEDS.fullmatch(part)
        if match is None:
            raise BadInput(
                tr(
                    "“{text}” is no list of seeds. Write numbers like 7, 9 or a range like 1-4.",
                    text=text[:60],
                )
            )
        first = int(match[1])
        last = int(match[2] or first)
        if last < first:
            raise BadInput(
                tr(
                    "The seeds {first}-{last} run backwards. Write the smaller number first.",
                    first=first,
                    last=last,
                )
            )
        if last > MAX_SEED:
            raise BadInput(tr("The largest seed is {most}.", most=MAX_SEED))
        found += range(first, min(last, first + MAX_COUNT) + 1)
        if len(found) > MAX_COUNT:
            raise BadInput(tr("At most {most} seeds can be drawn at once. Leave some out.", most=MAX_COUNT))
    return tuple(dict.fromkeys(found))


def _tidied(prompt: str) -> str:
    """Take out the double spaces that an empty choice leaves, and read escaped braces."""
    return _ESCAPED.sub(r"\1", re.sub(r" {2,}", " ", prompt)).strip()
