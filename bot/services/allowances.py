"""Who may still spend what: the limits that apply to someone, and how far they are used."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.quotas import Owner, Policy, Reading
from bot.domain.rules import Claim, Terms
from bot.errors import QuotaExceeded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.domain.requests import Requester
    from bot.domain.rules import Entitlement
    from bot.services.budget_alerts import BudgetAlerts
    from bot.storage.ledger import Ledger


class Allowances:
    """What the operator and the moderators allow, applied to requesters; what is spent is in the ledger.

    Moderators' rules are read with the ledger, in one transaction. `alerts` hears which limits stop people.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        person: Policy,
        server: Policy,
        operator: Policy,
        zone: ZoneInfo,
        alerts: BudgetAlerts | None = None,
    ) -> None:
        self._ledger = ledger
        self._alerts = alerts
        self.terms = Terms(person, server, operator, zone)

    def claim(self, who: Requester, *, is_personal: bool = True) -> Claim:
        """Return whose limits hold; without `is_personal` the server's and the operator's alone."""
        return Claim(self.terms, who.user_id, who.guild_id, who.role_ids, is_personal)

    @asynccontextmanager
    async def claimed(
        self, who: Requester, now: datetime, *, is_personal: bool = True
    ) -> AsyncGenerator[Claim]:
        """Yield the claim under which something is held; moderators hear of a budget that stops somebody."""
        try:
            yield self.claim(who, is_personal=is_personal)
        except QuotaExceeded as error:
            if self._alerts is not None:
                await self._alerts.stopped(error.limit, now)
            raise

    async def readings(self, who: Requester, now: datetime) -> tuple[Reading, ...]:
        """Return the limits a requester may know of, with what is used of each: theirs and the server's."""
        return (await self.entitlement(who, now)).readings

    async def entitlement(self, who: Requester, now: datetime) -> Entitlement:
        """Return what a requester may know of what they may use, and of who said so."""
        found = await self._ledger.entitlement(self.claim(who), now)
        shown = tuple(one for one in found.readings if one.limit.owner is not Owner.OPERATOR)
        return replace(found, readings=shown)
