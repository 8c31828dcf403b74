"""What /readyz asks of the connection and of the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from discord_kit import an_easel
from time_kit import settle

from bot.app.readiness import Sessions, why_nothing_is_kept
from bot.errors import StorageTrouble
from bot.storage.disk import Disk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from discord_kit import Discord
    from house_kit import House

    from bot.app import Easel

INSERT = "INSERT INTO meta (key, value) VALUES (:key, 'v')"


@pytest.fixture
async def bot(remote: Discord, house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Easel]:
    easel = an_easel(house)
    await easel._async_setup_hook()  # as login does first; discord.py cannot be closed before
    easel.shard_count = 2
    monkeypatch.setattr(easel, "is_ready", lambda: True)  # as it stays after the first connection
    yield easel
    await easel.close()


@pytest.fixture
def sessions(bot: Easel) -> Sessions:
    return Sessions(bot)


async def told(bot: Easel, *events: tuple[str, int]) -> None:
    for name, shard_id in events:
        bot.dispatch(name, shard_id)
    await settle()


async def test_before_the_first_session_nothing_is_ready(bot, sessions, monkeypatch):
    monkeypatch.setattr(bot, "is_ready", lambda: False)

    assert await sessions.why_away() == "not connected to Discord"


@pytest.mark.parametrize("back", ["shard_resumed", "shard_connect"])
async def test_a_session_that_is_lost_is_said_until_it_is_back(bot, sessions, back):
    assert await sessions.why_away() is None

    await told(bot, ("shard_disconnect", 1))
    assert await sessions.why_away() == "not connected to Discord: shards 1"
    await told(bot, ("shard_disconnect", 0), ("shard_disconnect", 1))
    assert await sessions.why_away() == "not connected to Discord"

    await told(bot, (back, 0), (back, 1))
    assert await sessions.why_away() is None


async def test_a_disk_that_fills_is_said_at_once(house: House, tmp_path: Path):
    roomy, tight = Disk([tmp_path], least_bytes=1), Disk([tmp_path], least_bytes=2**62)

    assert await why_nothing_is_kept(house.database, roomy, house.blobs) is None
    assert "disk is nearly full" in str(await why_nothing_is_kept(house.database, tight, house.blobs))


async def test_pictures_that_cannot_be_kept_are_said(house: House, tmp_path: Path):
    house.blobs.trouble = "SlowDown"

    said = await why_nothing_is_kept(house.database, Disk([tmp_path], least_bytes=1), house.blobs)

    assert said == "pictures cannot be kept: SlowDown"


async def test_a_write_that_found_no_room_is_said(house: House, tmp_path: Path):
    disk = Disk([tmp_path], least_bytes=1)
    house.database.when_full = disk.filled
    pages = (await house.database.read("PRAGMA page_count"))[0][0]
    await house.database.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone())

    with pytest.raises(StorageTrouble):
        await house.database.write(lambda c: [c.execute(INSERT, {"key": f"{n}" * 200}) for n in range(9999)])

    assert "disk is nearly full" in str(await why_nothing_is_kept(house.database, disk, house.blobs))
    await disk.measure()
    still = await why_nothing_is_kept(house.database, disk, house.blobs)
    assert "disk is nearly full" in str(still)
    await disk.measure()
    assert await why_nothing_is_kept(house.database, disk, house.blobs) is None
