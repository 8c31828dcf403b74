"""What people were told lately, so that nobody is told the same again and again where others read along."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import TurnedAway

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.requests import Requester
    from bot.errors import UserFacingError

LATELY = timedelta(minutes=10)
MOST_HERE = 10
"""Sentences of one channel in that time: to a crowd that floods it, more would be a flood of its own."""
MOST = 10_000
"""Sentences that are remembered; the oldest are forgotten first, and would be said again."""

_TIME = re.compile(r"<t:\d+(?::\w)?>")


class Repetition:
    """Knows what was said to whom, and where. It is kept in memory alone: a restart may say it once more."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._said: OrderedDict[tuple[int, int, str], datetime] = OrderedDict()
        self._here: OrderedDict[int, deque[datetime]] = OrderedDict()

    def is_news(self, who: Requester, error: UserFacingError) -> bool:
        """Tell whether somebody is to be told in a channel what turns them away; from now on they were.

        They are not where they were told it lately, whatever times it names, nor where too many others were.
        A rule that was set anew since is news.
        """
        key, now = (who.user_id, who.channel_id, _TIME.sub("", str(error))), self._clock()
        said_at = self._said.get(key)
        since = error.since if isinstance(error, TurnedAway) else None
        if said_at is not None and now - said_at < LATELY and (since is None or since <= said_at):
            return False
        here = self._here.setdefault(who.channel_id, deque(maxlen=MOST_HERE))
        if len(here) == MOST_HERE and now - here[0] < LATELY:
            return False
        here.append(now)
        self._said[key] = now
        self._said.move_to_end(key)
        self._here.move_to_end(who.channel_id)
        while len(self._said) > MOST:
            self._said.popitem(last=False)
        while len(self._here) > MOST:
            self._here.popitem(last=False)
        return True
