"""What people take along: all that is theirs, nothing that is another's, in parts that fit."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from privacy_kit import forgetful, later
from test_services_forgetting import say
from world_kit import ANN, BOB, bob

from bot.domain.conversation import Attached, FileKind
from bot.domain.images import Role
from bot.domain.privacy import BEGINNING
from bot.domain.quotas import Meter
from bot.errors import TooBusy, Undeliverable

MUCH = 10 * 2**20


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.IMAGES_PER_DAY: 50, Meter.MESSAGES_PER_DAY: 50}


@pytest.fixture
def rooms(house):
    return forgetful(house)


class TestExport:
    async def opened(self, rooms, user_id=ANN, most_bytes=MUCH, since=BEGINNING):
        """Return the parts of an export as names with their bytes."""
        parts = []
        async for part in rooms.takeout.parts(user_id, since, most_bytes):
            data = part.path.read_bytes()
            assert len(data) <= most_bytes
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                assert file.testzip() is None
                parts.append({name: file.read(name) for name in file.namelist()})
        return parts

    async def test_it_holds_all_that_is_theirs_and_nobody_else_s_words(self, house, rooms):
        job = await house.done("my fox")
        first = await say(house, "Bob's words", BOB)
        await say(house, "Ann's words", parent=first)
        await house.done("Bob's boat", bob())

        (part,) = await self.opened(rooms)

        text = b"".join(data for name, data in part.items() if name.endswith(".json")).decode()
        assert "my fox" in text
        assert "Ann's words" in text
        assert "Bob" not in text
        (picture,) = await house.pictures.of_job(job.id, Role.RESULT)
        (name,) = (one for one in part if one.startswith("pictures/"))
        assert part[name] == await house.blobs.get(picture.blob)
        assert "what Easel keeps of you" in part["README.txt"].decode()
        assert {"data/ledger-1.json", "data/requests-1.json", "data/calls-1.json"} <= set(part)

    async def test_it_comes_in_parts_that_fit_and_one_at_a_time_is_on_the_disk(self, house, rooms):
        files = [await house.blobs.put(bytes([n]) * 40_000) for n in range(5)]
        for blob in files:
            file = Attached(FileKind.DOCUMENT, blob, "text/plain", "../a.bin", 40_000)
            await say(house, "look", files=(file,))
        large = await house.blobs.put(b"x" * 200_000)
        await say(house, "big", files=(Attached(FileKind.DOCUMENT, large, "text/plain", "b.bin", 200_000),))

        parts = await self.opened(rooms, most_bytes=100_000)

        names = [name for part in parts for name in part]
        assert len(parts) >= 3
        assert len([name for name in names if name.endswith("a.bin")]) == 5
        assert all(name.split("/")[0] in {"README.txt", "data", "conversations"} for name in names)
        (left,) = json.loads(parts[-1]["data/left_out.json"])
        assert left["reason"] == "larger than Discord takes here"
        assert not any((house.world.folder / "takeout").iterdir())

    async def test_it_can_begin_at_a_day(self, house, rooms):
        await house.done("old fox")
        await later(house, days=5)
        await house.done("new fox")

        (part,) = await self.opened(rooms, since=house.world.clock() - timedelta(days=1))

        assert [row["request"]["prompt"] for row in json.loads(part["data/requests-1.json"])] == ["new fox"]

    async def test_many_rows_come_in_pages(self, house, rooms, monkeypatch):
        monkeypatch.setattr("bot.storage.takeout.PAGE", 2)
        for n in range(5):
            await say(house, f"words {n}")

        (part,) = await self.opened(rooms)

        pages = [json.loads(part[f"data/conversations-{n}.json"]) for n in (1, 2, 3)]
        assert [row["text"] for page in pages for row in page] == [f"words {n}" for n in range(5)]
        assert all("language" in row for page in pages for row in page)

    async def test_once_an_hour(self, house, rooms):
        async with rooms.takeout.granted(ANN):
            pass

        with pytest.raises(TooBusy, match="once an hour"):
            async with rooms.takeout.granted(ANN):
                pass
        async with rooms.takeout.granted(BOB):
            pass
        await later(house, hours=1, seconds=1)
        async with rooms.takeout.granted(ANN):
            pass

    async def test_one_that_failed_does_not_count(self, rooms):
        with pytest.raises(Undeliverable):
            async with rooms.takeout.granted(ANN):
                raise Undeliverable("no")

        async with rooms.takeout.granted(ANN):
            pass
