"""Tells moderators, once each, that most or all of their server's budget is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.quotas import Owner
from bot.domain.rules import budget_limit, zone_of
from bot.storage.audit import AuditLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.domain.quotas import Limit
    from bot.storage.budget_alerts import BudgetAlerts as Rows
    from bot.storage.ledger import Ledger
    from bot.storage.server_settings import ServerSettings

BUDGET, ALERT, ZONE = "budget", "budget_alert", "zone"
"""The names of a server's settings: micro-dollars a month, the percentage of the alert, the time zone."""
ALERT_PERCENT = 80
"""Where moderators choose no other."""
ALL = 100
EASEL = 0
"""The actor of what Easel does by itself."""
ACTION = "budget.alert"


class BudgetAlerts:
    """Compares what servers spent with their budgets. An alert is a line in the audit, by nobody."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        settings: ServerSettings,
        rows: Rows,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._rows = rows
        self._zone = zone
        self._clock = clock

    async def stopped(self, limit: Limit, now: datetime) -> None:
        """Tell that a server's limit stopped somebody, where it is one and most of it is used.

        What is left is too little then. That somebody asks for more than all of it is no news.
        """
        if limit.owner is not Owner.SERVER or not limit.meter.is_money:
            return
        chosen = await self._settings.of(limit.guild_id)
        spent, held = await self._ledger.settled(limit)
        if (spent + held) * 100 >= limit.cap * int(chosen.get(ALERT, ALERT_PERCENT)):
            await self._give(limit, ALL, spent, now, zone_of(chosen.get(ZONE), self._zone))

    async def check(self) -> int:
        """Look at every server that has a budget, and return how many alerts that gave."""
        now, given = self._clock(), 0
        zones, percents = await self._chosen(ZONE), await self._chosen(ALERT)
        for guild_id, budget in (await self._chosen(BUDGET)).items():
            zone = zone_of(zones.get(guild_id), self._zone)
            limit = budget_limit(guild_id, int(budget), now, zone)
            percent = int(percents.get(guild_id, ALERT_PERCENT))
            given += await self._compare(limit, percent, now, zone)
        return given

    async def _compare(self, limit: Limit, percent: int, now: datetime, zone: ZoneInfo) -> bool:
        spent, _ = await self._ledger.settled(limit)
        for reached in (ALL, percent):
            if limit.cap and spent * 100 >= limit.cap * reached:
                return await self._give(limit, reached, spent, now, zone)
        return False

    async def _give(self, limit: Limit, percent: int, spent: int, now: datetime, zone: ZoneInfo) -> bool:
        month = f"{limit.window.starts_at.astimezone(zone):%Y-%m}"
        detail = {"percent": percent, "spent_microusd": spent, "budget_microusd": limit.cap, "month": month}
        line = AuditLine(limit.guild_id, EASEL, ACTION, "budget", detail, now)
        return await self._rows.give(month, limit.cap, percent, line)

    async def _chosen(self, name: str) -> dict[int, str]:
        return dict(await self._settings.servers_with(name))
