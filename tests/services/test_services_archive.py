from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from bot.services.archive import Archive, Entry
from bot.storage.blobs import Blobs

if TYPE_CHECKING:
    from pathlib import Path

    from bot.services.archive import Packed

LIMIT = 100_000
WORDS = "ein „Fuchs“\nim Schnee 狐"


@pytest.fixture
async def blobs(tmp_path: Path) -> Blobs:
    return await Blobs.open(f"file://{tmp_path / 'blobs'}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "packing"


@pytest.fixture
def archive(blobs: Blobs, folder: Path) -> Archive:
    return Archive(blobs, folder)


async def entries(blobs: Blobs, count: int, size: int = 30_000, prompt: str = "a fox") -> list[Entry]:
    return [
        Entry(f"{n}.png", await blobs.put(os.urandom(size)), (("prompt", f"{prompt} {n}"), ("seed", n)))
        for n in range(count)
    ]


def left_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


async def listed(archive: Archive, files: list[Entry], **bounds: int) -> tuple[Packed, list[list[str]]]:
    """Pack and return what is in each part."""
    given = {"most_bytes": LIMIT, "most_parts": 10} | bounds
    async with archive.packed(files, name="foxes", **given) as packed:
        for path in packed.parts:
            assert path.stat().st_size <= given["most_bytes"]
            assert zipfile.ZipFile(path).testzip() is None
        return packed, [zipfile.ZipFile(path).namelist() for path in packed.parts]


async def test_what_is_missing_or_too_large_is_told_and_the_rest_packed(archive: Archive, blobs: Blobs):
    large, gone, fine = (await entries(blobs, 1, LIMIT)) + (await entries(blobs, 2))
    await blobs.delete(gone.blob or "")

    packed, parts = await listed(archive, [large, gone, fine])

    assert (packed.too_large, packed.missing, packed.rest, packed.count) == ((large,), (gone,), (), 1)
    assert parts == [["1.png", "manifest.json", "manifest.csv"]]


async def test_where_nothing_can_be_packed_there_is_no_part(archive: Archive):
    packed, parts = await listed(archive, [])

    assert (packed.parts, packed.count, parts) == ((), 0, [])


async def test_parts_keep_to_the_limit_and_hold_every_byte(archive: Archive, blobs: Blobs):
    files = await entries(blobs, 7)

    async with archive.packed(files, name="foxes", most_bytes=LIMIT, most_parts=10) as packed:
        sizes = [path.stat().st_size for path in packed.parts]
        held = {
            name: zipfile.ZipFile(path).read(name)
            for path in packed.parts
            for name in zipfile.ZipFile(path).namelist()
            if name.endswith(".png")
        }

    assert [path.name for path in packed.parts] == ["foxes-1.zip", "foxes-2.zip", "foxes-3.zip"]
    assert max(sizes) <= LIMIT
    assert held == {entry.filename: await blobs.get(entry.blob or "") for entry in files}


async def test_no_more_parts_are_made_than_allowed_and_the_rest_is_told(archive: Archive, blobs: Blobs):
    files = await entries(blobs, 7)

    packed, parts = await listed(archive, files, most_parts=2)

    assert packed.rest == tuple(files[packed.count :])
    assert len(parts) == 2


async def test_long_prompts_count_toward_the_limit(archive: Archive, blobs: Blobs):
    files = await entries(blobs, 12, size=100, prompt=os.urandom(4_000).hex())

    packed, parts = await listed(archive, files)

    assert packed.count == 12
    assert len(parts) > 1


async def test_every_part_says_of_each_of_its_files_what_made_it(archive: Archive, blobs: Blobs):
    files = [
        *await entries(blobs, 2, prompt="ein „Fuchs“\nim Schnee 狐"),
        Entry("", None, (("prompt", "none"),)),
    ]

    async with archive.packed(files, name="foxes", most_bytes=LIMIT, most_parts=1) as packed:
        zipped = zipfile.ZipFile(packed.parts[0])
        told = json.loads(zipped.read("manifest.json"))
        table = list(csv.DictReader(io.StringIO(zipped.read("manifest.csv").decode("utf-8-sig"))))

    assert told[0] == {"file": "0.png", "prompt": f"{WORDS} 0", "seed": 0}
    assert told[2] == {"file": None, "prompt": "none"}
    assert [row["file"] for row in table] == ["0.png", "1.png", ""]
    assert table[1]["prompt"] == f"{WORDS} 1"


@pytest.mark.parametrize("prompt", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
async def test_a_spreadsheet_does_not_calculate_a_prompt(archive: Archive, blobs: Blobs, prompt: str):
    async with archive.packed(
        await entries(blobs, 1, prompt=prompt), name="foxes", most_bytes=LIMIT, most_parts=1
    ) as packed:
        zipped = zipfile.ZipFile(packed.parts[0])
        (row,) = csv.DictReader(io.StringIO(zipped.read("manifest.csv").decode("utf-8-sig"), newline=""))
        (told,) = json.loads(zipped.read("manifest.json"))

    assert row["prompt"] == f"'{prompt} 0"
    assert told["prompt"] == f"{prompt} 0"


async def test_nothing_stays_on_the_disk(archive: Archive, blobs: Blobs, folder: Path):
    files = await entries(blobs, 2)

    await listed(archive, files)
    with pytest.raises(ZeroDivisionError):
        async with archive.packed(files, name="foxes", most_bytes=LIMIT, most_parts=1):
            raise ZeroDivisionError

    assert left_in(folder) == []


async def test_who_gives_up_leaves_nothing_behind(
    archive: Archive, blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    files = await entries(blobs, 2)
    reading = asyncio.Event()

    async def never(_name: str) -> None:
        reading.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(blobs, "get", never)
    packing = asyncio.create_task(listed(archive, files))
    await reading.wait()
    packing.cancel()
    await asyncio.gather(packing, return_exceptions=True)

    assert left_in(folder) == []


async def test_what_a_killed_process_left_is_swept(archive: Archive, folder: Path):
    (folder / "old").mkdir(parents=True)
    (folder / "old" / "foxes-1.zip").write_bytes(b"half")

    await archive.sweep()
    await archive.sweep()

    assert left_in(folder) == []
