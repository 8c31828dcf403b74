"""What moderators decide with, built over what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.resources import now
from bot.charts.figures import Charts
from bot.services.allowances import Allowances
from bot.services.authority import Authority
from bot.services.door import Door
from bot.services.usage import UsageDesk
from bot.storage.audit import Audit
from bot.storage.ledger import Ledger
from bot.storage.policies import Policies
from bot.storage.server_settings import ServerSettings
from bot.storage.usage import UsageRows

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.app.chores import Chore
    from bot.app.resources import Resources
    from bot.settings import Settings


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

    def chores(self) -> tuple[Chore, ...]:
        """Return what is done beside serving."""
        return ()


def build_desk(settings: Settings, resources: Resources) -> Desk:
    """Build it for one process."""
    allowances = Allowances(
        Ledger(resources.database),
        person=settings.default_policy,
        server=settings.server_policy,
        operator=settings.operator_policy,
        zone=settings.zone,
    )

    async def zone_of(_guild_id: int) -> ZoneInfo:
        return settings.zone

    return Desk(
        authority=Authority(),
        settings=ServerSettings(resources.database),
        audit=Audit(resources.database),
        policies=Policies(resources.database),
        allowances=allowances,
        door=Door(),
        usage=UsageDesk(UsageRows(resources.database), allowances, zone_of, now),
        charts=Charts(resources.database.folder / "charts"),
    )
