"""What people were told lately, so that nobody is told the same again and again where others read along."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.requests import Requester

LATELY = timedelta(minutes=10)
MOST = 10_000
"""Sentences that are remembered; the oldest are forgotten first, and would be said again."""


class Repetition:
    """Knows what was said to whom, and where. It is kept in memory alone: a restart may say it once more."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._said: OrderedDict[tuple[int, int, str], datetime] = OrderedDict()

    def is_news(self, who: Requester, sentence: str) -> bool:
        """Tell whether somebody was not told a sentence in a channel lately; from now on they were."""
        key, now = (who.user_id, who.channel_id, sentence), self._clock()
        said_at = self._said.get(key)
        if said_at is not None and now - said_at < LATELY:
            return False
        self._said[key] = now
        self._said.move_to_end(key)
        while len(self._said) > MOST:
            self._said.popitem(last=False)
        return True
