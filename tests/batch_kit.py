"""Batches over a house: what draws and shows them is real; the wall where they are shown is made up."""

from __future__ import annotations

import asyncio
import io
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from house_kit import open_house
from time_kit import until
from world_kit import ann

from bot.domain.requests import Kind, PictureRequest, Upload
from bot.domain.results import Card
from bot.errors import Undeliverable
from bot.services.archive import Archive
from bot.services.batch_feeding import Feeder
from bot.services.batch_files import Parting
from bot.services.batch_outlook import Outlook
from bot.services.batch_runs import BatchRuns
from bot.services.batch_showing import Exhibition
from bot.services.batches import Batches
from bot.services.bells import Bells
from bot.services.collector import Collector
from bot.storage.batch_drafts import BatchDrafts
from bot.storage.batch_leases import BatchLeases
from bot.storage.batch_pages import BatchPages
from bot.storage.batches import Batches as Rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from house_kit import House
    from world_kit import World

    from bot.domain.requests import Requester
    from bot.domain.runs import Batch, Ending, Page, Shot, Snapshot


@dataclass
class Wall:
    """A board that keeps what it is shown; as Discord does, it takes a nonce once."""

    shown: list[Snapshot] = field(default_factory=list)
    pages: dict[str, tuple[Shot, ...]] = field(default_factory=dict)
    script: list[BaseException] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    needs_place: bool = False
    zips: dict[str, list[list[str]]] = field(default_factory=dict)
    lists: dict[str, list[list[dict[str, Any]]]] = field(default_factory=dict)
    takes_no_files: bool = False
    zip_names: list[str] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)

    async def show(self, snapshot: Snapshot) -> Card | None:
        self.shown.append(snapshot)
        return Card(snapshot.batch.channel_id, 8000) if snapshot.batch.card_message_id is None else None

    async def place(self, batch: Batch, page: Page) -> int | None:
        assert page.batch_id == batch.id
        if not self.needs_place:
            return None
        self.placed.append(page.nonce)
        return 8500 + len(self.placed)

    async def page(self, batch: Batch, page: Page, shots: Sequence[Shot]) -> Card:
        if self.script:
            raise self.script.pop(0)
        self.pages.setdefault(page.nonce, tuple(shots))
        return Card(batch.channel_id, page.message_id or 9500 + page.ordinal)

    async def files(self, batch: Batch, page: Page, paths: Sequence[Path], ending: Ending | None) -> Card:
        if self.takes_no_files:
            raise Undeliverable("Discord did not take the files.")
        opened = [ZipFile(io.BytesIO(path.read_bytes())) for path in paths]
        self.zips.setdefault(page.nonce, [file.namelist() for file in opened])
        self.lists.setdefault(page.nonce, [json.loads(file.read("manifest.json")) for file in opened])
        self.zip_names += [path.name for path in paths]
        if ending is not None:
            self.endings.append(ending)
        return Card(batch.channel_id, 9500 + page.ordinal)

    @property
    def rows(self) -> list[int]:
        """Return the rows that were shown, page by page."""
        return [shot.row.ordinal for shots in self.pages.values() for shot in shots]


@dataclass
class Factory:
    """Batches of one process."""

    house: House
    wall: Wall
    rows: Rows
    pages: BatchPages
    leases: BatchLeases
    runs: BatchRuns
    batches: Batches

    async def offer(self, prompts: Sequence[str], who: Requester | None = None, **more: Any) -> int:
        """Read a list of prompts; return the draft's id."""
        template, name = more.pop("template", None), more.pop("name", "list.txt")
        url = f"https://cdn.example/{len(self.house.world.files)}/{name}"
        data = "\n".join(prompts).encode()
        self.house.world.files[url] = data
        draft_id = next(self.house.world.ids)
        request = PictureRequest("", kind=Kind.BATCH, **more)
        await self.batches.read(draft_id, who or ann(), Upload(url, name, len(data)), request, template)
        return draft_id

    async def start(self, prompts: Sequence[str], who: Requester | None = None, **more: Any) -> int:
        batch_id = await self.offer(prompts, who, **more)
        await self.batches.start(batch_id, who or ann(), self.house.origin())
        return batch_id

    async def rest(self) -> None:
        """Wait until no batch is looked after."""
        await until(lambda: not self.runs.under_way)

    async def done(self, prompts: Sequence[str], who: Requester | None = None, **more: Any) -> int:
        batch_id = await self.start(prompts, who, **more)
        await self.rest()
        return batch_id

    async def all_rows(self, batch_id: int) -> list[tuple[Any, ...]]:
        """Return where each row stands."""
        found = await self.house.database.read(
            "SELECT ordinal, state, failure FROM batch_row WHERE batch_id = :id ORDER BY ordinal",
            {"id": batch_id},
        )
        return [tuple(row) for row in found]

    async def spent(self) -> int:
        """Return how many pictures were charged or are held."""
        rows = await self.house.database.read("SELECT COALESCE(SUM(images), 0) AS sum FROM ledger")
        return int(rows[0]["sum"])

    async def states(self, batch_id: int) -> list[str]:
        return [state for _, state, _ in await self.all_rows(batch_id)]

    async def take_up(self) -> None:
        """Do what the start of a process does."""
        for batch_id in await self.leases.take(self.house.world.clock(), is_alone=True):
            self.runs.look_after(batch_id)


@pytest.fixture
async def works(world: World) -> AsyncIterator[Factory]:
    """Batches on a house without allowances."""
    world.caps.person = {}
    async with open_house(world) as house:
        made = factory(house)
        yield made
        await made.runs.aclose()


def foxes(count: int) -> list[str]:
    """Return as many prompts."""
    return [f"fox {n}" for n in range(1, count + 1)]


def drawn(house: House) -> list[str]:
    """Return what the model was asked for, in its order."""
    return [body["prompt"] for body in house.world.provider.bodies]


def factory(house: House, wall: Wall | None = None, *, collects: bool = True) -> Factory:
    """Build what draws batches on a house; with `collects` the house's presenter keeps their results."""
    wall = wall or Wall()
    clock, database, bells = house.world.clock, house.database, Bells()
    owner = secrets.token_hex(4)
    rows, pages = Rows(database, owner), BatchPages(database)
    if collects:
        house.workshop._presenter = Collector(house.workshop._presenter, rows, bells)  # pyright: ignore[reportArgumentType] - the board repaints too
    outlook = Outlook(rows, house.planner, house.queue, clock)
    runs = _runs(house, wall, pages, outlook, rows=rows, bells=bells)

    async def fetch(upload: Upload, _max_bytes: int) -> bytes:
        return await house.world.fetch(upload)

    batches = Batches(
        rows=rows,
        drafts=BatchDrafts(database),
        studio=house.studio,
        allowances=house.allowances,
        runs=runs,
        outlook=outlook,
        authority=house.authority,
        fetch=fetch,
        clock=clock,
    )
    return Factory(house, wall, rows, pages, BatchLeases(database, owner), runs, batches)


def _runs(house: House, wall: Wall, pages: BatchPages, outlook: Outlook, **common: Any) -> BatchRuns:
    clock = house.world.clock

    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0.001)

    parting = Parting(
        rows=common["rows"],
        pages=pages,
        jobs=house.jobs,
        pictures=house.pictures,
        archive=Archive(house.blobs, house.world.folder / "packing"),
        counter=wall,
    )
    exhibition = Exhibition(
        **common,
        pages=pages,
        pictures=house.pictures,
        workshop=house.workshop,
        board=wall,
        parting=parting,
        clock=clock,
    )
    return BatchRuns(
        **common,
        feeder=Feeder(**common, studio=house.studio, clock=clock, busy_s=0.01),
        exhibition=exhibition,
        board=wall,
        outlook=outlook,
        sleep=sleep,
        room_s=0.01,
    )
