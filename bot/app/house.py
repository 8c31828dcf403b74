"""The running whole: what serves, what is done beside it, and how it is closed."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot import catalogues
from bot.app.chores import Chore, Nights, every, kept_up, nightly
from bot.app.models import why_nothing_draws
from bot.app.readiness import Sessions, why_nothing_is_kept
from bot.app.resources import now
from bot.domain.jobs import LEASE, UNFINISHED
from bot.errors import DatabaseDamaged, StartupError, StorageTrouble
from bot.model.circuit import CircuitState
from bot.services.endings import surely_cancelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.app.batching import Batching
    from bot.app.client import Easel
    from bot.app.desk import Desk
    from bot.app.privacy import Keeping
    from bot.app.resources import Resources
    from bot.app.reviewing import Reviewing
    from bot.app.words import Words
    from bot.domain.jobs import Job
    from bot.services.inquiry import Inquiry
    from bot.services.progress import Progress
    from bot.services.queue import JobQueue
    from bot.services.reconciliation import Reconciliation
    from bot.services.shelf import Shelf
    from bot.services.studio import Studio
    from bot.settings import Settings
    from bot.storage.jobs import Jobs
    from bot.storage.leases import Leases
    from bot.telemetry.health import Check

log = structlog.get_logger(__name__)
SHELF_S = 600.0
"""How often results are looked for that nobody fetched."""
RECONCILE_S = 60.0
"""How often it is looked whether a day has passed since the provider's count was compared."""
INQUIRE_S, INQUIRE_FIRST_S = 300.0, 2.0
"""How often it is looked whether a call's cost is to be asked again, and how soon after a start or a loss."""
DISK_S = 5.0
PICTURES_S = 15.0
"""How often storing is tried where pictures could not be stored; nobody orders meanwhile."""
STORED = timedelta(hours=1)
"""After how long what has no holder yet is not being stored any more; a process that died stores nothing."""
STRAYS_S = 600.0
PRICES_S = 2.0
"""How long leaving waits for prices that were asked for; the next start asks again."""
AGAIN_S = 3.0
"""How long leaving waits before it breaks the connection off once more: discord.py may overhear it."""
LAST_S = 3.0
"""How long leaving waits at least for those who acted meanwhile; Discord waits no longer for an answer."""
MISSED_S = 600.0
"""How soon a copy of the database is made where the night's is missing."""
NO_ROOM = (
    "The disk is nearly full, so Easel takes no new orders. Make room where its database and pictures are."
)


class House:
    """The running whole."""

    def __init__(
        self,
        settings: Settings,
        resources: Resources,
        *,
        bot: Easel,
        studio: Studio,
        shelf: Shelf,
        queue: JobQueue,
        progress: Progress,
        jobs: Jobs,
        leases: Leases,
        batching: Batching,
        reconciliation: Reconciliation,
        inquiry: Inquiry,
        words: Words,
        desk: Desk,
        reviewing: Reviewing,
        keeping: Keeping,
    ) -> None:
        self._settings = settings
        self._resources = resources
        self._bot = bot
        self._sessions = Sessions(bot)
        self._studio = studio
        self._shelf = shelf
        self._queue = queue
        self._progress = progress
        self._jobs = jobs
        self._leases = leases
        self._batching = batching
        self._reconciliation = reconciliation
        self._inquiry = inquiry
        self._words = words
        self._desk = desk
        self._reviewing = reviewing
        self._keeping = keeping
        self._is_stopping = False
        self._began_at = now()

    async def serve_until(self, stopped: asyncio.Event) -> None:
        """Serve until told to stop; then take no more orders, let jobs finish for a while, and leave."""
        serving = asyncio.create_task(self._serve(), name="serve")
        stopping = asyncio.create_task(stopped.wait(), name="stop")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        stopping.cancel()
        await self._finish()
        try:  # with what is done beside it, which may speak with Discord
            await surely_cancelled(serving, AGAIN_S)
        except asyncio.CancelledError:
            log.info("stopped")
        finally:
            await self._resources.unwritten.again()
            with suppress(StorageTrouble):  # they lapse in a minute; the next start does not wait for that
                await self._leases.free()
                await self._batching.leases.free()
            await self._bot.leave()

    async def _finish(self) -> None:
        """Take no more orders, let what is under way come to its end, and hear no more of Discord."""
        self._is_stopping = True
        self._batching.runs.close()
        self._studio.close()
        self._words.wordsmith.close()
        self._queue.close()
        until_s = time.monotonic() + self._settings.drain_seconds
        await self._bot.handlers.drain(self._settings.drain_seconds)
        await self._queue.drain(until_s - time.monotonic())
        await self._words.captioner.aclose()
        await self._words.till.aclose(PRICES_S)
        await self._batching.runs.aclose()
        await self._progress.aclose()
        await self._reviewing.courier.aclose(until_s - time.monotonic())
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_S):
                await self._bot.hush()
        await self._bot.handlers.drain(max(LAST_S, until_s - time.monotonic()))

    async def _serve(self) -> None:
        """Log in, take up what an earlier process left, and stay connected."""
        copies = self._resources.database.folder / "catalogues"
        reading = asyncio.to_thread(catalogues.load, copies)  # while Discord is waited for
        await asyncio.gather(self._bot.log_in(self._settings.require_discord()), reading)
        await self._bot.publish_commands(self._resources.meta)
        is_alone = self._resources.database.is_alone  # what is unfinished then was left by the dead
        self._take_up(await (self._leases.take_all if is_alone else self._leases.take_over)(now()))
        await self._words.till.recover(is_alone=is_alone)
        await self._batching.take_up(is_alone=is_alone)
        nights = Nights(self._resources.meta, now, self._settings.zone)
        await nights.load()
        async with kept_up(self._chores(nights)):
            await self._bot.stay_connected()

    def _chores(self, nights: Nights) -> tuple[Chore, ...]:
        return (
            Chore("leases", self._tend, every(LEASE.total_seconds() / 3)),
            *self._reviewing.chores(),
            Chore("shelf", self._shelf.clear, every(SHELF_S)),
            Chore("reconciliation", self._reconciliation.compare_daily, every(RECONCILE_S)),
            Chore("inquiry", self._inquiry.ask_again, every(INQUIRE_S, first_s=INQUIRE_FIRST_S)),
            Chore("lost calls", self._inquiry.ask_soon, every(INQUIRE_FIRST_S)),
            Chore("disk", self._look_at_disk, every(DISK_S)),
            Chore("pictures", self._look_at_pictures, every(PICTURES_S, first_s=0)),
            Chore("strays", self._sweep_strays, every(STRAYS_S, first_s=0)),
            Chore("captions", self._words.captioner.next, every(0)),
            Chore("alarms", self._tell_owner, every(0)),
            nights.chore("forgetting", self._words.talk.forgetting.expire),
            nights.chore("tidying", self._resources.database.tidy),
            *self._desk.chores(nights),
            *self._keeping.chores(nights),
            *([Chore("backup", self._back_up, self._until_backup)] if self._settings.daily_backups else []),
        )

    def _take_up(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            log.info("taken up", job=job.id, state=job.state.value)
            self._queue.put(job)

    async def _tend(self) -> None:
        """Keep our own jobs, and take up those of a process that has died."""
        await self._leases.renew(now())
        self._take_up(await self._leases.take_over(now()))
        await self._words.till.recover(is_alone=False)
        await self._batching.tend()

    async def _look_at_disk(self) -> None:
        disk = self._resources.disk
        self._resources.metrics.disk_free_bytes.set(await disk.measure())
        if not disk.has_room:
            self._resources.alarms.sound("disk", NO_ROOM)
        await self._resources.unwritten.again()

    async def _look_at_pictures(self) -> None:
        """Try to store something where that went wrong, or with a bucket was not tried yet."""
        if self._resources.blobs.trouble is None:
            return
        try:
            await self._resources.blobs.probe()
        except StartupError as error:
            self._resources.alarms.sound("pictures", f"{error} Easel takes no new orders meanwhile.")
        else:
            log.info("pictures can be stored")
            await self._resources.sweeper.sweep()

    async def _sweep_strays(self) -> None:
        """Delete what was stored for nobody: an earlier process's at once, our own when its time is over."""
        await self._resources.sweeper.sweep_abandoned(now() - STORED, self._began_at, now())

    def _until_backup(self) -> float:
        if self._resources.copies.is_late(now()):
            return MISSED_S
        return nightly(now, self._settings.zone)()

    async def _back_up(self) -> None:
        """Copy the database; where that fails, the operator has to know before they need a copy."""
        copies = self._resources.copies
        try:
            copy = await copies.make(now())
        except StartupError as error:
            advice = f" {await copies.advice()}" if isinstance(error, DatabaseDamaged) else ""
            self._resources.alarms.sound("backup", f"{error}{advice}")
        else:
            log.info("database copied", copy=str(copy))

    async def _tell_owner(self) -> None:
        """Wait for an alarm, and pass it on."""
        await self._bot.tell_owner(await self._resources.alarms.next())

    async def measure(self) -> None:
        """Set the gauges that nobody keeps up to date."""
        metrics = self._resources.metrics
        census = await self._jobs.census()
        for state in (*(state.value for state in UNFINISHED), "kept"):
            metrics.under_way.labels(state).set(census.get(state, 0))
        circuits = {} if (own := self._desk.moderation.circuit) is None else {own[0]: own[1]}
        for load in self._resources.model.loads():
            metrics.model_limit.labels(load.model_id).set(load.limit)
            metrics.model_in_flight.labels(load.model_id).set(load.in_flight)
            metrics.model_waiting.labels(load.model_id).set(load.waiting)
            circuits[load.model_id] = load.circuit
        for model_id, circuit in circuits.items():
            for state in CircuitState:
                metrics.model_circuit.labels(model_id, state.value).set(state is circuit)

    def checks(self) -> Mapping[str, Check]:
        """Return what /readyz asks: whether orders are taken, the gateway, the database and the models.

        The moderation model is one that is needed where requests do not pass without it.
        """

        async def intake() -> str | None:
            return "stopping: no more orders are taken" if self._is_stopping else None

        async def database() -> str | None:
            kept = self._resources
            return await why_nothing_is_kept(kept.database, kept.disk, kept.blobs)

        async def models() -> str | None:
            drawing = (self._resources.catalogue, self._resources.model, self._settings.image_models)
            return why_nothing_draws(*drawing)

        async def moderation() -> str | None:
            return self._desk.moderation.why_not_ready()

        needed = {"moderation": moderation} if self._desk.moderation.is_there else {}
        usual = {"intake": intake, "gateway": self._sessions.why_away, "database": database, "models": models}
        return {**usual, **needed}
