"""Who may still spend what: the limits that apply to someone, and how far they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.quotas import Limit, Owner, Policy, Reading

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.domain.requests import Requester
    from bot.storage.ledger import Ledger


class Allowances:
    """The operator's policies applied to requesters; spending is always read from the ledger."""

    def __init__(
        self, ledger: Ledger, *, person: Policy, server: Policy, operator: Policy, zone: ZoneInfo
    ) -> None:
        self._ledger = ledger
        self._person = person
        self._server = server
        self._operator = operator
        self._zone = zone

    def limits(self, who: Requester, now: datetime) -> tuple[Limit, ...]:
        """Return every limit that a job of this requester is checked against."""
        return (*self._shown(who, now), *self._operator.limits(Owner.OPERATOR, now, self._zone))

    async def readings(self, who: Requester, now: datetime) -> tuple[Reading, ...]:
        """Return the limits a requester may know of, with what is used of each: theirs and the server's."""
        return await self._ledger.readings(self._shown(who, now))

    def _shown(self, who: Requester, now: datetime) -> tuple[Limit, ...]:
        guild_id = who.guild_id or 0
        person = self._person.limits(Owner.PERSON, now, self._zone, user_id=who.user_id, guild_id=guild_id)
        if not guild_id:
            return person
        return (*person, *self._server.limits(Owner.SERVER, now, self._zone, guild_id=guild_id))
