"""A page for answers in words that is written on nowhere."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.citations import Source
    from bot.domain.conversation import Manner


@dataclass
class Sheet:
    """A page that is written on nowhere."""

    ids: tuple[int, ...] = ()
    heard: list[str] = field(default_factory=list)
    text: str = ""
    notes: tuple[str, ...] = ()
    notes_before: tuple[str, ...] = ()
    reasoned: bool = False
    sorry: str = ""
    asked: str = ""
    sources: tuple[Source, ...] = ()
    remarks: tuple[str, ...] = ()
    manner: Manner | None = None
    pictures: tuple[tuple[str, bytes], ...] = ()
    held_up_s: list[float] = field(default_factory=list)
    written: asyncio.Event = field(default_factory=asyncio.Event)
    breaks: BaseException | None = None
    is_taken: bool = False
    is_left: bool = False

    async def hear(self, words):
        self.heard.append(words)
        self.written.set()

    def carried(self):
        return ()

    def held_up(self, seconds):
        self.held_up_s.append(seconds)

    def vanish(self):
        self.is_taken = True

    def leave(self):
        self.is_left = True

    def taken(self, message_ids):
        self.is_taken = self.is_taken or not set(self.ids).isdisjoint(message_ids)
        return self.is_taken

    async def finish(self, text, *, notes, reasoned, pictures=(), sources=(), remarks=()):
        self.sources, self.remarks = tuple(sources), tuple(remarks)
        if self.breaks is not None:
            raise self.breaks
        self.text, self.notes, self.reasoned = text, tuple(notes), reasoned
        self.pictures = tuple(pictures)
        return self.ids

    async def amend(self, text, *, notes, reasoned, **more):
        self.text, self.notes_before, self.notes, self.reasoned = text, self.notes, tuple(notes), reasoned
        assert more == {"sources": self.sources, "remarks": self.remarks}

    async def ask(self, sentence, manner):
        self.asked, self.manner = sentence, manner

    async def fail(self, text, sentence):
        self.text, self.sorry = text, sentence
        return self.ids
