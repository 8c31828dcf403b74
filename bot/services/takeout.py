"""All that is somebody's as zip files, packed and handed over one after the other."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import re
import shutil
import tempfile
import zipfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.privacy import EXPORT_EVERY, Part
from bot.errors import NotFound, TooBusy
from bot.storage.takeout import SECTIONS
from bot.texts import tr
from bot.transport.gate import Gate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from datetime import datetime

    from bot.storage.blobs import Blobs
    from bot.storage.choices import PrivacyChoices
    from bot.storage.takeout import TakeoutRows

AT_ONCE = 2
END_BYTES = 4096
FILE_BYTES = 512
"""More than a zip file says of each of its files, its name apart."""
FOLDERS = {"pictures": "pictures", "conversation_files": "conversations"}
"""Sections whose rows are files, and the folders that these are put into."""
README = """\
Your data in Easel
==================

These files hold what Easel keeps of you, as of {moment}, in numbered parts.

data/          one kind of thing a file, as JSON; in pages where there is much of it
pictures/      the pictures that you had drawn, and those that guided them
conversations/ the files of what you said to Easel and of its answers

Times are in UTC. Amounts are millionths of a dollar. Ids are Discord's.
What others said is theirs and not in here; Easel's answers to you may quote it. Of favourites that others
drew there is only the number. Acts as a moderator are listed without whom they concerned.
What could not be put in is listed in data/left_out.json, with the reason.
PRIVACY.md of Easel says what each table holds and what becomes of it.
"""


@dataclass(slots=True)
class _Parcel:
    """Files that go into one part after the other."""

    folder: Path
    most_bytes: int
    number: int = 0
    left_out: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _file: zipfile.ZipFile | None = None
    _bytes: int = 0

    def fits_none(self, name: str, size: int) -> bool:
        """Tell whether a file fits into no part."""
        return END_BYTES + _weight(name, size) > self.most_bytes

    def add(self, name: str, data: bytes) -> Path | None:
        """Write a file, and return the part that is full where it had to begin another."""
        full = None
        if self._file is None or self._bytes + _weight(name, len(data)) > self.most_bytes:
            full = self.close()
            self.number += 1
            self._file = zipfile.ZipFile(self._path, "x", zipfile.ZIP_DEFLATED)
            self._bytes = END_BYTES
        method = zipfile.ZIP_STORED if not name.endswith((".json", ".txt")) else zipfile.ZIP_DEFLATED
        self._file.writestr(name, data, method)
        self._bytes += _weight(name, len(data))
        return full

    def close(self) -> Path | None:
        """End the part under way, and return it; None where there is none."""
        if self._file is None:
            return None
        self._file.close()
        self._file = None
        return self._path

    @property
    def _path(self) -> Path:
        return self.folder / f"easel-data-{self.number}.zip"


class Takeout:
    """Packs what is somebody's."""

    def __init__(
        self,
        *,
        rows: TakeoutRows,
        choices: PrivacyChoices,
        blobs: Blobs,
        folder: Path,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._choices = choices
        self._blobs = blobs
        self._folder = folder
        self._clock = clock
        self._gate = Gate(AT_ONCE, 60)

    async def sweep(self) -> None:
        """Take away what an earlier process left; only while nothing is being packed."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def size_bytes(self, user_id: int, since: datetime) -> int:
        """Return how large an export is at most, without its words."""
        return await self._rows.size_bytes(user_id, since)

    @asynccontextmanager
    async def granted(self, user_id: int) -> AsyncGenerator[None]:
        """Let somebody take their data along within the block, or raise TooBusy: once in an hour.

        Where the block fails, they may try again at once.
        """
        now = self._clock()
        if not await self._choices.claim_export(user_id, now, EXPORT_EVERY):
            last = (await self._choices.of(user_id)).exported_at or now
            moment = int((last + EXPORT_EVERY).timestamp()) + 1
            raise TooBusy(
                tr(
                    "You can export your data once an hour. The next time is {when}.",
                    when=f"<t:{moment}:R>",
                )
            )
        try:
            yield
        except BaseException:
            await asyncio.shield(self._choices.give_export_back(user_id))
            raise

    async def parts(self, user_id: int, since: datetime, most_bytes: int) -> AsyncGenerator[Part]:
        """Yield all that is somebody's from a moment on, in parts of at most `most_bytes`.

        One part is on the disk at a time, and one file of it in memory.
        """
        async with self._gate.inside():
            folder = await asyncio.to_thread(self._make_folder)
            parcel = _Parcel(folder, most_bytes)
            try:
                async for name, data in self._files(user_id, since, parcel):
                    full = await asyncio.to_thread(parcel.add, name, data)
                    if full is not None:
                        yield Part(full, parcel.number - 1, len(parcel.left_out))
                        await asyncio.to_thread(full.unlink)
                last = await asyncio.to_thread(parcel.close)
                if last is not None:
                    yield Part(last, parcel.number, len(parcel.left_out))
            finally:
                await asyncio.shield(asyncio.to_thread(_take_away, parcel))

    def _make_folder(self) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self._folder))

    async def _files(
        self, user_id: int, since: datetime, parcel: _Parcel
    ) -> AsyncGenerator[tuple[str, bytes]]:
        moment = self._clock().isoformat(timespec="seconds")
        yield "README.txt", README.format(moment=moment).encode()
        for section in SECTIONS:
            page = 0
            async for rows in self._rows.pages(section, user_id, since):
                page += 1
                if section in FOLDERS:
                    for row in rows:
                        row["file"] = _path(FOLDERS[section], row)
                yield f"data/{section}-{page}.json", _json(rows)
                if section in FOLDERS:
                    async for one in self._kept(rows, parcel):
                        yield one
        if parcel.left_out:
            yield "data/left_out.json", _json(parcel.left_out)

    async def _kept(self, rows: list[dict[str, Any]], parcel: _Parcel) -> AsyncGenerator[tuple[str, bytes]]:
        for row in rows:
            name = row["file"]
            if parcel.fits_none(name, row["size_bytes"]):
                parcel.left_out.append({"file": name, "reason": "larger than Discord takes here"})
                continue
            try:
                data = await self._blobs.get(row["blob"])
            except NotFound:
                parcel.left_out.append({"file": name, "reason": "not kept any more"})
                continue
            yield name, data


def _take_away(parcel: _Parcel) -> None:
    parcel.close()
    shutil.rmtree(parcel.folder, ignore_errors=True)


def _path(folder: str, row: Mapping[str, Any]) -> str:
    """Return where a file lies: a name that is a person's is no way out of the folder."""
    if "filename" in row:
        name = re.sub(r"[^\w.-]+", "_", row["filename"]).strip(".")[-80:] or "file"
        return f"{folder}/{row['turn_id']}.{row['position']}-{name}"
    return f"{folder}/{row['id']}{mimetypes.guess_extension(row['media_type']) or ''}"


def _weight(name: str, size: int) -> int:
    return size + FILE_BYTES + 2 * len(name.encode())


def _json(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "replace")
