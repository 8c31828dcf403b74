"""The files that people bring into a conversation: checked by what they are, kept as our own copies."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.documents import pdf, text
from bot.domain.conversation import TEXT, Attached, FileKind, Unusable
from bot.domain.images import EXTENSIONS
from bot.domain.requests import Kept, Stored, Upload
from bot.domain.strips import longest_side
from bot.errors import BadInput, DocumentUnusable, NotFound, PictureUnusable, StorageTrouble
from bot.images.inspect import inspect, verify, working_bytes
from bot.images.prepare import prepare
from bot.images.sniff import is_picture_like
from bot.services.references import MAX_UPLOAD_BYTES
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.domain.calls import PictureBytes
    from bot.domain.requests import Reference
    from bot.images.pool import PicturePool
    from bot.storage.blobs import Blobs
    from bot.storage.pictures import Pictures

log = structlog.get_logger(__name__)
MOST = 10
"""Files of one turn; a message of Discord holds as many."""
MOST_TEXT_BYTES = 400_000
"""Of all files of text of one turn together."""
COUNTS_AT_ONCE = 2
"""PDFs whose pages are counted at the same time: each takes a process."""
ROOM_S, LONGEST_S = 5.0, 120.0
"""How often it is tried to store what a model drew, and for how long: whoever asked waits for the answer."""
PDF = "application/pdf"
PICTURE_NAMES = frozenset({"jpeg", *EXTENSIONS.values()})
TAKEN = mark(
    "Easel reads pictures (PNG, JPEG, WebP, GIF), PDFs, and text such as Markdown, code, CSV and JSON. "
    "If this is text, save it in UTF-8."
)
TOO_LONG = mark("What is attached is too long for the model. Send fewer or shorter files.")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as the model gets it, with its bytes; one that is not kept has no blob."""

    file: Attached
    data: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """The files of a turn that can be used, and those that cannot."""

    files: tuple[Attached, ...]
    unusable: tuple[Unusable, ...] = ()


class Attachments:
    """Reads, prepares and stores files."""

    def __init__(
        self,
        pictures: Pictures,
        blobs: Blobs,
        pool: PicturePool,
        fetch: Callable[[Upload], Awaitable[bytes]],
    ) -> None:
        self._pictures = pictures
        self._blobs = blobs
        self._pool = pool
        self._fetch = fetch
        self._counting = asyncio.Semaphore(COUNTS_AT_ONCE)

    async def read(self, uploads: Sequence[Reference], brought: Sequence[Reference] = ()) -> Reading:
        """Return kept copies of files, in their order, and sentences that name those that cannot be used.

        `brought` are those of a message that is quoted.

        Raise the first of them as BadInput or NotFound where no file can be used, and BadInput where they are
        too much together.
        """
        given = (*uploads, *brought)
        _require_few(given)
        tried = await asyncio.gather(*map(self._tried, given))
        failed = [one for one in tried if not isinstance(one, Loaded)]
        loaded = [
            replace(one, file=replace(one.file, is_quoted=number >= len(uploads)))
            for number, one in enumerate(tried)
            if isinstance(one, Loaded)
        ]
        if failed and not loaded:
            raise failed[0]
        _require_little(loaded)
        files = tuple(await asyncio.gather(*map(self._keep, loaded)))
        unusable = [
            Unusable(str(one), getattr(upload, "attachment_id", None), is_quoted=number >= len(uploads))
            for number, (upload, one) in enumerate(zip(given, tried, strict=True))
            if not isinstance(one, Loaded)
        ]
        return Reading(files, tuple(unusable))

    async def load(self, uploads: Sequence[Reference]) -> tuple[Loaded, ...]:
        """Return files to use once, none of them kept; raise BadInput naming one that cannot be used."""
        _require_few(uploads)
        loaded = tuple(await asyncio.gather(*map(self._named, uploads)))
        _require_little(loaded)
        return loaded

    async def _tried(self, upload: Reference) -> Loaded | BadInput | NotFound:
        try:
            return await self._named(upload)
        except (BadInput, NotFound) as error:
            return error

    async def load_one(self, upload: Reference) -> Loaded:
        """Return a file to use once; raise a UserFacingError that does not name the file."""
        if isinstance(upload, Stored):
            return await self._stored(upload)
        if isinstance(upload, Kept):
            raise NotFound(tr("That picture belongs to another conversation. Send it again."))
        if upload.size_bytes > MAX_UPLOAD_BYTES:
            raise PictureUnusable(tr("this file is over 20 MB. Send a smaller one."))
        loaded = await self._by_content(upload, await self._fetch(upload))
        return replace(loaded, file=replace(loaded.file, attachment_id=upload.attachment_id))

    async def drawn(self, pictures: Sequence[PictureBytes]) -> tuple[Attached, ...]:
        """Return kept copies of what a model drew in an answer; one that is damaged is left out.

        It is paid for: it is tried for a while to store it, before StorageTrouble is raised.
        """
        kept: list[Attached] = []
        until_s = time.monotonic() + LONGEST_S
        for number, picture in enumerate(pictures, start=1):
            try:
                info = await self._pool.run(verify, picture.data, weight_bytes=len(picture.data))
            except PictureUnusable as error:
                log.warning("picture of an answer damaged", reason=str(error))
                continue
            kept.append(
                Attached(
                    kind=FileKind.PICTURE,
                    blob=await self._put_surely(picture.data, until_s),
                    media_type=info.media_type,
                    filename=f"easel-{number}.{EXTENSIONS[info.media_type]}",
                    size_bytes=info.size_bytes,
                    size=(info.width, info.height),
                )
            )
        return tuple(kept)

    async def _put_surely(self, data: bytes, until_s: float) -> str:
        while True:
            try:
                return await self._blobs.put(data)
            except StorageTrouble:
                if time.monotonic() >= until_s:
                    raise
                log.warning("a picture of an answer waits until it can be stored")
            await asyncio.sleep(ROOM_S)

    async def _keep(self, loaded: Loaded) -> Attached:
        return replace(loaded.file, blob=loaded.file.blob or await self._blobs.put(loaded.data))

    async def _named(self, upload: Reference) -> Loaded:
        try:
            return await self.load_one(upload)
        except BadInput as error:
            if not isinstance(upload, Upload):
                raise
            named = tr("“{filename}”: {error}", filename=upload.filename, error=error)
            raise type(error)(named) from error

    async def _by_content(self, upload: Upload, data: bytes) -> Loaded:
        """Take a file as what it is. What is called a picture and is none gets the words for that."""
        if not data:
            raise DocumentUnusable(tr("this file is empty."))
        if pdf.is_pdf(data):
            async with self._counting:
                pages = await asyncio.to_thread(pdf.pages, data)
            return _document(upload, data, PDF, pages)
        if is_picture_like(data) or upload.filename.rpartition(".")[2].lower() in PICTURE_NAMES:
            return await self._picture(upload, data)
        said = text.read(data)
        if said is None:
            raise DocumentUnusable(tr(TAKEN))
        if not said.strip():
            raise DocumentUnusable(tr("this file is empty."))
        return _document(upload, said.encode(), TEXT, None)

    async def _stored(self, reference: Stored) -> Loaded:
        """Return a picture that Easel keeps; who asks may see it, or would not have its id."""
        picture = await self._pictures.get(reference.picture_id)
        if picture is None:
            raise NotFound(tr("That picture was deleted. Choose another one."))
        return Loaded(Attached.of(picture), await self._blobs.get(picture.blob))

    async def _picture(self, upload: Upload, data: bytes) -> Loaded:
        before = await self._pool.run(inspect, data, weight_bytes=len(data))
        work = partial(prepare, data, max_side=longest_side((before.width, before.height)))
        picture = await self._pool.run(work, weight_bytes=working_bytes(before))
        info = await self._pool.run(inspect, picture.data, weight_bytes=len(picture.data))
        file = Attached(
            kind=FileKind.PICTURE,
            blob="",
            media_type=picture.media_type,
            filename=upload.filename,
            size_bytes=len(picture.data),
            size=(info.width, info.height),
        )
        return Loaded(file, picture.data)


def too_many(count: int) -> str:
    """Say that files are more than MOST."""
    return tr("These are {count} files, and {most} can be read at once. Send fewer.", count=count, most=MOST)


def _require_few(uploads: Sequence[Reference]) -> None:
    if len(uploads) > MOST:
        raise BadInput(too_many(len(uploads)))


def _require_little(loaded: Sequence[Loaded]) -> None:
    """Raise DocumentUnusable for documents that are too much together."""
    attached = [one.file for one in loaded]
    if sum(file.pages or 0 for file in attached) > pdf.MOST_PAGES:
        raise DocumentUnusable(
            tr(
                "These documents have over {most} pages together. Send fewer at once.",
                most=pdf.MOST_PAGES,
            )
        )
    if sum(file.size_bytes for file in attached if file.is_text) > MOST_TEXT_BYTES:
        raise DocumentUnusable(
            tr(
                "These files hold over {kilobytes} KB of text together. Send fewer at once.",
                kilobytes=MOST_TEXT_BYTES // 1000,
            )
        )


def _document(upload: Upload, data: bytes, media_type: str, pages: int | None) -> Loaded:
    return Loaded(
        Attached(
            kind=FileKind.DOCUMENT,
            blob="",
            media_type=media_type,
            filename=upload.filename,
            size_bytes=len(data),
            pages=pages,
        ),
        data,
    )
