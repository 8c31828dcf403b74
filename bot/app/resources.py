"""What Easel holds open while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.app.models import Configured, kept_catalogue
from bot.images.pool import PicturePool
from bot.model.backend import Backend
from bot.model.catalogue import Catalogue
from bot.model.client import OpenRouter
from bot.services.sweeper import Sweeper
from bot.services.unwritten import Unwritten
from bot.storage.blobs import Blobs
from bot.storage.copies import Copies
from bot.storage.database import Database
from bot.storage.disk import Disk
from bot.storage.meta import Meta
from bot.storage.strays import Strays
from bot.telemetry.alarms import Alarms
from bot.telemetry.metrics import Metrics
from bot.transport.client import open_client

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    import httpx

    from bot.settings import Settings


def now() -> datetime:
    """Return the time: the one clock of the process."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Resources:
    """Connections, files and threads; opened before anything is built on them."""

    metrics: Metrics
    alarms: Alarms
    disk: Disk
    database: Database
    copies: Copies
    blobs: Blobs
    meta: Meta
    pool: PicturePool
    http: httpx.AsyncClient
    model: OpenRouter
    catalogue: Catalogue
    unwritten: Unwritten

    @property
    def has_room(self) -> bool:
        """Tell whether new jobs may begin: what comes of them can be kept."""
        return self.disk.has_room and self.blobs.trouble is None

    @property
    def sweeper(self) -> Sweeper:
        """Return what deletes the bytes that nobody holds any more."""
        return Sweeper(Strays(self.database), self.blobs)

    @classmethod
    async def open(cls, settings: Settings, stack: AsyncExitStack) -> Resources:
        """Open everything; `stack` closes it again in the opposite order."""
        metrics = Metrics()
        alarms = Alarms(metrics, now)
        database = await Database.open(settings.database_url)
        stack.push_async_callback(database.aclose)
        await database.quick_check()
        blobs = await Blobs.open(settings.blob_url)
        disk = Disk([database.folder, *blobs.folders])
        await disk.measure()
        database.when_full = blobs.when_full = disk.filled
        Strays(database).follow(blobs, now)
        meta = Meta(database)
        pool = PicturePool()
        stack.push_async_callback(pool.aclose)
        http = open_client()
        stack.push_async_callback(http.aclose)
        backend = Backend(settings.openrouter_base_url, settings.require_model())
        catalogue = Catalogue(http, backend, priced=settings.image_models, chat_models=settings.chat_models)
        configured = Configured(settings.image_models, settings.chat_models)
        await stack.enter_async_context(kept_catalogue(catalogue, meta, configured, now))
        model = OpenRouter(
            http,
            backend,
            offer_of=catalogue.offer,
            chat_model_of=catalogue.described,
            max_running=settings.max_running_calls,
            alert=partial(alarms.sound, "account"),
        )
        copies = Copies(settings.database_url, settings.backups, keep=settings.daily_backups)
        return cls(
            metrics, alarms, disk, database, copies, blobs, meta, pool, http, model, catalogue, Unwritten()
        )
