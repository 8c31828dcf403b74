"""An answer on its page: what it shows of itself, and what can be pressed below it."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import discord

from bot.domain.conversation import Manner
from bot.domain.spoilers import SPOILER
from bot.domain.words import Detail, Effort
from bot.texts import mark, tr
from bot.ui.citations import cited
from bot.ui.explain import told
from bot.ui.press import ActButton
from bot.ui.scribe import Scribe
from bot.ui.text import plain

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Sequence

    from bot.domain.citations import Source
    from bot.ui.pages import Place

STOP, AGAIN, REASONING, ANYWAY = "stop", "retell", "reasoning", "anyway"
ANEW = "anew"
"""Stands for a question that was answered before: whoever wants it again agrees for themselves."""
USUAL = "usual"
"""Stands for an effort that nobody chose."""
REASONING_SHOWN = 1800
AGREED = mark("-# 💸 The price was agreed to; what came of it follows.")
"""What a question about a price says once it is answered."""


class Answer:
    """The page of a conversation, on a scribe."""

    def __init__(
        self, scribe: Scribe, turn_id: int, *, private: bool = False, anew: bool = False, covers: bool = False
    ) -> None:
        self._scribe = scribe
        self._turn_id = turn_id
        self._private = private
        self._anew = anew
        self._covers = covers

    async def hear(self, words: str) -> None:
        """Take words; return at once."""
        await self._scribe.hear(words)

    def held_up(self, seconds: float) -> None:
        """Say for how long a busy model is waited for, where nothing came yet; 0 once it is not any more."""
        self._scribe.held_up(seconds)

    def carried(self) -> tuple[int, ...]:
        """Return the messages that show something of the answer already."""
        return self._scribe.carried()

    def taken(self, message_ids: Collection[int]) -> bool:
        """Tell whether one of these messages shows the answer; then they are gone, and it shows no more."""
        return self._scribe.taken(message_ids)

    def vanish(self) -> None:
        """Show nothing of the answer any more, and let its end take away what is shown."""
        self._scribe.vanish()

    def leave(self) -> None:
        """Write no end: the next start gives the answer, and takes away what is shown of it."""
        self._scribe.leave()

    async def finish(
        self,
        text: str,
        *,
        notes: Sequence[str],
        reasoned: bool,
        pictures: Sequence[tuple[str, bytes]] = (),
        sources: Sequence[Source] = (),
        remarks: Sequence[str] = (),
    ) -> tuple[int, ...]:
        """Show the whole answer, with its sources and its notes, and return the messages that carry it."""
        files = [
            discord.File(io.BytesIO(data), name, spoiler=self._covers or name.startswith(SPOILER))
            for name, data in pictures
        ]
        return await self._scribe.finish(
            text,
            notes=_quiet(remarks, notes),
            buttons=self._below(reasoned=reasoned),
            files=files,
            below=cited(sources),
        )

    async def amend(
        self,
        text: str,
        *,
        notes: Sequence[str],
        reasoned: bool,
        sources: Sequence[Source] = (),
        remarks: Sequence[str] = (),
    ) -> None:
        """Let a finished answer show other notes, where it still stands."""
        buttons = self._below(reasoned=reasoned)
        await self._scribe.amend(text, notes=_quiet(remarks, notes), buttons=buttons, below=cited(sources))

    async def ask(self, sentence: str, manner: Manner) -> None:
        """Ask whether to go on at a price: privately, where there is such a way."""
        about = (manner.detail.value, manner.effort.value if manner.effort else USUAL, int(self._private))
        about += (ANEW,) if self._anew else ()
        button = ActButton(ANYWAY, self._turn_id, *about, label=tr("Send anyway"), emoji="💸")
        await self._scribe.fail("", sentence, buttons=[button])

    async def fail(self, text: str, sentence: str) -> tuple[int, ...]:
        """Keep what came, say what happened, and return the messages that carry it."""
        return await self._scribe.fail(text, sentence, buttons=[self._again(tr("Try again"))])

    def _below(self, *, reasoned: bool) -> list[ActButton]:
        buttons = [self._again(tr("Again"))]
        if reasoned:
            buttons.append(ActButton(REASONING, self._turn_id, label=tr("Reasoning"), emoji="💭"))
        return buttons

    def _again(self, label: str) -> ActButton:
        return ActButton(AGAIN, self._turn_id, label=label, emoji="🔁")


def _quiet(remarks: Sequence[str], notes: Sequence[str]) -> list[str]:
    """Return the quiet lines below an answer: sentences each on its own, notes on one."""
    return [*remarks, " · ".join(notes)] if notes else [*remarks]


def agreed_manner(arguments: Sequence[str]) -> tuple[Manner, bool]:
    """Return how an answer was wished for that was asked about, and whether it is private."""
    detail, effort, private = (*arguments[1:], *("",) * 3)[:3]
    return Manner(
        detail=Detail(detail) if detail in set(Detail) else Detail.LOW,
        effort=Effort(effort) if effort in set(Effort) else None,
    ), private == "1"


def is_anew(arguments: Sequence[str]) -> bool:
    """Tell whether the price of another answer was asked about, and not that of the first."""
    return ANEW in arguments[4:]


@asynccontextmanager
async def written(place: Place, key: int | None = None, head: str = "") -> AsyncGenerator[Scribe]:
    """Yield a scribe for one answer; what goes wrong is written too, and nothing is left half written.

    With a key, the answer can be stopped by it. The head stands above it.
    """
    scribe = Scribe(place, stop=key, head=head)
    try:
        async with told(lambda sentence: scribe.fail("", sentence), in_private=place.hushes):
            yield scribe
    finally:
        await scribe.aclose()


def reasoning(text: str) -> tuple[str, list[discord.File]]:
    """Return a model's reasoning as a message: as a file where it is long."""
    if len(shown := plain(text, 2 * len(text))) <= REASONING_SHOWN:
        return shown, []
    return tr("The reasoning is long; here it is as a file."), [
        discord.File(io.BytesIO(text.encode()), "reasoning.txt")
    ]
