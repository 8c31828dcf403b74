"""Zip files of kept pictures: their own bytes, with a manifest, in parts that Discord takes."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
import tempfile
import zipfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import NotFound, TooBusy
from bot.texts import tr
from bot.transport.gate import Gate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Sequence

    from bot.storage.blobs import Blobs

Fact = str | int | float | None

MANIFEST_JSON, MANIFEST_CSV = "manifest.json", "manifest.csv"
AT_ONCE = 2
"""Archives that are built and sent at the same time; each takes some hundred megabytes of disk at most."""
PATIENCE_S = 120.0
PACKING_S = 300.0
"""An answer may take 15 minutes, sending it included."""
END_BYTES = 4096
"""More than the end of a zip file takes, and the empty manifests with it."""
FILE_BYTES = 2 * 128
"""More than a zip file says of each file, its name apart: once before its bytes, once in the directory."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet calculate: a prompt is never to be run."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive and its line of the manifest; without a blob the line stands alone.

    `facts` are the columns of the manifest, in their order; `file` is put before them.
    """

    filename: str
    blob: str | None
    facts: tuple[tuple[str, Fact], ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """Zip files on the disk, how many files are in them, and the entries that are not."""

    parts: tuple[Path, ...]
    count: int
    too_large: tuple[Entry, ...]
    """Files that fit into no part."""
    missing: tuple[Entry, ...]
    """Files whose bytes are gone or damaged."""
    rest: tuple[Entry, ...]
    """What came after the last part that was allowed."""


class Archive:
    """Packs kept pictures into zip files below a folder, and takes them away when they are sent."""

    def __init__(self, blobs: Blobs, folder: Path) -> None:
        self._blobs = blobs
        self._folder = folder
        self._gate = Gate(AT_ONCE, PATIENCE_S)

    async def sweep(self) -> None:
        """Take away what an earlier process left; only while nothing is being packed."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    @asynccontextmanager
    async def packed(
        self, entries: Sequence[Entry], *, name: str, most_bytes: int, most_parts: int
    ) -> AsyncGenerator[Packed]:
        """Yield entries as zip files of at most `most_bytes`, which are gone after the block.

        Every part has a manifest of its own, of what is in it. Pictures are read and written one by one.
        Raise TooBusy where that takes too long.
        """
        async with self._gate.inside():
            folder = await asyncio.to_thread(self._make_folder)
            try:
                yield await _in_time(self._pack(entries, _Parts(folder, name, most_bytes, most_parts)))
            finally:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    def _make_folder(self) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self._folder))

    async def _pack(self, entries: Sequence[Entry], parts: _Parts) -> Packed:
        too_large: list[Entry] = []
        missing: list[Entry] = []
        rest: tuple[Entry, ...] = ()
        try:
            for n, entry in enumerate(entries):
                try:
                    data = None if entry.blob is None else await self._blobs.get(entry.blob)
                except NotFound:
                    missing.append(entry)
                    continue
                if parts.is_too_large(entry, data):
                    too_large.append(entry)
                elif not await asyncio.to_thread(parts.add, entry, data):
                    rest = tuple(entries[n:])
                    break
        finally:
            await asyncio.shield(asyncio.to_thread(parts.close))
        return Packed(tuple(parts.paths), parts.count, tuple(too_large), tuple(missing), rest)


async def _in_time(packing: Awaitable[Packed]) -> Packed:
    try:
        async with asyncio.timeout(PACKING_S):
            return await packing
    except TimeoutError:
        raise TooBusy(tr("Reading these pictures takes too long right now. Ask for fewer of them.")) from None


class _Parts:
    """The zip files of one archive: a new one begins where the next file would not fit."""

    def __init__(self, folder: Path, name: str, most_bytes: int, most_parts: int) -> None:
        self._folder = folder
        self._name = name
        self._most_bytes = most_bytes
        self._most_parts = most_parts
        self._file: zipfile.ZipFile | None = None
        self._lines: list[Entry] = []
        self._bytes = 0
        self.paths: list[Path] = []
        self.count = 0

    def is_too_large(self, entry: Entry, data: bytes | None) -> bool:
        """Tell whether a file fits into no part at all."""
        return END_BYTES + _weight(entry, data) > self._most_bytes

    def add(self, entry: Entry, data: bytes | None) -> bool:
        """Write a file, into a new part where needed; False where that would be one too many."""
        weight = _weight(entry, data)
        file = self._file
        if file is None or self._bytes + weight > self._most_bytes:
            if len(self.paths) == self._most_parts:
                return False
            file = self._begin()
        if data is not None:
            file.writestr(entry.filename, data)
            self.count += 1
        self._lines.append(entry)
        self._bytes += weight
        return True

    def close(self) -> None:
        """End the last part with its manifest."""
        if self._file is None:
            return
        with self._file as file:
            file.writestr(MANIFEST_JSON, _as_json(self._lines), zipfile.ZIP_DEFLATED)
            file.writestr(MANIFEST_CSV, _as_csv(self._lines), zipfile.ZIP_DEFLATED)
        self._file = None

    def _begin(self) -> zipfile.ZipFile:
        self.close()
        path = self._folder / f"{self._name}-{len(self.paths) + 1}.zip"
        self._file = zipfile.ZipFile(path, "x", zipfile.ZIP_STORED)  # pictures are compressed already
        self.paths.append(path)
        self._lines = []
        self._bytes = END_BYTES
        return self._file


def _weight(entry: Entry, data: bytes | None) -> int:
    """Return what an entry takes in a part at most: its bytes, its names, its lines uncompressed."""
    name = len(entry.filename.encode())
    lines = len(_as_json([entry]).encode()) + len(_as_csv([entry]).encode())
    return (0 if data is None else len(data) + FILE_BYTES + 2 * name) + lines


def _row(entry: Entry) -> dict[str, Fact]:
    return {"file": entry.filename if entry.blob is not None else None, **dict(entry.facts)}


def _as_json(entries: Sequence[Entry]) -> str:
    return json.dumps([_row(entry) for entry in entries], ensure_ascii=False, indent=1)


def _as_csv(entries: Sequence[Entry]) -> str:
    """Return lines as spreadsheets read them: marked as UTF-8, and with nothing to be calculated."""
    columns = dict.fromkeys(name for entry in entries for name in _row(entry))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in _row(entry).items()} for entry in entries)
    return "\ufeff" + text.getvalue()


def _cell(value: Fact) -> Fact:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
