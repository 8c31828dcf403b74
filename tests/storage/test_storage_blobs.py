from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest
from bucket_kit import serving

from bot.errors import NotFound, StartupError, StorageTrouble
from bot.storage import blobs as storage
from bot.storage.blobs import Blobs

SMALL, BIG = b"small", os.urandom(300_000)


@pytest.fixture
async def blobs(tmp_path):
    return await Blobs.open((tmp_path / "with space%" / "blobs").as_uri())


def stored(tmp_path, name):
    return tmp_path / "with space%" / "blobs" / name[:2] / name


@pytest.mark.parametrize("data", [b"", SMALL, BIG], ids=["empty", "small", "big"])
async def test_bytes_come_back_by_their_hash(blobs, data):
    name = await blobs.put(data)

    assert name == hashlib.sha256(data).hexdigest()
    assert await blobs.get(name) == data
    assert await blobs.exists(name)


async def test_equal_bytes_are_kept_once(blobs, tmp_path):
    assert await blobs.put(SMALL) == await blobs.put(SMALL)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_the_system_keeps_in_memory_what_is_not_at_hand_alone(blobs, monkeypatch):
    kept = {}
    monkeypatch.setattr(storage, "flush", lambda path, *, keep=True: kept.update({path.name: keep}))
    monkeypatch.setattr(storage, "WARM_BYTES", len(SMALL) + 1)

    at_hand, too_much = await blobs.put(SMALL), await blobs.put(SMALL[::-1])

    assert (kept[at_hand], kept[too_much]) == (False, True)


async def test_a_full_disk_is_said_and_told(blobs, monkeypatch):
    def full(_path, **_):
        raise OSError(errno.ENOSPC, "No space left on device")

    told = []
    blobs.when_full = lambda: told.append(True)
    monkeypatch.setattr(storage, "flush", full)

    with pytest.raises(StorageTrouble, match="no room"):
        await blobs.put(SMALL)
    assert told == [True]


async def test_missing_bytes_are_said(blobs):
    name = hashlib.sha256(b"never stored").hexdigest()

    assert not await blobs.exists(name)
    with pytest.raises(NotFound, match="not kept any more"):
        await blobs.get(name)


async def test_deleted_bytes_are_gone_and_may_be_deleted_again(blobs):
    name = await blobs.put(SMALL)
    await blobs.delete(name)
    await blobs.delete(name)

    assert not await blobs.exists(name)


@pytest.mark.parametrize("data", [b"", b"smalL"], ids=["truncated", "flipped"])
async def test_damaged_bytes_are_never_given_out_and_mended_by_the_next_put(blobs, tmp_path, data):
    name = await blobs.put(SMALL)
    await blobs.get(name)  # from here on it is read from the disk
    stored(tmp_path, name).write_bytes(data)

    with pytest.raises(NotFound, match="damaged"):
        await blobs.get(name)
    await blobs.put(SMALL)
    assert await blobs.get(name) == SMALL
    assert await blobs.get(name) == SMALL


async def test_what_was_stored_last_is_at_hand_once(blobs, tmp_path):
    name = await blobs.put(SMALL)
    stored(tmp_path, name).unlink()

    assert await blobs.get(name) == SMALL
    with pytest.raises(NotFound):
        await blobs.get(name)


async def test_no_more_is_at_hand_than_memory_allows(blobs, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.storage.blobs.WARM_BYTES", len(BIG))
    first, second = await blobs.put(SMALL), await blobs.put(BIG)
    for name in (first, second):
        stored(tmp_path, name).unlink()

    assert await blobs.get(second) == BIG
    with pytest.raises(NotFound):
        await blobs.get(first)


async def test_damage_is_seen_in_what_had_to_make_room(blobs, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.storage.blobs.WARM_BYTES", 0)
    name = await blobs.put(SMALL)
    assert await blobs.get(name) == SMALL

    await blobs.put(SMALL)
    stored(tmp_path, name).write_bytes(SMALL.swapcase())
    for _ in range(2):  # by its checksum, then by its hash
        with pytest.raises(NotFound, match="damaged"):
            await blobs.get(name)


async def test_what_had_to_make_room_is_not_hashed_again(blobs, monkeypatch):
    monkeypatch.setattr("bot.storage.blobs.WARM_BYTES", 0)
    name = await blobs.put(BIG)
    monkeypatch.setattr("bot.storage.blobs.hashlib.sha256", None)

    assert await blobs.get(name) == BIG


async def test_what_was_deleted_is_not_at_hand(blobs):
    name = await blobs.put(SMALL)
    await blobs.delete(name)

    with pytest.raises(NotFound):
        await blobs.get(name)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "a/" * 32])
async def test_name_that_is_no_hash_reaches_no_file(blobs, name):
    with pytest.raises(NotFound):
        await blobs.get(name)


async def test_bytes_and_their_folders_are_on_the_disk_when_put_returns(blobs, tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def watch(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    name = await blobs.put(SMALL)

    file = stored(tmp_path, name)
    assert synced == [str(file), str(file.parent), str(file.parent.parent)]

    synced.clear()
    await blobs.put(SMALL)
    assert synced == [str(file), str(file.parent)], "the folder's own entry is there already"


async def test_folder_is_for_its_owner_alone(blobs, tmp_path):
    assert (tmp_path / "with space%" / "blobs").stat().st_mode & 0o077 == 0


async def test_store_that_works_passes_the_probe_and_keeps_nothing(blobs, tmp_path):
    await blobs.probe()

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_store_that_keeps_nothing_fails_the_probe_in_a_sentence(blobs, tmp_path):
    folder = tmp_path / "with space%" / "blobs"
    folder.rmdir()
    folder.touch()

    with pytest.raises(StartupError, match="Pictures cannot be kept at BLOB_URL"):
        await blobs.probe()


@pytest.mark.parametrize(
    "url", ["", "blobs", "file:///", "file://host/blobs", "http://bucket", "s3://", "memory://"]
)
async def test_other_addresses_are_refused_in_a_sentence(url):
    with pytest.raises(StartupError, match="BLOB_URL must look like"):
        await Blobs.open(url)


async def test_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StartupError, match=r"cannot be used for pictures.*\.$"):
        await Blobs.open((tmp_path / "file" / "blobs").as_uri())


async def test_bucket_that_cannot_be_opened_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "nonsense")

    with pytest.raises(StartupError, match="BLOB_URL cannot be opened"):
        await Blobs.open("s3://bucket/prefix")


@pytest.fixture
async def bucket(monkeypatch):
    monkeypatch.setitem(storage.RETRIES, "max_retries", 0)
    async with serving() as bucket:
        for name, value in bucket.settings.items():
            monkeypatch.setenv(name, value)
        yield bucket


async def test_bucket_keeps_bytes_as_a_folder_does(bucket):
    blobs = await Blobs.open("s3://pictures/easel")
    name = await blobs.put(SMALL)

    assert list(bucket.kept) == [f"/pictures/easel/{name[:2]}/{name}"]
    assert await blobs.get(name) == SMALL
    assert await blobs.exists(name)
    await blobs.delete(name)
    assert not await blobs.exists(name)
    with pytest.raises(NotFound):
        await blobs.get(name)


TROUBLES = pytest.mark.parametrize(
    "trouble", [(503, "SlowDown"), (403, "InvalidAccessKeyId"), (404, "NoSuchBucket")], ids=lambda one: one[1]
)


@TROUBLES
async def test_bytes_that_a_bucket_does_not_take_are_said_until_it_does(bucket, trouble):
    blobs = await Blobs.open("s3://pictures/easel")
    bucket.trouble = trouble

    with pytest.raises(StorageTrouble, match="no room"):
        await blobs.put(SMALL)
    assert trouble[1] in (blobs.trouble or "")

    bucket.trouble = None
    await blobs.put(SMALL)
    assert blobs.trouble is None


@TROUBLES
async def test_bytes_of_a_bucket_in_trouble_are_not_lost(bucket, trouble, monkeypatch):
    monkeypatch.setattr("bot.storage.blobs.WARM_BYTES", 0)
    blobs = await Blobs.open("s3://pictures/easel")
    name = await blobs.put(SMALL)
    bucket.trouble = trouble

    with pytest.raises(StorageTrouble, match="cannot fetch"):
        await blobs.get(name)

    bucket.trouble = None
    assert await blobs.get(name) == SMALL


@TROUBLES
async def test_bytes_that_a_bucket_does_not_let_go_are_not_called_deleted(bucket, trouble):
    blobs = await Blobs.open("s3://pictures/easel")
    name, gone = await blobs.put(SMALL), []
    bucket.trouble = trouble

    with pytest.raises(OSError, match=trouble[1]):
        await blobs.delete(name)

    async def freed(names):
        gone.append(names)

    blobs.when_freed = freed
    await blobs.let_go([name])
    assert gone == []
    bucket.trouble = None
    await blobs.let_go([name])
    assert gone == [[name]]


async def test_a_bucket_is_in_doubt_until_it_was_tried(bucket):
    blobs = await Blobs.open("s3://pictures/easel")
    assert blobs.trouble is not None
    bucket.trouble = (404, "NoSuchBucket")

    with pytest.raises(StartupError, match=r"Pictures cannot be kept at BLOB_URL: .*NoSuchBucket"):
        await blobs.probe()
    bucket.trouble = None
    await blobs.probe()

    assert (blobs.trouble, bucket.kept) == (None, {})


async def test_a_folder_that_takes_nothing_is_said(blobs, tmp_path):
    folder = tmp_path / "with space%" / "blobs"
    folder.rmdir()
    folder.touch()

    with pytest.raises(StorageTrouble, match="no room"):
        await blobs.put(SMALL)
    assert blobs.trouble


async def test_bytes_are_noted_before_any_of_them_are_there(blobs, tmp_path):
    noted = []

    async def note(name):
        noted.append((name, [path for path in tmp_path.rglob("*") if path.is_file()]))

    blobs.when_storing = note
    name = await blobs.put(SMALL)
    assert noted == [(name, [])]

    await blobs.probe()
    assert len(noted) == 1, "what storing is tried with is nobody's"


async def test_nothing_is_stored_that_cannot_be_noted(blobs, tmp_path):
    async def full(_name):
        raise StorageTrouble("no room")

    blobs.when_storing = full
    with pytest.raises(StorageTrouble):
        await blobs.put(SMALL)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_with_bytes_goes_what_was_left_of_them_where_storing_broke_off(blobs, tmp_path):
    name = await blobs.put(SMALL)
    file = stored(tmp_path, name)
    for number in (1, 2):
        file.with_name(f"{name}#{number}").write_bytes(SMALL[:number])

    await blobs.delete(name)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
