"""What cogs are built from, over a house."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import discord
from batch_kit import factory

from bot.app import Services
from bot.app.desk import Desk
from bot.app.reviewing import Reviewing
from bot.charts.figures import Charts
from bot.services.access import Access
from bot.services.ancestry import Ancestry
from bot.services.archive import Archive
from bot.services.bans import Bans
from bot.services.bells import Bells
from bot.services.collector import Collector
from bot.services.door import Door
from bot.services.drafting import Drafting
from bot.services.gallery import Gallery
from bot.services.log_follower import LogFollower
from bot.services.logbook import Logbook
from bot.services.owing import Owing
from bot.services.owner_notices import OwnerNotices
from bot.services.preferences import Usual
from bot.services.purse import Purse
from bot.services.reports import Reports
from bot.services.styles import Styles
from bot.services.tray import Tray
from bot.services.usage import UsageDesk
from bot.storage.access import AccessRows
from bot.storage.audit import Audit
from bot.storage.batches import Batches as BatchRows
from bot.storage.drafts import Drafts
from bot.storage.gallery import GalleryRows
from bot.storage.grants import Grants
from bot.storage.log_channels import LogChannels
from bot.storage.owed import OwedAnswers
from bot.storage.owner_notices import OwnerNotices as OwnerNoticeRows
from bot.storage.policies import Policies
from bot.storage.preferences import PreferenceRows
from bot.storage.reports import Reports as ReportRows
from bot.storage.searches import Searches
from bot.storage.server_settings import ServerSettings
from bot.storage.styles import StyleRows
from bot.storage.tray import Trays
from bot.storage.usage import UsageRows
from bot.ui.covers import Covers
from bot.ui.darkroom import Darkroom
from bot.ui.delivery import Courier
from bot.ui.log_channel import LogPoster
from bot.ui.lookout import Lookout
from bot.ui.owner_bell import OwnerBell
from bot.ui.prints import Prints
from bot.ui.reports import Postbox
from bot.ui.reviews import Bench

if TYPE_CHECKING:
    from house_kit import House

    from bot.services.batches import Batches

from privacy_kit import forgetful
from rooms_kit import (
    build_alerts,
    chat_rooms,
    export_room,
    extractor_room,
    forget_room,
    manners_room,
    quotation_room,
    thread_rooms,
)
from sight_kit import finding_room, revival_room, whereabouts_room

NONE = discord.Intents.none()


def desk_of(house: House, client: discord.Client | None = None) -> Desk:
    """Return what moderators decide with, over a house."""
    authority, clock, policies = house.authority, house.world.clock, Policies(house.database)
    settings, audit = ServerSettings(house.database), Audit(house.database)
    rows, channels = AccessRows(house.database), LogChannels(house.database)
    access = Access(rows, settings, authority, clock)
    poster = LogPoster(client or discord.Client(intents=NONE))
    return Desk(
        authority=authority,
        settings=settings,
        audit=audit,
        policies=policies,
        allowances=house.allowances,
        purse=Purse(
            authority=authority,
            policies=policies,
            grants=Grants(house.database),
            settings=settings,
            ledger=house.ledger,
            allowances=house.allowances,
            clock=clock,
        ),
        alerts=build_alerts(house.ledger, house.database, house.world),
        access_rows=rows,
        access=access,
        logbook=Logbook(audit=audit, channels=channels, settings=settings, authority=authority, clock=clock),
        log_follower=LogFollower(channels, poster, clock),
        owner_notices=notices_of(house, client),
        usage=UsageDesk(UsageRows(house.database), house.allowances, partial(_zone_of, house), clock),
        charts=Charts(house.world.folder / "charts"),
        zone=ZoneInfo(house.world.caps.zone),
        door=Door(access.check, house.words),
        words=house.words,
        watchfulness=house.watchfulness,
        showings=house.showings,
        conduct=house.conduct,
        intake=house.intake,
        moderation=house.moderation,
    )


def notices_of(house: House, client: discord.Client | None = None) -> OwnerNotices:
    """Return what tells owners of servers, over a house."""
    bell = OwnerBell(client or discord.Client(intents=NONE))
    return OwnerNotices(OwnerNoticeRows(house.database), bell, house.world.clock)


async def _zone_of(house: House, _guild_id: int) -> ZoneInfo:
    return ZoneInfo(house.world.caps.zone)


def bans_of(house: House, desk: Desk, batches: Batches) -> Bans:
    """Return what bans people, over a house."""
    return Bans(
        rows=desk.access_rows,
        authority=desk.authority,
        jobs=house.jobs,
        studio=house.studio,
        batch_rows=BatchRows(house.database, ""),
        batches=batches,
        clock=house.world.clock,
    )


def reviewing_of(house: House, client: discord.Client) -> Reviewing:
    """Return what brings pictures before moderators, and let the house use it."""
    prints = Prints(house.blobs, house.pool, Covers(house.showings.views))
    courier = Courier(client, prints, clock=house.world.clock)
    bench = Bench(client, prints, courier.hold, timedelta(hours=24))
    house.gate._bench = bench
    collector = Collector(courier, BatchRows(house.database, "me"), Bells())
    postbox = Postbox(client, prints)
    reports = Reports(
        rows=ReportRows(house.database),
        jobs=house.jobs,
        pictures=house.pictures,
        sweeper=house.sweeper,
        watchfulness=house.watchfulness,
        gate=house.gate,
        settings=ServerSettings(house.database),
        notices=notices_of(house, client),
        postbox=postbox,
        clock=house.world.clock,
    )
    return Reviewing(courier, collector, bench, house.gate, house.reviews, postbox, reports)


def archive_of(house: House) -> Archive:
    return Archive(house.blobs, house.world.folder / "packing")


def gallery_of(house: House, eyes: Lookout) -> Gallery:
    """Return what finds pictures, over a house."""
    rows, searches = GalleryRows(house.database), Searches(house.database)
    return Gallery(
        rows, finding_room(house, eyes), searches, archive_of(house), house.showings.views, house.world.clock
    )


def _styles(house: House) -> Styles:
    rows, world = StyleRows(house.database), house.world
    return Styles(rows, house.pictures, world.fetch, world.clock, house.authority)


def owing_room(house: House, owner: str = "this") -> Owing:
    """Return what keeps the answers that a process owes, over a house."""
    return Owing(OwedAnswers(house.database, owner), house.world.clock, is_alone=True)


def services_of(house: House, client: discord.Client) -> Services:
    """Return what cogs are built from, over a house."""
    styles = _styles(house)
    covers = Covers(house.showings.views)
    desk, batching = desk_of(house), factory(house, collects=False)
    return Services(
        studio=house.studio,
        ancestry=Ancestry(house.studio, house.pictures),
        revival=revival_room(house, Lookout(client), desk.door),
        whereabouts=whereabouts_room(house, Lookout(client)),
        shelf=house.shelf,
        planner=house.planner,
        drafting=Drafting(Drafts(house.database), house.world.clock),
        tray=Tray(Trays(house.database), house.pictures, house.world.clock),
        styles=styles,
        usual=Usual(PreferenceRows(house.database), styles, house.planner, house.world.clock),
        gallery=gallery_of(house, Lookout(client)),
        archive=archive_of(house),
        covers=covers,
        prints=Prints(house.blobs, house.pool, covers),
        darkroom=Darkroom(house.blobs, house.pool, covers),
        allowances=house.allowances,
        desk=desk,
        bans=bans_of(house, desk, batching.batches),
        reviewing=reviewing_of(house, client),
        wordsmith=house.wordsmith,
        batches=batching.batches,
        chat=(chat := chat_rooms(house)),
        quotations=quotation_room(house, chat),
        owing=owing_room(house),
        describer=house.describer,
        threads=thread_rooms(house),
        forgetting=forget_room(house),
        export=export_room(house),
        manners=manners_room(house),
        extractor=extractor_room(house),
        keeping=forgetful(house, batching, chat).keeping(),
        clock=house.world.clock,
        zone=ZoneInfo(house.world.caps.zone),
    )
