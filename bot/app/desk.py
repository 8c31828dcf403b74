"""What moderators decide with, built over what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.app.chores import Chore, every
from bot.app.resources import now
from bot.charts.figures import Charts
from bot.domain.moderation import Leniency
from bot.domain.rules import zone_of
from bot.model.backend import Backend
from bot.model.moderation import ModerationModel
from bot.services.access import Access
from bot.services.allowances import Allowances
from bot.services.apart import Apart
from bot.services.authority import Authority
from bot.services.budget_alerts import ZONE, BudgetAlerts
from bot.services.conduct import Conduct
from bot.services.door import Door
from bot.services.glances import Glances
from bot.services.intake import Intake
from bot.services.log_follower import LogFollower
from bot.services.logbook import Logbook
from bot.services.moderation import Moderation, Policy
from bot.services.owner_notices import OwnerNotices
from bot.services.purse import Purse
from bot.services.references import MAX_UPLOAD_BYTES
from bot.services.safety import BlockedWords, read_list
from bot.services.showing import Showings
from bot.services.usage import UsageDesk
from bot.services.watchfulness import Watchfulness
from bot.storage.access import AccessRows
from bot.storage.audit import Audit
from bot.storage.budget_alerts import BudgetAlerts as AlertRows
from bot.storage.conduct import ConductRows
from bot.storage.grants import Grants
from bot.storage.ledger import Ledger
from bot.storage.log_channels import LogChannels
from bot.storage.owner_notices import OwnerNotices as OwnerNoticeRows
from bot.storage.pictures import Pictures
from bot.storage.policies import Policies
from bot.storage.server_settings import ServerSettings
from bot.storage.usage import UsageRows
from bot.storage.verdicts import Verdicts
from bot.transport.download import download

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.app.chores import Nights
    from bot.app.resources import Resources
    from bot.domain.requests import Upload
    from bot.services.authority import ServerOverrides
    from bot.settings import Settings
    from bot.storage.database import Database
    from bot.ui.log_channel import LogPoster
    from bot.ui.owner_bell import OwnerBell

ALERTS_S = 60.0
"""How often budgets are looked at; one that stops somebody is told of at once."""
BREAKS_S = 3600.0
LOG_S = 2.0
"""How often it is looked for lines that log channels lack; Discord takes five messages in five seconds."""
OWNERS_S = 30.0


@dataclass(frozen=True, slots=True)
class Desk:
    """Who may administer, and what was decided."""

    authority: Authority
    settings: ServerSettings
    audit: Audit
    policies: Policies
    allowances: Allowances
    purse: Purse
    alerts: BudgetAlerts
    access_rows: AccessRows
    access: Access
    logbook: Logbook
    log_follower: LogFollower
    owner_notices: OwnerNotices
    usage: UsageDesk
    charts: Charts
    zone: ZoneInfo
    door: Door
    words: BlockedWords
    watchfulness: Watchfulness
    showings: Showings
    conduct: Conduct
    intake: Intake
    moderation: Moderation

    def chores(self, nights: Nights) -> tuple[Chore, ...]:
        """Return what is done beside serving."""

        async def forget_bans() -> None:
            await self.access_rows.forget_ended(now())

        return (
            Chore("budgets", self.alerts.check, every(ALERTS_S)),
            Chore("log channels", self.log_follower.post_new, every(LOG_S)),
            Chore("owners", self.owner_notices.tell_new, every(OWNERS_S)),
            nights.chore("audit", self.logbook.expire),
            Chore("breaks", self.conduct.forget_old, every(BREAKS_S)),
            nights.chore("bans", forget_bans),
        )


def build_desk(
    settings: Settings, resources: Resources, overrides: ServerOverrides, poster: LogPoster, bell: OwnerBell
) -> Desk:
    """Build it for one process."""
    database, authority, policies = resources.database, Authority(overrides), Policies(resources.database)
    chosen, audit, channels = ServerSettings(database), Audit(database), LogChannels(database)
    money = _money(settings, database, authority, policies, chosen)
    access_rows, safe = AccessRows(database), _safety(settings, resources, chosen, audit, authority)
    access, pictures = Access(access_rows, chosen, authority, now), Pictures(database)
    showings = Showings(chosen, settings.spoiler_results, now, pictures.homes)
    apart = Apart(safe.moderation.look, showings.views, pictures)

    async def zone(guild_id: int) -> ZoneInfo:
        return zone_of((await chosen.of(guild_id)).get(ZONE), settings.zone)

    return Desk(
        authority=authority,
        settings=chosen,
        audit=audit,
        policies=policies,
        allowances=money.allowances,
        purse=money.purse,
        alerts=money.alerts,
        access_rows=access_rows,
        access=access,
        logbook=Logbook(audit=audit, channels=channels, settings=chosen, authority=authority, clock=now),
        log_follower=LogFollower(channels, poster, now),
        owner_notices=OwnerNotices(OwnerNoticeRows(database), bell, now),
        usage=UsageDesk(UsageRows(database), money.allowances, zone, now),
        charts=Charts(database.folder / "charts"),
        zone=settings.zone,
        door=Door(access.check, safe.intake, safe.conduct, safe.words, apart),
        words=safe.words,
        watchfulness=Watchfulness(chosen, safe.words, now, safe.moderation.sees),
        showings=showings,
        conduct=safe.conduct,
        intake=safe.intake,
        moderation=safe.moderation,
    )


@dataclass(frozen=True, slots=True)
class _Money:
    """Who may spend what, and who hears of it."""

    allowances: Allowances
    purse: Purse
    alerts: BudgetAlerts


def _money(
    settings: Settings,
    database: Database,
    authority: Authority,
    policies: Policies,
    chosen: ServerSettings,
) -> _Money:
    ledger = Ledger(database)
    alerts = BudgetAlerts(
        ledger=ledger, settings=chosen, rows=AlertRows(database), zone=settings.zone, clock=now
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
        grants=Grants(database),
        settings=chosen,
        ledger=ledger,
        allowances=allowances,
        clock=now,
    )
    return _Money(allowances, purse, alerts)


@dataclass(frozen=True, slots=True)
class _Safety:
    """The checks of the door that keep a server safe."""

    intake: Intake
    conduct: Conduct
    words: BlockedWords
    moderation: Moderation


def _safety(
    settings: Settings, resources: Resources, chosen: ServerSettings, audit: Audit, authority: Authority
) -> _Safety:
    least = timedelta(minutes=settings.cooldown_minutes)
    rows = ConductRows(resources.database)
    return _Safety(
        intake=Intake(chosen, authority, accounts=settings.raid_accounts, clock=now),
        conduct=Conduct(rows, audit, after=settings.cooldown_after, least=least, clock=now),
        words=BlockedWords(chosen, audit, everywhere=read_list(settings.blocked_words_file), clock=now),
        moderation=_moderation(settings, resources, chosen, audit),
    )


def _moderation(settings: Settings, resources: Resources, chosen: ServerSettings, audit: Audit) -> Moderation:
    async def fetch(upload: Upload) -> bytes:
        return await download(resources.http, upload.url, max_bytes=MAX_UPLOAD_BYTES)

    return Moderation(
        _moderation_model(settings, resources),
        Glances(resources.blobs, Pictures(resources.database), resources.pool, fetch),
        Verdicts(resources.database),
        chosen,
        audit,
        policy=Policy(fails_open=settings.moderation_fails_open, sees_pictures=settings.moderation_pictures),
        alert=partial(resources.alarms.sound, "moderation"),
        clock=now,
    )


def _moderation_model(settings: Settings, resources: Resources) -> ModerationModel | None:
    if settings.moderation_url is None:
        return None
    key = settings.moderation_key.get_secret_value() if settings.moderation_key else ""
    leniency = Leniency(frozenset(settings.moderation_covered), float(settings.moderation_cover_score))
    backend = Backend(settings.moderation_url, key, title="")
    return ModerationModel(resources.http, backend, settings.moderation_model, leniency)
