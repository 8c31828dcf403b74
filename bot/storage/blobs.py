"""Bytes named by their SHA-256: in a folder, or in a bucket that speaks S3."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
import secrets
import zlib
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from bot.errors import NotFound, StartupError, StorageTrouble
from bot.storage.disk import NO_ROOM, full_told, nobody
from bot.texts import mark, tr
from migrations.files import flush

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence

    from obstore.store import ObjectStore, RetryConfig

log = structlog.get_logger(__name__)
NAME = re.compile(r"[0-9a-f]{64}")
RETRIES: RetryConfig = {"max_retries": 5, "retry_timeout": timedelta(seconds=30)}
"""A bucket's bad moment is waited out, but not for the three minutes of obstore's default."""
INLINE_BYTES = 64 * 1024
"""Hashing this much takes about 50 µs, less than a hop to a thread is worth."""
WARM_BYTES = 16 * 1024 * 1024
"""What was stored last is at hand until it is read: hashing 2 MiB anew is a fifth of a picture's cost."""
MOST_SUMS = 4096
"""Checksums that are remembered, of what had to make room before it was read."""
NO_BUCKET = "NoSuchBucket"
"""What S3 says, under the same status, where not the bytes are missing but all of the bucket."""
UNTRIED = "not tried yet"
OUT_OF_REACH = mark("Easel cannot fetch that picture right now. Try again later.")


class Blobs:
    """A store of bytes that are named by what they are, so that equal ones are kept once."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder
        self._warm: dict[str, bytes] = {}
        self._sums: dict[str, int] = {}
        """CRC-32 of what was at hand: tells a damaged file at a seventh of what hashing it anew takes."""
        self._entered: set[str] = set()
        """Folders whose own entry is on the disk for certain."""
        self.when_full: Callable[[], None] = nobody
        """Called when there is no room for bytes on the disk."""
        self.when_storing: Callable[[str], Awaitable[object]] = nothing
        """Called with the name of bytes before they are stored, so that no crash leaves any unknown."""
        self.when_freed: Callable[[Sequence[str]], Awaitable[object]] = nothing
        """Called with the names of bytes that were let go, once they are deleted."""
        self.trouble: str | None = None if folder is not None else UNTRIED
        """Why bytes could not be stored when that was tried last, or None where they could."""

    @classmethod
    async def open(cls, url: str) -> Blobs:
        """Open `file:///path` (made where missing) or `s3://bucket/prefix`, or raise StartupError.

        A bucket's region, endpoint and keys are read by obstore from the AWS_… variables or the machine.
        """
        parts = urlsplit(url)
        if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path.strip("/"):
            return await asyncio.to_thread(_open_folder, Path(unquote(parts.path)))
        if parts.scheme != "s3" or not parts.netloc:
            raise StartupError("BLOB_URL must look like file:///path/to/blobs or s3://bucket/prefix.")
        try:
            return cls(S3Store.from_url(url, retry_config=RETRIES))
        except BaseError as error:
            raise StartupError(f"BLOB_URL cannot be opened: {first_line(error)}.") from error

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the folder on this machine that they are in, if they are in one."""
        return () if self._folder is None else (self._folder,)

    async def put(self, data: bytes, name: str | None = None) -> str:
        """Store bytes and return their name, which may be known already (`name_of`); or raise StorageTrouble.

        When it returns they survive a power cut.

        Bytes that are there already are written again: that mends a file which a power cut left damaged.
        """
        name = name or await _name(data)
        await self.when_storing(name)
        await self._store_as(name, data)
        return name

    async def _store_as(self, name: str, data: bytes) -> None:
        with self._trouble_told(), full_told(self.when_full):
            if self._folder is None:
                await obstore.put_async(self._store, _key(name), data)
            else:
                is_at_hand = self._warmth() + len(data) <= WARM_BYTES
                await asyncio.to_thread(self._write, self._folder, name, data, is_at_hand=is_at_hand)
        await self._keep_warm(name, data)

    @contextmanager
    def _trouble_told(self) -> Generator[None]:
        """Raise whatever keeps bytes from being stored as StorageTrouble, and remember it while it lasts."""
        try:
            yield
        except (OSError, BaseError) as error:
            self.trouble = first_line(error)
            log.warning("bytes not stored", reason=self.trouble)
            raise StorageTrouble(tr(NO_ROOM)) from error
        self.trouble = None

    def _write(self, folder: Path, name: str, data: bytes, *, is_at_hand: bool) -> None:
        """Write a file, and force it and its entries to the disk; obstore renames, but never fsyncs.

        Of what is at hand the system need not keep another copy in memory, which would push out others and
        takes longer to find room for than the same room again: 4 of 34 ms of processor time for 2 MiB.
        """
        file = folder / _key(name)
        obstore.put(self._store, _key(name), data)
        flush(file, keep=not is_at_hand)
        flush(file.parent)
        if file.parent.name not in self._entered:
            flush(folder)
            self._entered.add(file.parent.name)

    async def _keep_warm(self, name: str, data: bytes) -> None:
        """Keep bytes at hand; of the oldest, where they are too many, a checksum for their first read."""
        self._warm[name] = data
        while self._warmth() > WARM_BYTES:
            oldest = next(iter(self._warm))
            self._sums[oldest] = await _sum(self._warm.pop(oldest))
            if len(self._sums) > MOST_SUMS:
                del self._sums[next(iter(self._sums))]

    def _warmth(self) -> int:
        return sum(map(len, self._warm.values()))

    async def get(self, name: str) -> bytes:
        """Return the bytes of a name, or raise NotFound where they are missing or damaged.

        Raise StorageTrouble where that cannot be told now.
        """
        if (data := self._warm.pop(name, None)) is not None:
            return data
        try:
            result = await obstore.get_async(self._store, _key(name))
            data = (await result.bytes_async()).to_bytes()
        except (OSError, BaseError) as error:
            if isinstance(error, FileNotFoundError) and NO_BUCKET not in str(error):
                raise NotFound(tr("That picture is not kept any more.")) from error
            log.warning("bytes not fetched", reason=first_line(error))
            raise StorageTrouble(tr(OUT_OF_REACH)) from error
        if not await self._is_sound(name, data):
            raise NotFound(tr("That picture's file is damaged. Please draw it again."))
        return data

    async def _is_sound(self, name: str, data: bytes) -> bool:
        """Tell whether bytes are what was stored by a name."""
        if (known := self._sums.pop(name, None)) is not None:
            return await _sum(data) == known
        return await _name(data) == name

    async def exists(self, name: str) -> bool:
        """Tell whether the bytes of a name are kept."""
        try:
            await obstore.head_async(self._store, _key(name))
        except FileNotFoundError:
            return False
        return True

    async def delete(self, name: str) -> None:
        """Delete the bytes of a name, or raise OSError; nothing happens where there are none.

        With them goes what a crash left of them before they were whole.
        """
        self._warm.pop(name, None)
        self._sums.pop(name, None)
        try:
            await obstore.delete_async(self._store, _key(name))
            if self._folder is not None:
                await asyncio.to_thread(_delete_parts, self._folder / _key(name))
        except FileNotFoundError:
            if self._folder is None:  # a bucket says nothing of missing bytes: it is missing itself
                raise
        except BaseError as error:
            raise OSError(first_line(error)) from error

    async def let_go(self, names: Iterable[str]) -> None:
        """Delete the bytes of names that are noted as loose; what cannot be deleted now stays noted."""
        gone: list[str] = []
        for name in names:
            try:
                await self.delete(name)
            except OSError as error:
                log.warning("bytes not deleted yet", reason=first_line(error))
            else:
                gone.append(name)
        if gone:
            await self.when_freed(gone)

    async def probe(self) -> None:
        """Store, read and delete a few bytes, or raise StartupError."""
        try:
            data = secrets.token_bytes(16)
            name = await _name(data)
            await self._store_as(name, data)
            self._warm.pop(name, None)
            await self.get(name)
            await self.delete(name)
        except (OSError, StorageTrouble, NotFound) as error:
            raise StartupError(f"Pictures cannot be kept at BLOB_URL: {first_line(error)}.") from error


def _open_folder(folder: Path) -> Blobs:
    """Open a folder, made where missing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Blobs(LocalStore(folder), folder)
    except (OSError, BaseError) as error:
        raise StartupError(
            f"The folder {folder} cannot be used for pictures: {first_line(error)}."
        ) from error


def first_line(error: BaseException) -> str:
    """Return what an error says, or what the store said, without the debug view that obstore adds."""
    said = error.__cause__ if isinstance(error, StorageTrouble) else None
    return str(said or error).partition("\n")[0].rstrip(".")


async def nothing(_names: object) -> None:
    """Note nothing."""


def _delete_parts(file: Path) -> None:
    """Delete what is left where storing broke off: obstore writes to `name#1` and so on, then renames."""
    for number in itertools.count(1):
        try:
            file.with_name(f"{file.name}#{number}").unlink()
        except FileNotFoundError:
            return


def _key(name: str) -> str:
    """Return where a name is kept: 256 folders, so that none grows too long to list."""
    if not NAME.fullmatch(name):
        raise NotFound(tr("That picture is not kept any more."))
    return f"{name[:2]}/{name}"


def name_of(data: bytes) -> str:
    """Return the SHA-256 of bytes, by which they are stored; 2 MiB take 1 to 5 ms."""
    return hashlib.sha256(data).hexdigest()


async def _name(data: bytes) -> str:
    """Return the name of bytes, that of big ones off the event loop."""
    return name_of(data) if len(data) <= INLINE_BYTES else await asyncio.to_thread(name_of, data)


async def _sum(data: bytes) -> int:
    """Return the CRC-32 of bytes, big ones off the event loop."""
    return zlib.crc32(data) if len(data) <= INLINE_BYTES else await asyncio.to_thread(zlib.crc32, data)
