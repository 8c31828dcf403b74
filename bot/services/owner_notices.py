"""Tells owners of servers what cannot wait, where no log channel does: money that runs out, and raids."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.storage.audit import Audit, AuditLine
    from bot.storage.meta import Meta

ALERTS = ("budget.alert", "safety.raid_began")
CURSOR = "owners_told"
NEWS = timedelta(hours=1)
MOST = 20
"""Owners told in one round; where a crowd has more, they are told in the next."""


class Bell(Protocol):
    """Reaches owners."""

    async def ring(self, line: AuditLine) -> bool:
        """Tell the owner of a line's server by a direct message; False where that cannot be."""
        ...


class OwnerNotices:
    """Looks for alerts in the audit; how far it has told them is in the database.

    One that cannot be delivered is in `/manage audit` all the same, and is not tried again. Nor is one told
    that is older than NEWS.
    """

    def __init__(self, audit: Audit, meta: Meta, bell: Bell, clock: Callable[[], datetime]) -> None:
        self._audit = audit
        self._meta = meta
        self._bell = bell
        self._clock = clock

    async def tell_new(self) -> int:
        """Tell what is new, and return how many owners heard."""
        after, since, heard = int(await self._meta.get(CURSOR) or 0), self._clock() - NEWS, 0
        for line in await self._audit.unlogged(ALERTS, after=after, since=since, count=MOST):
            await self._meta.set(CURSOR, str(line.id))  # rather not told than told twice
            heard += await self._bell.ring(line)
        return heard
