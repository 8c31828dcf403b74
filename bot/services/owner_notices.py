"""Tells owners of servers what cannot wait, where no log channel does: money that runs out, and raids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.storage.audit import Audit, AuditLine
    from bot.storage.meta import Meta

ALERTS = ("budget.alert", "safety.raid_began")
CURSOR = "owners_told"
MOST = 20
"""Owners told in one round; where a crowd has more, they are told in the next."""


class Bell(Protocol):
    """Reaches owners."""

    async def ring(self, line: AuditLine) -> bool:
        """Tell the owner of a line's server by a direct message; False where that cannot be."""
        ...


class OwnerNotices:
    """Looks for alerts in the audit; how far it has looked is in the database.

    One that cannot be delivered is in `/manage audit` all the same, and is not tried again.
    """

    def __init__(self, audit: Audit, meta: Meta, bell: Bell) -> None:
        self._audit = audit
        self._meta = meta
        self._bell = bell

    async def tell_new(self) -> int:
        """Tell what is new, and return how many owners heard; what was before the first look is old."""
        known = await self._meta.get(CURSOR)
        if known is None:
            await self._meta.set(CURSOR, str(await self._audit.newest()))
            return 0
        heard = 0
        for line in await self._audit.unlogged(ALERTS, after=int(known), count=MOST):
            await self._meta.set(CURSOR, str(line.id))  # rather not told than told twice
            heard += await self._bell.ring(line)
        return heard
