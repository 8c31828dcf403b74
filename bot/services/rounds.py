"""One answer in rounds: the model speaks, calls tools, hears what came of them, and speaks again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.errors import Cancelled
from bot.services.wordsmith import STOPPED

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from bot.domain.calls import PictureBytes
    from bot.domain.words import Annotation, WordsCall, WordsReply
    from bot.services.till import TextSeen
    from bot.services.toolbox import Tools
    from bot.services.wordsmith import Bill

MOST_ROUNDS = 5
"""Times that a model speaks for one answer; the last time it has to do without tools."""
BETWEEN = "\n\n"
"""What stands between words that a model says before and after it uses tools."""


@dataclass(frozen=True, slots=True)
class Within:
    """What all rounds may cost together, and what one of them may."""

    microusd: int
    upper: Callable[[WordsCall], int]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A whole answer: what was said in all rounds, and the reply that each of them brought."""

    text: str
    replies: tuple[WordsReply, ...]
    is_stopped: bool = False
    next_microusd: int | None = None
    """What the next round might have cost, where it was not begun because that was more than agreed."""

    @property
    def last(self) -> WordsReply:
        """Return the reply that the answer ends with."""
        return self.replies[-1]

    @property
    def pictures(self) -> tuple[PictureBytes, ...]:
        """Return what the model drew itself, in all rounds."""
        return tuple(picture for reply in self.replies for picture in reply.pictures)

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Return what was noted in all rounds, each once: one that searches may come before the last."""
        noted = {one.raw: one for reply in self.replies for one in reply.annotations}
        return tuple(noted.values())

    @property
    def is_empty(self) -> bool:
        """Tell whether it came to its end without a word or a picture."""
        return not (self.text.strip() or self.pictures or self.is_stopped or self.next_microusd)

    @property
    def reasoning(self) -> str:
        """Return what the model thought in all rounds."""
        return BETWEEN.join(reply.reasoning for reply in self.replies if reply.reasoning)


async def speak(
    bill: Bill,
    call: WordsCall,
    tools: Tools,
    model: str | None,
    hear: TextSeen,
    stop: asyncio.Event,
    within: Within,
) -> Spoken:
    """Return a model's answer to a call, with the tools that it wants used on the way.

    No round is begun that may bring the price above what is agreed; the last that has room for no other
    has to do without tools, so that it says something.
    """
    replies: list[WordsReply] = []
    for left in reversed(range(MOST_ROUNDS)):
        upper = within.upper(call)
        if replies and bill.upper_microusd + upper > within.microusd:
            return Spoken(_said(replies), tuple(replies), next_microusd=upper)
        is_last = not left or (bool(replies) and bill.upper_microusd + 2 * upper > within.microusd)
        if is_last and call.tools:
            call = replace(call, tool_choice="none")
        try:
            reply = await bill.answer(call, model=model, on_text=_apart(hear, replies), stop=stop)
        except Cancelled:
            if not _said(replies):
                raise
            return Spoken(_said(replies), tuple(replies), is_stopped=True)
        replies.append(reply)
        if not reply.tool_calls or not call.tools or is_last or stop.is_set():
            break
        results = await tools.use(reply.tool_calls)
        call = replace(call, messages=(*call.messages, reply.message(), *results))
    return Spoken(_said(replies), tuple(replies), is_stopped=replies[-1].finish_reason == STOPPED)


def _said(replies: list[WordsReply]) -> str:
    return BETWEEN.join(reply.text for reply in replies if reply.text)


def _apart(hear: TextSeen, before: list[WordsReply]) -> TextSeen:
    """Set the words of a round apart from those of the rounds before."""
    is_begun = not _said(before)

    async def hear_apart(words: str) -> None:
        nonlocal is_begun
        if not is_begun and words:
            is_begun = True
            await hear(BETWEEN)
        await hear(words)

    return hear_apart
