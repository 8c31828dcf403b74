"""From settings to a running bot, and down again in good order."""

from __future__ import annotations

import asyncio
import gc
import secrets
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.app.batching import Batching, Below, build_batching
from bot.app.client import Easel
from bot.app.desk import build_desk
from bot.app.drawing import (
    build_queue,
    build_references,
    build_shelf,
    build_studio,
    build_workshop,
    reads,
)
from bot.app.house import House
from bot.app.overrides import Overrides
from bot.app.privacy import build_privacy
from bot.app.resources import Resources, now
from bot.app.reviewing import build_reviewing
from bot.app.services import Services
from bot.app.traffic import Traffic
from bot.app.words import Words, build_words
from bot.domain.style_files import MAX_BYTES as MAX_FILE_BYTES
from bot.services.ancestry import Ancestry
from bot.services.archive import Archive
from bot.services.bans import Bans
from bot.services.drafting import Drafting
from bot.services.finding import Finding
from bot.services.gallery import Gallery
from bot.services.inquiry import Inquiry
from bot.services.planning import Planner
from bot.services.preferences import Usual
from bot.services.progress import Progress
from bot.services.pseudonyms import Pseudonyms
from bot.services.reconciliation import Reconciliation
from bot.services.revival import Revival
from bot.services.styles import Styles
from bot.services.tray import Tray
from bot.services.whereabouts import Whereabouts
from bot.storage.cards import CardRows
from bot.storage.drafts import Drafts
from bot.storage.estimates import Estimates
from bot.storage.gallery import GalleryRows
from bot.storage.jobs import Jobs
from bot.storage.leases import Leases
from bot.storage.ledger import Ledger
from bot.storage.pictures import Pictures
from bot.storage.preferences import PreferenceRows
from bot.storage.searches import Searches
from bot.storage.styles import StyleRows
from bot.storage.tray import Trays
from bot.telemetry.lag import watched_loop
from bot.ui.covers import Covers
from bot.ui.darkroom import Darkroom
from bot.ui.labels import Labels
from bot.ui.log_channel import LogPoster
from bot.ui.lookout import Lookout
from bot.ui.owner_bell import OwnerBell
from bot.ui.prints import Prints

if TYPE_CHECKING:
    from bot.app.desk import Desk
    from bot.app.privacy import Keeping
    from bot.settings import Settings

SECRET_BYTES = 32


async def run(settings: Settings) -> None:
    """Run Easel until SIGTERM or SIGINT; raise StartupError where it cannot start."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    async with AsyncExitStack() as stack:
        resources = await Resources.open(settings, stack)
        await stack.enter_async_context(watched_loop(resources.metrics))
        house = await build(settings, resources)
        gc.freeze()  # what stands now stays; going through it would stop the loop for 50 ms every time
        gc.enable()
        if settings.http_port:
            from bot.telemetry.health import served_health  # aiohttp's server takes a while

            await stack.enter_async_context(
                served_health(
                    settings.http_host,
                    settings.http_port,
                    resources.metrics,
                    house.checks(),
                    measure=house.measure,
                )
            )
        await house.serve_until(stopped)


async def build(settings: Settings, resources: Resources) -> House:
    """Build the services and the bot from what is open."""
    traffic = Traffic(resources.metrics, resources.alarms)
    bot = _bot(settings, traffic)
    owner = secrets.token_hex(8)
    jobs = Jobs(resources.database, owner)
    desk = build_desk(settings, resources, Overrides(bot), LogPoster(bot), OwnerBell(bot))
    planner = Planner(resources.catalogue, settings.image_models, resources.model.available)
    prints = Prints(resources.blobs, resources.pool, covers := Covers(desk.showings.views))
    reviewing = build_reviewing(settings, resources, owner, jobs, desk, bot, prints)
    progress = Progress(reviewing.collector, may_edit=lambda: traffic.is_calm, clock=now)
    pseudonyms = await _pseudonyms(resources)
    references = build_references(resources)
    inquiry = Inquiry(
        model=resources.model,
        estimates=Estimates(resources.database),
        metrics=resources.metrics,
        clock=now,
    )
    making = (reviewing, progress, desk, planner, pseudonyms, inquiry)
    workshop = build_workshop(resources, jobs, references, *making)
    whereabouts = Whereabouts(CardRows(resources.database), Lookout(bot))
    finding = Finding(GalleryRows(resources.database), whereabouts)
    labels = Labels(bot, may_edit=lambda: traffic.is_calm, clock=now)
    words = build_words(settings, resources, owner, jobs, references, desk, pseudonyms, labels, finding)
    queue = build_queue(settings, resources, words.captioner.after(workshop.carry_out), workshop, progress)
    reviewing.reviews.wakes = queue.hurry
    studio = build_studio(settings, resources, jobs, planner, desk, queue, workshop)
    shelf = build_shelf(resources, jobs, queue, workshop)
    archive = await _archive(resources)
    draws = (studio, shelf, workshop, queue, planner, desk.allowances)
    below = Below(reviewing, bot, prints, *draws, archive, finding, covers)
    batching = build_batching(resources, below, desk, owner, lambda: traffic.is_calm)
    keeping = await build_privacy(settings, resources, desk, below, words, shelf, batching, jobs)
    await bot.load(_services(resources, below, words, batching, desk, keeping))
    return _house(settings, resources, owner, below, progress, jobs, inquiry, batching, words, desk, keeping)


def _house(
    settings: Settings,
    resources: Resources,
    owner: str,
    below: Below,
    progress: Progress,
    jobs: Jobs,
    inquiry: Inquiry,
    batching: Batching,
    words: Words,
    desk: Desk,
    keeping: Keeping,
) -> House:
    return House(
        settings,
        resources,
        bot=below.client,
        studio=below.studio,
        shelf=below.shelf,
        queue=below.queue,
        progress=progress,
        jobs=jobs,
        leases=Leases(resources.database, owner),
        batching=batching,
        reconciliation=_reconciliation(resources),
        inquiry=inquiry,
        words=words,
        desk=desk,
        reviewing=below.reviewing,
        keeping=keeping,
    )


def _bot(settings: Settings, traffic: Traffic) -> Easel:
    return Easel(
        traffic,
        api_url=settings.discord_api_url,
        gateway_url=settings.discord_gateway_url,
        reads_messages=settings.message_content_intent,
    )


async def _archive(resources: Resources) -> Archive:
    archive = Archive(resources.blobs, resources.database.folder / "packing")
    await archive.sweep()
    return archive


def _reconciliation(resources: Resources) -> Reconciliation:
    return Reconciliation(
        model=resources.model,
        ledger=Ledger(resources.database),
        meta=resources.meta,
        metrics=resources.metrics,
        clock=now,
    )


def _services(
    resources: Resources, below: Below, words: Words, batching: Batching, desk: Desk, keeping: Keeping
) -> Services:
    pictures, styles = Pictures(resources.database), _styles(resources, desk)
    return Services(
        studio=below.studio,
        ancestry=Ancestry(below.studio, pictures),
        revival=_revival(below, pictures, desk),
        whereabouts=below.finding.whereabouts,
        shelf=below.shelf,
        planner=below.planner,
        drafting=Drafting(Drafts(resources.database), now),
        tray=Tray(Trays(resources.database), pictures, now),
        styles=styles,
        usual=Usual(PreferenceRows(resources.database), styles, below.planner, now),
        gallery=_gallery(resources, below, desk),
        archive=below.archive,
        covers=below.covers,
        prints=below.prints,
        darkroom=Darkroom(resources.blobs, resources.pool, below.covers),
        allowances=below.allowances,
        desk=desk,
        reviewing=below.reviewing,
        bans=_bans(resources, below, batching, desk),
        wordsmith=words.wordsmith,
        chat=words.talk.chat,
        quotations=words.talk.quotations,
        owing=words.owing,
        threads=words.talk.threads,
        forgetting=words.talk.forgetting,
        export=words.talk.export,
        manners=words.talk.manners,
        describer=words.describer,
        extractor=words.extractor,
        batches=batching.batches,
        keeping=keeping,
        clock=now,
        zone=desk.zone,
    )


def _styles(resources: Resources, desk: Desk) -> Styles:
    rows, pictures = StyleRows(resources.database), Pictures(resources.database)
    return Styles(rows, pictures, reads(resources, MAX_FILE_BYTES), now, desk.authority, desk.words)


def _gallery(resources: Resources, below: Below, desk: Desk) -> Gallery:
    rows, searches = GalleryRows(resources.database), Searches(resources.database)
    return Gallery(rows, below.finding, searches, below.archive, desk.showings.views, now)


def _revival(below: Below, pictures: Pictures, desk: Desk) -> Revival:
    return Revival(below.studio, pictures, below.finding.whereabouts, desk.door, desk.watchfulness)


def _bans(resources: Resources, below: Below, batching: Batching, desk: Desk) -> Bans:
    return Bans(
        rows=desk.access_rows,
        authority=desk.authority,
        jobs=Jobs(resources.database),
        studio=below.studio,
        batch_rows=below.collector.batches,
        batches=batching.batches,
        clock=now,
    )


async def _pseudonyms(resources: Resources) -> Pseudonyms:
    secret = await resources.meta.get_or_create("secret", lambda: secrets.token_hex(SECRET_BYTES))
    return Pseudonyms(bytes.fromhex(secret))
