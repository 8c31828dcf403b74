"""What an answer in words is written on; Discord's side of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.domain.citations import Source
    from bot.domain.conversation import Manner

    Shown = tuple[str, bytes]
    """A file by its name."""


class Page(Protocol):
    """Where an answer is written while it comes."""

    async def hear(self, words: str) -> None:
        """Take words; it never waits for Discord."""
        ...

    def held_up(self, seconds: float) -> None:
        """Say for how long a busy model is waited for, where nothing came yet; 0 once it is not any more."""
        ...

    def carried(self) -> tuple[int, ...]:
        """Return the messages that show something of the answer already."""
        ...

    def taken(self, message_ids: Collection[int]) -> bool:
        """Tell whether one of these messages shows the answer; then they are gone, and it shows no more."""
        ...

    def vanish(self) -> None:
        """Show nothing of the answer any more, and let its end take away what is shown."""
        ...

    def leave(self) -> None:
        """Write no end: the next start gives the answer, and takes away what is shown of it."""
        ...

    async def finish(
        self,
        text: str,
        *,
        notes: Sequence[str],
        reasoned: bool,
        pictures: Sequence[Shown] = (),
        sources: Sequence[Source] = (),
        remarks: Sequence[str] = (),
    ) -> tuple[int, ...]:
        """Show the whole answer, its pictures and sources, and return the messages that carry it.

        `remarks` are whole sentences, `notes` words of one line.
        """
        ...

    async def amend(
        self,
        text: str,
        *,
        notes: Sequence[str],
        reasoned: bool,
        sources: Sequence[Source] = (),
        remarks: Sequence[str] = (),
    ) -> None:
        """Let the whole answer show other notes, where it still stands."""
        ...

    async def ask(self, sentence: str, manner: Manner) -> None:
        """Ask whether to go on at a price; whoever does says `Chat.agreed`."""
        ...

    async def fail(self, text: str, sentence: str) -> tuple[int, ...]:
        """Keep what came, say what happened, and return the messages that carry it."""
        ...
