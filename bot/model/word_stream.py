"""Words that come as a stream of events, told on as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from bot.model.events import EventSplitter
from bot.model.speech import CAPS, Speech
from bot.model.splitter import UnreadableReply

if TYPE_CHECKING:
    from bot.domain.words import WordsReply
    from bot.model.events import Event
    from bot.model.failures import Failure
    from bot.model.splitter import Caps

TextSeen = Callable[[str], Awaitable[None]]


class WordsStream:
    """Reads the events of one answer; however its bytes are cut, the answer is the same.

    UnreadableReply ends a stream that is larger than any honest one.
    """

    def __init__(self, generation_id: str | None, caps: Caps = CAPS) -> None:
        self._events = EventSplitter(caps)
        self._speech = Speech(generation_id, caps)

    @property
    def is_done(self) -> bool:
        """Tell whether the stream said that nothing more comes."""
        return self._events.done

    @property
    def is_whole(self) -> bool:
        """Tell whether all that matters has come: the end of the answer, or an error."""
        return bool(self._speech.ending) or self._speech.has_failed

    def feed(self, chunk: bytes) -> str:
        """Take the next bytes and return the words in them."""
        return self._hear(self._events.feed(chunk))

    def close(self) -> str:
        """Return the words of the event that the stream ended in; its blank line may be missing."""
        return self._hear(self._events.close())

    def result(self) -> WordsReply | Failure:
        """Return the answer; raise UnreadableReply where the stream ended before it did."""
        if not (self.is_whole or self.is_done):
            raise UnreadableReply("stream ended before the answer did")
        return self._speech.conclude()

    def lost(self, name: str) -> Failure:
        """Return the failure of a stream that broke off, with what came of it."""
        return self._speech.lost(name)

    def _hear(self, events: list[Event]) -> str:
        return "".join(self._speech.hear(event.data, "delta") for event in events)


class Teller:
    """Tells words on, and remembers whether there were any."""

    def __init__(self, on_text: TextSeen) -> None:
        self._on_text = on_text
        self.told = False

    async def __call__(self, words: str) -> None:
        """Tell words on."""
        if words:
            self.told = True
            await self._on_text(words)


class WordsFollower:
    """Follows the stream of one answer and tells its words on, each once."""

    def __init__(self, tell: Teller) -> None:
        self._tell = tell
        self._stream: WordsStream | None = None

    async def follow(self, chunks: AsyncIterator[bytes], generation_id: str | None) -> WordsReply | Failure:
        """Read a stream until it says that it is done, or ends."""
        self._stream = stream = WordsStream(generation_id)
        async for chunk in chunks:
            await self._tell(stream.feed(chunk))
            if stream.is_done:
                break
        await self._tell(stream.close())
        return stream.result()

    def salvage(self, name: str) -> WordsReply | Failure | None:
        """Return the answer where all of it came before the stream broke, else the failure with what came."""
        stream = self._stream
        if stream is None:
            return None
        return stream.result() if stream.is_whole else stream.lost(name)
