"""The services that cogs use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.app.desk import Desk
    from bot.app.privacy import Keeping
    from bot.app.reviewing import Reviewing
    from bot.services.allowances import Allowances
    from bot.services.ancestry import Ancestry
    from bot.services.archive import Archive
    from bot.services.bans import Bans
    from bot.services.batches import Batches
    from bot.services.chat import Chat
    from bot.services.describer import Describer
    from bot.services.drafting import Drafting
    from bot.services.export import Export
    from bot.services.extraction import Extractor
    from bot.services.forgetting import Forgetting
    from bot.services.gallery import Gallery
    from bot.services.manners import Manners
    from bot.services.owing import Owing
    from bot.services.planning import Planner
    from bot.services.preferences import Usual
    from bot.services.quotations import Quotations
    from bot.services.revival import Revival
    from bot.services.shelf import Shelf
    from bot.services.studio import Studio
    from bot.services.styles import Styles
    from bot.services.threads import Threads
    from bot.services.tray import Tray
    from bot.services.whereabouts import Whereabouts
    from bot.services.wordsmith import Wordsmith
    from bot.ui.covers import Covers
    from bot.ui.darkroom import Darkroom
    from bot.ui.prints import Prints


@dataclass(frozen=True, slots=True)
class Services:
    """What cogs are built from."""

    studio: Studio
    ancestry: Ancestry
    revival: Revival
    whereabouts: Whereabouts
    shelf: Shelf
    planner: Planner
    drafting: Drafting
    tray: Tray
    styles: Styles
    usual: Usual
    gallery: Gallery
    archive: Archive
    covers: Covers
    prints: Prints
    darkroom: Darkroom
    allowances: Allowances
    desk: Desk
    reviewing: Reviewing
    bans: Bans
    wordsmith: Wordsmith
    batches: Batches
    chat: Chat
    quotations: Quotations
    owing: Owing
    describer: Describer
    threads: Threads
    forgetting: Forgetting
    export: Export
    manners: Manners
    extractor: Extractor
    keeping: Keeping
    clock: Callable[[], datetime]
    zone: ZoneInfo
