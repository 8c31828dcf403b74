"""What moderators decide with, built over what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.chores import Chore, every
from bot.app.resources import now
from bot.charts.figures import Charts
from bot.domain.rules import zone_of
from bot.services.allowances import Allowances
from bot.services.authority import Authority
from bot.services.budget_alerts import ZONE, BudgetAlerts
from bot.services.door import Door
from bot.services.purse import Purse
from bot.services.usage import UsageDesk
from bot.storage.audit import Audit
from bot.storage.budget_alerts import BudgetAlerts as AlertRows
from bot.storage.grants import Grants
from bot.storage.ledger import Ledger
from bot.storage.policies import Policies
from bot.storage.server_settings import ServerSettings
from bot.storage.usage import UsageRows

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.app.resources import Resources
    from bot.settings import Settings

ALERTS_S = 60.0
"""How often budgets are looked at; one that stops somebody is told of at once."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who may administer, and what was decided."""

    authority: Authority
    settings: ServerSettings
    audit: Audit
    policies: Policies
    allowances: Allowances
    door: Door
    usage: UsageDesk
    charts: Charts
    purse: Purse
    alerts: BudgetAlerts

    def chores(self) -> tuple[Chore, ...]:
        """Return what is done beside serving."""
        return (Chore("budgets", self.alerts.check, every(ALERTS_S)),)


def build_desk(settings: Settings, resources: Resources) -> Desk:
    """Build it for one process."""
    ledger, server_settings = Ledger(resources.database), ServerSettings(resources.database)
    authority, policies = Authority(), Policies(resources.database)
    alerts = BudgetAlerts(
        ledger=ledger,
        settings=server_settings,
        rows=AlertRows(resources.database),
        zone=settings.zone,
        clock=now,
    )
    allowances = Allowances(
        ledger,
        person=settings.default_policy,
        server=settings.server_policy,
        operator=settings.operator_policy,
        zone=settings.zone,
        alerts=alerts,
    )
    purse = Purse(
        authority=authority,
        policies=policies,
        grants=Grants(resources.database),
        settings=server_settings,
        ledger=ledger,
        allowances=allowances,
        clock=now,
    )

    async def zone(guild_id: int) -> ZoneInfo:
        return zone_of((await server_settings.of(guild_id)).get(ZONE), settings.zone)

    return Desk(
        authority=authority,
        settings=server_settings,
        audit=Audit(resources.database),
        policies=policies,
        allowances=allowances,
        door=Door(),
        usage=UsageDesk(UsageRows(resources.database), allowances, zone, now),
        charts=Charts(resources.database.folder / "charts"),
        purse=purse,
        alerts=alerts,
    )
