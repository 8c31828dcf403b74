"""What was deleted of a conversation while nobody told Easel of it, found before the model is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.results import Card

if TYPE_CHECKING:
    from bot.domain.conversation import Turn
    from bot.services.whereabouts import Whereabouts
    from bot.storage.turn_messages import TurnMessages

MOST_LOOKS = 40
"""Messages that are looked at for one answer, the newest first; the next answer looks further back."""
PATIENCE_S = 3.0
"""The most that an answer waits for the looks; what was not looked at counts as there."""


class Vanished:
    """Finds messages that are gone, by one look for each message and session: of the rest Easel hears."""

    def __init__(self, messages: TurnMessages, whereabouts: Whereabouts) -> None:
        self._messages = messages
        self._whereabouts = whereabouts

    async def of(self, turn: Turn) -> tuple[int, ...]:
        """Return which messages are gone of those that lead to a turn or are quoted there.

        Nobody else sees a private turn's messages, and nobody can look at them.
        """
        if turn.private:
            return ()
        before = self._whereabouts.began_at
        known = await self._messages.leading_to(turn, before)
        unsure = self._whereabouts.unsure(Card(turn.channel_id, message_id) for message_id in known)
        return tuple(sorted(await self._whereabouts.gone(unsure[:MOST_LOOKS], PATIENCE_S)))
