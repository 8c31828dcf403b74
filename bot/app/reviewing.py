"""The rooms between what is drawn and what is shown, built from what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.app.chores import Chore, every
from bot.app.resources import now
from bot.services.bells import Bells
from bot.services.collector import Collector
from bot.services.gate import Gate
from bot.services.reports import Reports
from bot.services.reviews import Reviews
from bot.storage.batches import Batches as BatchRows
from bot.storage.pictures import Pictures
from bot.storage.reports import Reports as ReportRows
from bot.storage.reviews import Reviews as Rows
from bot.ui.delivery import Courier
from bot.ui.reports import Postbox
from bot.ui.reviews import Bench

if TYPE_CHECKING:
    import discord

    from bot.app.desk import Desk
    from bot.app.resources import Resources
    from bot.settings import Settings
    from bot.storage.jobs import Jobs
    from bot.ui.prints import Prints


ROUND_S = 30.0


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Who brings pictures to people, and who looks at them before."""

    courier: Courier
    collector: Collector
    bench: Bench
    gate: Gate
    reviews: Reviews
    postbox: Postbox
    reports: Reports

    def chores(self) -> tuple[Chore, ...]:
        """Return what is done beside serving."""
        return (
            Chore("reviews", self.reviews.tend, every(ROUND_S)),
            Chore("reports", self.reports.tend, every(ROUND_S)),
        )


def build_reviewing(
    settings: Settings,
    resources: Resources,
    owner: str,
    jobs: Jobs,
    desk: Desk,
    client: discord.Client,
    prints: Prints,
) -> Reviewing:
    """Build them for one process, `owner`."""
    patience = timedelta(hours=settings.review_hours)
    courier = Courier(client, prints, clock=now, hides=desk.watchfulness.hides)
    bench = Bench(client, prints, courier.hold, patience)
    rows, pictures = Rows(resources.database, owner), Pictures(resources.database)
    gate = Gate(
        rows=rows,
        watchfulness=desk.watchfulness,
        moderation=desk.moderation,
        keeps_apart=desk.showings.keeps_apart,
        jobs=jobs,
        pictures=pictures,
        sweeper=resources.sweeper,
        bench=bench,
        clock=now,
    )
    reviews = Reviews(rows=rows, gate=gate, jobs=jobs, pictures=pictures, clock=now, patience=patience)
    collector = Collector(courier, BatchRows(resources.database, owner), Bells())
    postbox = Postbox(client, prints)
    reports = _reports(resources, jobs, desk, gate, postbox)
    return Reviewing(courier, collector, bench, gate, reviews, postbox, reports)


def _reports(resources: Resources, jobs: Jobs, desk: Desk, gate: Gate, postbox: Postbox) -> Reports:
    return Reports(
        rows=ReportRows(resources.database),
        jobs=jobs,
        pictures=Pictures(resources.database),
        sweeper=resources.sweeper,
        watchfulness=desk.watchfulness,
        gate=gate,
        settings=desk.settings,
        notices=desk.owner_notices,
        postbox=postbox,
        clock=now,
    )
