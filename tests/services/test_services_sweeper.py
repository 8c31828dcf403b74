"""What nobody holds any more is deleted, whatever the store refuses."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from time_kit import PATIENCE_S, until

from bot.services import sweeper as module
from bot.services.sweeper import Sweeper
from bot.storage.blobs import Blobs
from bot.storage.strays import Strays


async def test_what_the_store_does_not_let_go_keeps_nothing_else_and_goes_the_next_time(house, tmp_path):
    database = house.database
    blobs = await Blobs.open((tmp_path / "blobs").as_uri())
    names = [await blobs.put(bytes([n])) for n in range(3)]
    for name in names:
        await database.change("INSERT INTO loose_blob (blob) VALUES (:blob)", {"blob": name})
    sweeper = Sweeper(Strays(database), blobs)
    folder = tmp_path / "blobs" / names[1][:2]
    kept = folder.rename(tmp_path / "kept")
    folder.symlink_to(folder)  # a way that leads nowhere is one kind of trouble that no right opens

    assert await sweeper.sweep() == 2
    assert [row["blob"] for row in await database.read("SELECT blob FROM loose_blob")] == [names[1]]

    folder.unlink()
    kept.rename(folder)
    assert await sweeper.sweep() == 1
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


async def test_nobody_waits_for_a_store_that_is_slow(house, monkeypatch):
    monkeypatch.setattr(module, "SOON_S", 0.01)
    name, let_go = await house.blobs.put(b"1"), asyncio.Event()
    delete = house.blobs.delete

    async def slow(blob):
        await let_go.wait()
        await delete(blob)

    monkeypatch.setattr(house.blobs, "delete", slow)
    await Strays(house.database).abandon(house.world.clock() + timedelta(seconds=1))
    async with asyncio.timeout(PATIENCE_S):
        await Sweeper(Strays(house.database), house.blobs).sweep_soon()
    assert await house.blobs.exists(name)

    let_go.set()
    await until(lambda: not [task for task in asyncio.all_tasks() if task.get_name() == "sweep"])
    assert not await house.blobs.exists(name)
