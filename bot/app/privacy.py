"""The rooms that forget, built over what they forget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.chores import Chore, every
from bot.app.resources import now
from bot.services.discretion import Discretion
from bot.services.erasing import Eraser
from bot.services.leftovers import Leftovers
from bot.services.privacy import Privacy
from bot.services.removals import Removals
from bot.services.takeout import Takeout
from bot.storage.choices import PrivacyChoices, RemovedServers
from bot.storage.erasures import Erasures
from bot.storage.takeout import TakeoutRows

if TYPE_CHECKING:
    from bot.app.batching import Batching, Below
    from bot.app.chores import Nights
    from bot.app.desk import Desk
    from bot.app.resources import Resources
    from bot.app.words import Words
    from bot.services.shelf import Shelf
    from bot.settings import Settings
    from bot.storage.jobs import Jobs

TEND_FIRST_S, TEND_S = 1.0, 20.0
"""How soon after a start a deletion is gone on with, and how soon one that had to wait for something."""
REMOVED_FIRST_S, REMOVED_S = 300.0, 3600.0
"""How soon after a start, and how often then, servers that Easel has left long ago are looked for."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What people and servers decide with, what follows where Easel is, and what packs data."""

    privacy: Privacy
    removals: Removals
    takeout: Takeout

    def chores(self, nights: Nights) -> tuple[Chore, ...]:
        """Return what is done beside serving."""
        return (
            Chore("privacy", self.privacy.tend, every(TEND_S, first_s=TEND_FIRST_S)),
            nights.chore("retention", self.privacy.expire),
            Chore("removed servers", self.removals.clear, every(REMOVED_S, first_s=REMOVED_FIRST_S)),
        )


def discretion(resources: Resources) -> Discretion:
    """Return what forgets what people do not want to be kept."""
    return Discretion(PrivacyChoices(resources.database), resources.sweeper, now)


async def build_privacy(
    settings: Settings,
    resources: Resources,
    desk: Desk,
    below: Below,
    words: Words,
    shelf: Shelf,
    batching: Batching,
    jobs: Jobs,
) -> Keeping:
    """Build it for one process."""
    leftovers = Leftovers(
        chat=words.talk.chat,
        studio=below.studio,
        shelf=shelf,
        gate=below.reviewing.gate,
        jobs=jobs,
        batches=batching.batches,
        batch_rows=below.collector.batches,
    )
    rows = Erasures(resources.database)
    eraser = Eraser(rows=rows, sweeper=resources.sweeper, work=leftovers, clock=now)
    takeout = _takeout(resources)
    await takeout.sweep()
    return Keeping(
        privacy=_privacy(settings, resources, desk, eraser),
        removals=Removals(RemovedServers(resources.database), eraser, settings.removed_server_days, now),
        takeout=takeout,
    )


def _privacy(settings: Settings, resources: Resources, desk: Desk, eraser: Eraser) -> Privacy:
    return Privacy(
        choices=PrivacyChoices(resources.database),
        eraser=eraser,
        discretion=discretion(resources),
        settings=desk.settings,
        authority=desk.authority,
        operator_days=settings.conversation_days,
        clock=now,
    )


def _takeout(resources: Resources) -> Takeout:
    return Takeout(
        rows=TakeoutRows(resources.database),
        choices=PrivacyChoices(resources.database),
        blobs=resources.blobs,
        folder=resources.database.folder / "takeout",
        clock=now,
    )
