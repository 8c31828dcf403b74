"""Whether cards still stand where they were posted: as Discord tells, or as a look says that it did not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import structlog

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bot.domain.gallery import Find
    from bot.domain.requests import Requester
    from bot.domain.results import Card
    from bot.storage.cards import CardRows

log = structlog.get_logger(__name__)
LOOKS_AT_ONCE = 9
"""Those of a page; Discord takes 50 requests a second of a bot."""
LOOKING_S = 20.0
"""The most that the looks for one answer take together; what was not looked at counts as there."""
MOST_REMEMBERED = 50_000
"""Messages that are known to stand; some megabytes."""
MOST_CHANNELS = 3
"""Channels of a server that are looked at when it appears: most that are missing are archived threads."""


class Sight(Protocol):
    """Looks at channels; Discord's side."""

    async def is_gone(self, channel_id: int, message_id: int) -> bool | None:
        """Tell whether a message was deleted; False where Easel may not look, None where trouble passes."""
        ...

    async def is_closed(self, channel_id: int) -> bool | None:
        """Tell whether a channel or thread was deleted; otherwise as `is_gone`."""
        ...


class Whereabouts:
    """Follows cards, and channels with all their cards, that somebody deletes.

    Such a picture stays in its owner's gallery. What no channel shows any more, nobody else finds. Deletions
    that Discord told nobody of are found when a picture is about to be shown to others, one look for each
    card and session: of the rest Easel hears.
    """

    def __init__(self, rows: CardRows, sight: Sight) -> None:
        self._rows = rows
        self._sight = sight
        self.began_at = 0
        """Of what became of messages from this one on, Discord tells."""
        self._standing: set[int] = set()
        self._looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._channel_looks = asyncio.Semaphore(1)

    def begin(self, began_at: int = 0) -> None:
        """Start anew, at an id: what was deleted since the session before, nobody told of."""
        self.began_at = began_at
        self._standing.clear()

    async def deleted(self, message_ids: Collection[int]) -> None:
        """Follow messages that were deleted: if they were cards, their owners alone find their pictures."""
        if count := await self._rows.lost(message_ids):
            log.info("cards deleted by hand", jobs=count)

    async def closed(self, channel_id: int) -> None:
        """Follow a channel or thread that was deleted, with all the cards in it."""
        if count := await self._rows.closed(channel_id):
            log.info("cards deleted with their channel", channel=channel_id, jobs=count)

    async def compare(self, guild_id: int, present: Collection[int]) -> None:
        """Look for channels of a server that were deleted meanwhile, a few at a time.

        `present` are those that Discord tells of: all channels, and of the threads those under way.
        """
        known = await self._rows.channels(guild_id)
        missing = [channel_id for channel_id in known if channel_id not in present]
        async with self._channel_looks:
            for channel_id in missing[:MOST_CHANNELS]:
                if await self._sight.is_closed(channel_id):
                    await self.closed(channel_id)

    async def standing(self, finds: Sequence[Find], who: Requester) -> tuple[Find, ...]:
        """Return what somebody found without what is not where others would see it; one's own stays."""
        cards = [find.card for find in finds if find.card is not None and find.user_id != who.user_id]
        gone = await self.gone(cards)
        return tuple(find for find in finds if find.card is None or find.card.message_id not in gone)

    def unsure(self, cards: Iterable[Card]) -> tuple[Card, ...]:
        """Return those that nobody has seen standing in this session, each message once."""
        known = {card.message_id: card for card in cards if card.message_id not in self._standing}
        return tuple(known.values())

    async def gone(self, cards: Iterable[Card], patience_s: float | None = None) -> frozenset[int]:
        """Return which messages of these are gone, and follow that; what is not seen in time is there."""
        unsure = self.unsure(cards)
        if not unsure:
            return frozenset()
        looks = [asyncio.create_task(self._looked(card)) for card in unsure]
        try:
            ended, _ = await asyncio.wait(looks, timeout=LOOKING_S if patience_s is None else patience_s)
        finally:
            for look in looks:
                look.cancel()
        gone = frozenset(message_id for look in ended if (message_id := look.result()) is not None)
        if gone:
            await self.deleted(gone)
        return gone

    async def _looked(self, card: Card) -> int | None:
        """Return a message that is gone, None for one that is there or cannot be looked at."""
        async with self._looks:
            is_gone = await self._sight.is_gone(card.channel_id, card.message_id)
        if is_gone:
            return card.message_id
        if is_gone is not None:
            if len(self._standing) >= MOST_REMEMBERED:
                self._standing.clear()
            self._standing.add(card.message_id)
        return None
