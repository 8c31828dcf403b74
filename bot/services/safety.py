"""Words that are not taken: the operator's and each server's, looked for in whatever people ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.domain.blocked import MOST_ENTRIES, MOST_PATTERNS, Entry, How, Slow, WordList, entry
from bot.errors import BadInput, StartupError, WordsBlocked
from bot.storage.audit import AuditLine
from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from bot.domain.access import Asked
    from bot.domain.conversation import Turn
    from bot.domain.requests import Requester
    from bot.storage.audit import Audit
    from bot.storage.server_settings import ServerSettings

log = structlog.get_logger(__name__)
NAME = "safety.words"
FRESH = timedelta(minutes=1)
"""How long a list is used before it is read again: another process may have changed it."""
MOST_KEPT = 1000
"""Servers whose lists are kept ready."""
SLOW_AGAIN = timedelta(hours=1)
"""How often moderators are told that a pattern takes too long."""
MOST_WRONG = 5
"""Lines that one refusal names; a pattern that is too slow takes as long as TRIAL_S to be found so."""
SHORT = 400
"""Characters that are looked through in less time than handing them to a thread takes."""


@dataclass(frozen=True, slots=True)
class _Lists:
    """What is looked for in a server: what is not let in, and what is only watched for."""

    refused: WordList
    watched: WordList
    read_at: datetime

    @classmethod
    def of(cls, entries: Iterable[Entry], read_at: datetime) -> _Lists:
        known = tuple(entries)
        return cls(
            WordList.of(one for one in known if not one.is_watched),
            WordList.of(one for one in known if one.is_watched),
            read_at,
        )


class BlockedWords:
    """Keeps the lists of servers, and turns away what they forbid; one of the checks of the door."""

    def __init__(
        self,
        settings: ServerSettings,
        audit: Audit,
        *,
        everywhere: Iterable[Entry] = (),
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._audit = audit
        self._everywhere = tuple(everywhere)
        self._clock = clock
        self._changing = asyncio.Lock()
        self._kept: dict[int, _Lists] = {}
        self._slow: dict[str, datetime] = {}
        self._alone = _Lists.of(self._everywhere, clock())

    async def __call__(self, who: Requester, asked: Asked) -> None:
        """Turn away who asks for what may not be said; WordsBlocked."""
        await self.require(who, asked.texts, asked.family.value)

    async def require(self, who: Requester | Turn, texts: Sequence[str], place: str) -> None:
        """Raise WordsBlocked for texts that may not be said in a server; moderators are told why.

        `place` is what the words were for, in one word.
        """
        found = await self.blocked(who.guild_id, texts)
        if found is None:
            return
        await self._tell(who.guild_id, "safety.blocked", who.user_id or 0, found, place)
        raise WordsBlocked(
            tr("There are words in this that are not allowed here. Nothing was charged; try other words.")
        )

    async def blocked(self, guild_id: int | None, texts: Sequence[str]) -> Entry | None:
        """Return what may not be said of texts; BadInput where that takes too long to find out."""
        return await self._found((await self._lists(guild_id)).refused, guild_id, texts)

    async def watched(self, guild_id: int | None, texts: Sequence[str]) -> Entry | None:
        """Return what of texts has moderators look at a picture before it is shown."""
        return await self._found((await self._lists(guild_id)).watched, guild_id, texts)

    async def of(self, guild_id: int) -> tuple[str, ...]:
        """Return a server's own entries, as they were written."""
        return _lines((await self._settings.of(guild_id)).get(NAME, ""))

    async def idle(self, guild_id: int) -> tuple[str, ...]:
        """Return which of a server's own entries are kept, but not looked for any more."""
        lines = await self.of(guild_id)
        known = await asyncio.to_thread(lambda: {one.written for one in _known(lines)})
        return tuple(line for line in lines if line not in known)

    async def add(self, guild_id: int, actor_id: int, lines: Iterable[str]) -> tuple[str, ...]:
        """Add entries to a server's list and return those that are new, or raise BadInput and add none.

        The error names the first lines that are wrong, each with the reason, MOST_WRONG at most.
        """
        made = await asyncio.to_thread(_entries, lines)
        async with self._changing:
            before = await self.of(guild_id)
            new = tuple(dict.fromkeys(one.written for one in made if one.written not in before))
            after = (*before, *new)
            _check_room(after)
            if new:
                await self._choose(guild_id, actor_id, after, "safety.words_added", new)
        return new

    async def remove(self, guild_id: int, actor_id: int, lines: Iterable[str]) -> tuple[str, ...]:
        """Take entries off a server's list, and return those that were on it."""
        written = {" ".join(line.split()) for line in lines}
        async with self._changing:
            before = await self.of(guild_id)
            gone = tuple(one for one in before if one in written)
            if gone:
                after = tuple(one for one in before if one not in written)
                await self._choose(guild_id, actor_id, after, "safety.words_removed", gone)
        return gone

    async def may_caption(self, who: Requester, caption: str) -> bool:
        """Tell whether a caption may be written beside a picture; where not, moderators are told why."""
        found = await self.blocked(who.guild_id, (caption,))
        if found is not None:
            await self._tell(who.guild_id, "safety.caption", who.user_id, found, "caption")
        return found is None

    async def may_name(self, who: Requester, name: str) -> bool:
        """Tell whether a thread may be called that; where not, moderators are told why."""
        try:
            found = await self.blocked(who.guild_id, (name,))
        except BadInput:
            return False
        if found is not None:
            await self._tell(who.guild_id, "safety.caption", who.user_id, found, "name")
        return found is None

    async def sayable(self, who: Requester, texts: Sequence[str]) -> frozenset[str]:
        """Return which of a model's texts may be shown; where some may not, moderators are told why, once."""
        found = {text: await self.blocked(who.guild_id, (text,)) for text in texts}
        if first := next((one for one in found.values() if one is not None), None):
            await self._tell(who.guild_id, "safety.caption", who.user_id, first, "describe")
        return frozenset(text for text, one in found.items() if one is None)

    async def may_edit(self, turn: Turn, text: str) -> bool:
        """Tell whether a message may say something else from now on; where not, moderators are told why."""
        try:
            await self.require(turn, (text,), "edit")
        except BadInput:
            return False
        return True

    async def _choose(
        self, guild_id: int, actor_id: int, after: Sequence[str], action: str, changed: Sequence[str]
    ) -> None:
        detail = {"entries": "\n".join(changed), "count": len(changed)}
        line = AuditLine(guild_id, actor_id, action, "", detail, self._clock())
        await self._settings.choose({NAME: "\n".join(after) or None}, line)
        self._kept.pop(guild_id, None)

    async def _found(self, words: WordList, guild_id: int | None, texts: Sequence[str]) -> Entry | None:
        if not words or not any(texts):
            return None
        if not words.patterns and sum(map(len, texts)) <= SHORT:
            return words.find(texts)
        try:
            return await asyncio.to_thread(lambda: words.find(texts) or words.search(texts))
        except Slow as slow:
            await self._tell_slow(guild_id, slow.entry)
            raise BadInput(tr("This could not be read in time. Make it shorter or simpler.")) from None

    async def _lists(self, guild_id: int | None) -> _Lists:
        if guild_id is None:
            return self._alone
        now = self._clock()
        kept = self._kept.get(guild_id)
        if kept is not None and now - kept.read_at < FRESH:
            return kept
        lines = await self.of(guild_id)
        if lines:
            made = await asyncio.to_thread(lambda: _Lists.of((*self._everywhere, *_known(lines)), now))
        else:
            made = replace(self._alone, read_at=now)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[guild_id] = made
        return made

    async def _tell(self, guild_id: int | None, action: str, user_id: int, found: Entry, place: str) -> None:
        detail = {"entry": found.written, "place": place, "whose": self._whose(found)}
        await self._audit.add(AuditLine(guild_id or 0, 0, action, str(user_id), detail, self._clock()))

    async def _tell_slow(self, guild_id: int | None, found: Entry) -> None:
        now, told_at = self._clock(), self._slow.get(found.written)
        if told_at is not None and now - told_at < SLOW_AGAIN:
            return
        self._slow[found.written] = now
        detail = {"entry": found.written, "whose": self._whose(found)}
        await self._audit.add(AuditLine(guild_id or 0, 0, "safety.pattern_slow", "", detail, now))

    def _whose(self, found: Entry) -> str:
        return "operator" if found in self._everywhere else "server"


def read_list(file: Path | None) -> tuple[Entry, ...]:
    """Return the entries of the operator's file, `#` before remarks, or raise StartupError."""
    if file is None:
        return ()
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise StartupError(f"BLOCKED_WORDS_FILE cannot be read: {type(error).__name__}.") from error
    made: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            made.append(entry(line))
        except BadInput as error:
            raise StartupError(f"BLOCKED_WORDS_FILE, line {number}: {error}") from error
    return tuple(made)


def _entries(lines: Iterable[str]) -> list[Entry]:
    """Return what lines mean, or raise BadInput with all that is wrong with them, up to MOST_WRONG."""
    made: list[Entry] = []
    wrong: list[str] = []
    for line in filter(str.strip, lines):
        if len(wrong) == MOST_WRONG:
            wrong.append(tr("What stands below these was not looked at yet."))
            break
        try:
            made.append(entry(line))
        except BadInput as error:
            wrong.append(str(error))
    if wrong:
        raise BadInput("\n".join(wrong))
    return made


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line)


def _known(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield what lines mean; one that means nothing any more is passed over."""
    for line in lines:
        try:
            yield entry(line, is_tried=True)
        except BadInput as error:
            log.warning("an entry of a list is not understood", reason=type(error).__name__)


def _check_room(lines: Sequence[str]) -> None:
    """Raise BadInput for more than is found in no time."""
    if len(lines) > MOST_ENTRIES:
        raise BadInput(tr("A server can block {most} words. Remove some first.", most=MOST_ENTRIES))
    if sum(one.how is How.PATTERN for one in _known(lines)) > MOST_PATTERNS:
        raise BadInput(tr("A server can have {most} patterns. Remove some first.", most=MOST_PATTERNS))
