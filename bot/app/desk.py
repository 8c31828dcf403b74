"""What moderators decide with, built over what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.app.resources import now
from bot.services.allowances import Allowances
from bot.services.authority import Authority
from bot.services.conduct import Conduct
from bot.services.door import Door
from bot.services.gate import Watchfulness
from bot.services.intake import Intake
from bot.services.safety import BlockedWords, read_list
from bot.services.showing import Showings
from bot.storage.audit import Audit
from bot.storage.conduct import ConductRows
from bot.storage.ledger import Ledger
from bot.storage.policies import Policies
from bot.storage.server_settings import ServerSettings

if TYPE_CHECKING:
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
    words: BlockedWords
    watchfulness: Watchfulness
    showings: Showings
    conduct: Conduct
    intake: Intake

    def chores(self) -> tuple[Chore, ...]:
        """Return what is done beside serving."""
        return ()


def build_desk(settings: Settings, resources: Resources) -> Desk:
    """Build it for one process."""
    chosen, audit = ServerSettings(resources.database), Audit(resources.database)
    words = BlockedWords(chosen, audit, everywhere=read_list(settings.blocked_words_file), clock=now)
    conduct = Conduct(
        ConductRows(resources.database),
        audit,
        after=settings.cooldown_after,
        least=timedelta(minutes=settings.cooldown_minutes),
        clock=now,
    )
    intake = Intake(chosen, accounts=settings.raid_accounts, clock=now)
    return Desk(
        authority=Authority(),
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
        door=Door(intake, conduct, words),
        words=words,
        watchfulness=Watchfulness(chosen, words, now),
        showings=Showings(chosen, settings.spoiler_results, now),
        conduct=conduct,
        intake=intake,
    )
