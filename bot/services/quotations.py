"""Follows what becomes of messages that turns quote: their edits, with the files that hang on them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.conversation import Turn
    from bot.domain.quotations import Edition
    from bot.services.meanwhile import Meanwhile
    from bot.storage.blobs import Blobs
    from bot.storage.quotations import Quotations as Rows
    from bot.storage.turns import Turns


class Quotations:
    """Lets what is quoted say what its message says now."""

    def __init__(
        self,
        *,
        rows: Rows,
        turns: Turns,
        blobs: Blobs,
        meanwhile: Meanwhile,
        may_say: Callable[[Turn, str], Awaitable[bool]],
    ) -> None:
        self._rows = rows
        self._turns = turns
        self._blobs = blobs
        self._meanwhile = meanwhile
        self._may_say = may_say

    async def edited(self, edition: Edition) -> None:
        """Follow the edit of a message, wherever it is quoted; words that may not be said are left out."""
        self._meanwhile.note(edition.message_id, partial(self.edited, edition))
        quoting = await self._rows.quoting(edition.message_id)
        if not quoting:
            return
        if edition.text and not await self._may_be_quoted(edition, quoting[0]):
            edition = replace(edition, text="")
        await self._blobs.let_go(await self._rows.renew(edition))

    async def _may_be_quoted(self, edition: Edition, turn_id: int | None) -> bool:
        turn = None if turn_id is None else await self._turns.get(turn_id, edition.channel_id)
        return turn is None or await self._may_say(turn, edition.text)
