"""What moderators decide with, built over what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.chores import Chore, every, nightly
from bot.app.resources import now
from bot.services.access import Access
from bot.services.allowances import Allowances
from bot.services.authority import Authority
from bot.services.door import Door
from bot.services.log_follower import LogFollower
from bot.services.logbook import Logbook
from bot.storage.access import AccessRows
from bot.storage.audit import Audit
from bot.storage.ledger import Ledger
from bot.storage.log_channels import LogChannels
from bot.storage.policies import Policies
from bot.storage.server_settings import ServerSettings

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.app.resources import Resources
    from bot.services.authority import ServerOverrides
    from bot.services.log_follower import Poster
    from bot.settings import Settings

LOG_S = 2.0
"""How often it is looked for lines that log channels lack; Discord takes five messages in five seconds."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who may administer, and what was decided."""

    authority: Authority
    settings: ServerSettings
    audit: Audit
    policies: Policies
    allowances: Allowances
    access_rows: AccessRows
    access: Access
    logbook: Logbook
    log_follower: LogFollower
    zone: ZoneInfo
    door: Door

    def chores(self) -> tuple[Chore, ...]:
        """Return what is done beside serving."""

        async def forget_bans() -> None:
            await self.access_rows.forget_ended(now())

        return (
            Chore("log channels", self.log_follower.post_new, every(LOG_S)),
            Chore("audit", self.logbook.expire, nightly(now, self.zone)),
            Chore("bans", forget_bans, nightly(now, self.zone)),
        )


def build_desk(settings: Settings, resources: Resources, overrides: ServerOverrides, poster: Poster) -> Desk:
    """Build it for one process."""
    authority = Authority(overrides)
    chosen, audit = ServerSettings(resources.database), Audit(resources.database)
    access_rows, log_channels = AccessRows(resources.database), LogChannels(resources.database)
    access = Access(access_rows, chosen, authority, now)
    return Desk(
        authority=authority,
        settings=chosen,
        audit=audit,
        policies=Policies(resources.database),
        allowances=Allowances(
            Ledger(resources.database),
            person=settings.default_policy,
            server=settings.server_policy,
            operator=settings.operator_policy,
            zone=settings.zone,
        ),
        access_rows=access_rows,
        access=access,
        logbook=Logbook(audit=audit, channels=log_channels, settings=chosen, authority=authority, clock=now),
        log_follower=LogFollower(log_channels, poster, now),
        zone=settings.zone,
        door=Door(access.check),
    )
