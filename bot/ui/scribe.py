"""Writes one answer into Discord as its words come."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord
import stamina
import structlog

from bot.errors import Unreachable
from bot.texts import mark, tr
from bot.ui.crowd import EVERYBODY
from bot.ui.laying import pages_of, parts_of, thinking, written
from bot.ui.pages import Page, enclosures, is_about_files, is_closed, new_nonce
from bot.ui.patience import ANY_TROUBLE, UNSHOWN, passes_soon
from bot.ui.press import ActButton

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
    from datetime import datetime

    from bot.ui.crowd import Crowd
    from bot.ui.pages import Place, Posted

log = structlog.get_logger(__name__)
TYPING_EVERY_S, TYPING_FOR_S = 9.0, 600.0
PATIENCE_S = 60.0
"""How long trouble on Discord's side is waited out at the end of an answer."""
REQUEST_S = 120.0
"""How long one message may take on its way; discord.py waits for rate limits meanwhile."""
THINKING_EVERY_S = 2.0
"""The least time between two changes of what stands there before the first words."""
FAREWELL_S = 5.0
CLOSING_S = 10.0
"""How long before a place closes for good the last words are shown there."""
STOP = "stop"
NO_FILES = mark("Files could not be attached here.")
CLOSING = mark("Discord takes changes for 15 minutes only, so what comes now cannot be shown here.")
NOT_TAKEN = mark("Discord did not take the answer.")
BROKE_OFF = mark("Easel had to stop here, so the answer broke off.")


class Scribe:
    """One answer on its way: takes words at any speed, and shows them as fast as Discord takes them.

    The head stands above the words wherever some are shown.
    """

    def __init__(
        self,
        place: Place,
        *,
        stop: str | int | None = None,
        head: str = "",
        timer: Callable[[], float] = time.monotonic,
        every_s: float = 1.2,
        think_s: float = 4.0,
        crowd: Crowd = EVERYBODY,
    ) -> None:
        self._place = place
        self._head = head
        self._stop = () if stop is None else (ActButton(STOP, stop, label=tr("Stop"), emoji="⏹️"),)
        self._timer = timer
        self._every_s = every_s
        self._crowd = crowd
        self._think_s = min(think_s, think_s if place.think_s is None else place.think_s)
        self._words: list[str] = []
        self._again_at: datetime | None = None
        self._changed, self._end = asyncio.Event(), asyncio.Event()
        self._shown: list[tuple[Posted, Page]] = []
        self._nonce, self._is_retried = new_nonce(), False
        self._reposts = 1
        self._is_done = self._is_taken = self._is_left = False
        self._written: set[int] = set()
        """All messages that showed something of it, also those that are gone."""
        self._laying = asyncio.Lock()
        self._typing = asyncio.create_task(self._type(), name="typing")
        self._writing = asyncio.create_task(self._write(), name="scribe")

    async def hear(self, words: str) -> None:
        """Take words; return at once, whatever Discord does."""
        self._words.append(words)
        self._changed.set()

    def held_up(self, seconds: float) -> None:
        """Say for how long a busy model is waited for, where nothing came yet; 0 once it is not any more."""
        self._again_at = discord.utils.utcnow() + timedelta(seconds=seconds) if seconds else None
        self._changed.set()

    def carried(self) -> tuple[int, ...]:
        """Return the ids of the messages that show something so far."""
        return tuple(posted.message_id for posted, _ in self._shown)

    def taken(self, message_ids: Collection[int]) -> bool:
        """Tell whether one of these messages is the answer's: then somebody deleted it, and no more is shown.

        The rest of it is taken away at its end.
        """
        self._is_taken = self._is_taken or not self._written.isdisjoint(message_ids)
        return self._is_taken

    def vanish(self) -> None:
        """Show nothing of the answer any more, and let its end take away what is shown."""
        self._is_taken = True

    async def finish(
        self,
        text: str,
        *,
        notes: Sequence[str] = (),
        buttons: Iterable[ActButton] = (),
        files: Iterable[discord.File] = (),
        below: Sequence[str] = (),
    ) -> tuple[int, ...]:
        """Show exactly that text, and return the ids of its messages, or raise Unreachable.

        `below` are whole lines that stand under it quietly, before the notes; BELOW characters at most.

        Where Discord takes no more, because an interaction is over, the answer ends with what is shown.
        """
        pressable, enclosed = tuple(buttons), enclosures(files)
        await self._ended()
        whole = self._head + text
        pages = pages_of(whole, notes=notes, buttons=pressable, files=enclosed, below=below)
        try:
            return await self._lastly(lambda: self._lay(pages, is_last=True))
        except discord.HTTPException as error:
            if not any(page.files for page in pages):
                raise Unreachable(tr(NOT_TAKEN)) from error
            log.warning("files of an answer refused", code=error.code, status=error.status)
        try:
            bare = pages_of(
                whole, notes=(*notes, tr(NO_FILES)), buttons=pressable, can_attach=False, below=below
            )
            return await self._lastly(lambda: self._lay(bare, is_last=True))
        except discord.HTTPException as error:
            raise Unreachable(tr(NOT_TAKEN)) from error

    async def fail(
        self, text_so_far: str, sentence: str, buttons: Iterable[ActButton] = ()
    ) -> tuple[int, ...]:
        """Keep what came and say below it what happened; privately, if it may be, where nothing came."""
        if parts_of(text_so_far):
            return await self.finish(text_so_far, notes=(sentence,), buttons=buttons)
        await self._ended()
        page = Page(sentence, tuple(buttons))
        try:
            return await self._lastly(lambda: self._whisper(page))
        except discord.HTTPException as error:
            raise Unreachable(tr(NOT_TAKEN)) from error

    async def amend(
        self,
        text: str,
        *,
        notes: Sequence[str] = (),
        buttons: Iterable[ActButton] = (),
        below: Sequence[str] = (),
    ) -> None:
        """Let what `finish` showed say something else, as far as it still stands there; its files stay."""
        pages = pages_of(self._head + text, notes=notes, buttons=tuple(buttons), below=below)
        with suppress(discord.HTTPException, Unreachable, *ANY_TROUBLE):
            async with asyncio.timeout(REQUEST_S), self._laying:
                for number, page in enumerate(pages[: len(self._shown)]):
                    await self._is_laid(number, replace(page, files=()))

    def leave(self) -> None:
        """Let the end show what came as begun: another process goes on."""
        self._is_left = True

    async def withdraw(self) -> None:
        """Say nothing: the answer is somebody else's."""
        await self._ended()
        self._is_done = True

    async def aclose(self) -> None:
        """Leave what is shown, if neither `finish` nor `fail` came to its end: as begun, or as broken off."""
        with suppress(discord.HTTPException, Unreachable, *ANY_TROUBLE):
            async with asyncio.timeout(FAREWELL_S):
                await self._ended()
                async with self._laying:
                    if not self._is_done:
                        await self._lay(self._farewell(), is_last=True)

    def _farewell(self) -> list[Page]:
        """Return what is left of an answer that came to no end; where another goes on, all that says so."""
        if not self._is_left:
            return pages_of(self._so_far(), notes=(tr(BROKE_OFF),))
        if not self._shown:
            return []
        return written(self._so_far(), self._stop) if self._is_spoken() else thinking(None, self._stop)

    async def _ended(self) -> None:
        """Wait for what is on its way, and let nothing follow it; leave nothing running."""
        self._end.set()
        self._changed.set()
        self._typing.cancel()
        try:
            await asyncio.wait({self._typing, self._writing})
        finally:
            self._writing.cancel()

    async def _lastly(self, act: Callable[[], Awaitable[None]]) -> tuple[int, ...]:
        """Do what ends the answer, again and again while Discord is in trouble, and return its messages."""
        try:
            async with self._laying:
                async for attempt in stamina.retry_context(
                    on=passes_soon, timeout=PATIENCE_S, attempts=None, wait_max=10
                ):
                    with attempt:
                        async with asyncio.timeout(REQUEST_S):
                            await act()
                self._is_done = True
        except ANY_TROUBLE as error:
            raise Unreachable(tr(UNSHOWN)) from error
        return self.carried()

    async def _type(self) -> None:
        """Show that somebody is typing until the first words; where that fails it is no matter."""
        until = self._timer() + TYPING_FOR_S
        with suppress(discord.HTTPException, *ANY_TROUBLE):
            while self._timer() < until:
                await self._place.type()
                await asyncio.sleep(TYPING_EVERY_S)

    async def _write(self) -> None:
        """Show the words: the first at once, later ones as often as agreed, always the latest."""
        await _within(self._think_s, self._until(self._is_spoken))
        while not self._is_spoken() and not self._end.is_set():
            await self._show(thinking(seen := self._again_at, self._stop))
            await _within(THINKING_EVERY_S, self._until(self._is_spoken))
            await self._until(lambda seen=seen: self._is_spoken() or self._again_at != seen)
        self._typing.cancel()
        with self._crowd.joined():
            await self._go_on()

    async def _go_on(self) -> None:
        """Show ever more, until the end or until the place is about to close."""
        while not self._end.is_set():
            self._changed.clear()
            again_at = self._timer() + max(self._every_s, self._crowd.every_s())
            if (left := self._place.closes_in_s()) is not None and left <= CLOSING_S:
                await self._show(pages_of(self._so_far(), notes=(tr(CLOSING),), can_attach=False))
                return
            await self._show(written(self._so_far(), self._stop))
            await self._rest(again_at)

    async def _rest(self, until: float) -> None:
        """Wait until more may be shown and there is more, or until the place is about to close."""
        while (left := until - self._timer()) > 0 and not self._end.is_set():
            await _within(left, self._end.wait())
        open_s = self._place.closes_in_s()
        await _within(None if open_s is None else max(open_s - CLOSING_S, 0), self._changed.wait())

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Wait until something holds, or nothing will come."""
        while not reached() and not self._end.is_set():
            self._changed.clear()
            await self._changed.wait()

    def _so_far(self) -> str:
        return self._head + "".join(self._words)

    def _is_spoken(self) -> bool:
        return bool(parts_of("".join(self._words)))

    async def _show(self, pages: Sequence[Page]) -> None:
        """Show pages if Discord takes them now; the next time, or the end, makes up for it."""
        try:
            async with asyncio.timeout(REQUEST_S):
                await self._lay(pages)
        except (discord.HTTPException, Unreachable, *ANY_TROUBLE) as error:
            log.info("words not shown yet", reason=str(error))

    async def _lay(self, pages: Sequence[Page], *, is_last: bool = False) -> None:
        """Make the messages show pages. What was taken away is posted anew: while it is written, once."""
        if self._is_taken:
            await self._take_away()
            return
        if self._shown and self._place.closes_in_s() == 0:
            return
        for number, page in enumerate(pages):
            while number < len(self._shown) and not await self._is_laid(number, page):
                del self._shown[number]
                self._reposts -= 1
            if number == len(self._shown):
                if self._is_taken:
                    await self._take_away()
                    return
                if self._reposts < 0 and not is_last:
                    raise Unreachable(tr("The answer was taken away."))
                await self._post(page)
        if is_last:
            await self._take_away(len(pages))

    async def _take_away(self, left: int = 0) -> None:
        """Delete all messages but the first ones."""
        while len(self._shown) > left:
            posted, _ = self._shown.pop()
            with suppress(discord.NotFound, discord.Forbidden):
                await self._place.delete(posted)

    async def _is_laid(self, number: int, page: Page) -> bool:
        """Let a message show a page; False where it cannot be changed any more."""
        posted, seen = self._shown[number]
        if seen != page:
            try:
                await self._place.edit(posted, page)
            except discord.HTTPException as error:
                if not is_closed(error) or is_about_files(error, page):
                    raise
                log.info("message of an answer lost", code=error.code, status=error.status)
                return False
            self._shown[number] = posted, page
        return True

    async def _post(self, page: Page) -> None:
        """Post the next message; one whose first try had arrived shows older words until it is edited."""
        is_retried, self._is_retried = self._is_retried, True
        posted = await self._place.post(page, self._nonce)
        self._nonce, self._is_retried = new_nonce(), False
        self._shown.append((posted, Page("") if is_retried else page))
        self._written.add(posted.message_id)
        if is_retried:
            await self._is_laid(len(self._shown) - 1, page)

    async def _whisper(self, page: Page) -> None:
        if self._is_taken:
            await self._take_away()
            return
        try:
            posted = await self._place.whisper(page, self._shown[0][0] if self._shown else None, self._nonce)
        except discord.HTTPException as error:
            if not self._shown or not is_closed(error):
                raise
            posted = await self._place.whisper(page, None, self._nonce)
        self._shown = [(posted, page)]


async def _within(seconds: float | None, waiting: Coroutine[Any, Any, object]) -> None:
    """Wait for something, but no longer than that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await waiting
