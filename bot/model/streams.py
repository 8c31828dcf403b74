"""Pictures that `/images` sends while it draws: partial ones as they sharpen, then the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.calls import PictureReply
from bot.model.diagnosis import diagnose_reply
from bot.model.events import EventSplitter
from bot.model.partials import Partials
from bot.model.shapes import record, text, whole
from bot.model.splitter import Caps, UnreadableReply
from bot.model.wire import bill, find, nothing_drawn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from bot.domain.calls import PictureBytes
    from bot.model.events import Event
    from bot.model.failures import Failure
    from bot.model.partials import PartialSeen
    from bot.model.splitter import Split

PARTIAL, COMPLETED, ERROR = "image_generation.partial_image", "image_generation.completed", "error"


class PictureStream:
    """Reads the events of one call. `on_partial` is told of each partial picture, with its place in the row.

    Each whole picture is an event of its own, and the last `usage` is the call's. UnreadableReply ends a
    stream that is larger than any honest one.
    """

    def __init__(
        self,
        generation_id: str | None,
        on_partial: Callable[[int, PictureBytes], None],
        caps: Caps | None = None,
    ) -> None:
        self._generation_id = generation_id
        self._on_partial = on_partial
        self._caps = caps or Caps()
        self._events = EventSplitter(self._caps)
        self._pictures: dict[bytes, PictureBytes] = {}
        self._damaged = False
        self._usage: Mapping[str, object] = {}
        self._failure: Failure | None = None

    @property
    def is_done(self) -> bool:
        """Tell whether the stream said that nothing more comes."""
        return self._events.done

    @property
    def is_whole(self) -> bool:
        """Tell whether all that matters has come: the bill comes with the last picture, or an error did."""
        return bool(self._failure or self._usage)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        for event in self._events.feed(chunk):
            self._hear(event)

    def close(self) -> PictureReply | Failure:
        """Return what came; raise UnreadableReply where the stream ended before a picture or an error did."""
        for event in self._events.close():
            self._hear(event)
        return self.result()

    def result(self) -> PictureReply | Failure:
        """Return what came so far, as `close` does."""
        if self._failure is not None:
            return self._failure
        paid = bill({"usage": self._usage})
        if self._pictures:
            found = tuple(self._pictures.values())
            return PictureReply(found, paid.microusd, generation_id=self._generation_id)
        if self._damaged:
            return nothing_drawn(paid, damaged=True, generation_id=self._generation_id)
        raise UnreadableReply("stream ended without a picture")

    def _hear(self, event: Event) -> None:
        """Sort an event; unknown ones may come at any time. After an error nothing counts."""
        fields = record(event.data.skeleton)
        kind = text(fields.get("type")) or event.name
        if self._failure is not None:
            return
        if kind == ERROR or fields.get("error"):
            self._failure = diagnose_reply(fields, billed_microusd=0, generation_id=self._generation_id)
        elif kind == PARTIAL:
            self._show(fields, event.data)
        elif kind == COMPLETED:
            self._keep(fields, event.data)

    def _show(self, fields: Mapping[str, object], data: Split) -> None:
        """Pass a partial picture on; one that is not sound is no loss."""
        index = whole(fields.get("partial_image_index"))
        for picture in find(data, [text(fields.get("b64_json"))]).pictures:
            self._on_partial(index or 0, picture)

    def _keep(self, fields: Mapping[str, object], data: Split) -> None:
        """Keep a whole picture and the bill beside it."""
        found = find(data, [text(fields.get("b64_json"))])
        self._damaged = self._damaged or found.damaged
        self._pictures.update((picture.data, picture) for picture in found.pictures)
        self._usage = record(fields.get("usage")) or self._usage
        too_many = len(self._pictures) > self._caps.pictures
        if too_many or sum(map(len, self._pictures)) > self._caps.raw_bytes:
            raise UnreadableReply("too many pictures")


class PictureFollower:
    """Follows the stream of one call and shows its partial pictures."""

    def __init__(self, on_partial: PartialSeen) -> None:
        self._on_partial = on_partial
        self._stream: PictureStream | None = None

    async def follow(self, chunks: AsyncIterator[bytes], generation_id: str | None) -> PictureReply | Failure:
        """Read a stream until it says that it is done, or ends."""
        async with Partials(self._on_partial) as partials:
            self._stream = stream = PictureStream(generation_id, partials.take)
            async for chunk in chunks:
                stream.feed(chunk)
                if stream.is_done:
                    break
            return stream.close()

    def salvage(self, name: str) -> PictureReply | Failure | None:  # noqa: ARG002 - all or nothing
        """Return what a broken stream had brought, where nothing was left to come."""
        return self._stream.result() if self._stream is not None and self._stream.is_whole else None
