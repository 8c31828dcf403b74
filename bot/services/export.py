"""A conversation to take along: a zip file of what was said, with its pictures and files."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.conversation import MOST_TURNS, FileKind, Speaker, Turn
from bot.domain.spoilers import Venue, View
from bot.errors import NotFound
from bot.texts import mark, tr
from bot.transport.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.conversation import Attached
    from bot.domain.requests import Requester
    from bot.services.context import Context
    from bot.services.showing import Views
    from bot.storage.blobs import Blobs
    from bot.storage.threads import Threads as ThreadRows
    from bot.storage.transcripts import Transcripts
    from bot.storage.turns import Turns

MOST = 2000
"""Turns of one file, the latest."""
MOST_BYTES = 25 * 2**20
WORDS_SHARE = 2
"""Words are packed to less than a part of the room; the rest is for files."""
AT_ONCE = 2
NOTHING = mark("You have not talked with Easel here yet.")


class Form(StrEnum):
    """How what was said is written down."""

    MARKDOWN = "markdown"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Exported:
    """A zip file, how many turns are in it, and how many files had no room or are gone."""

    data: bytes
    turns: int
    left_out: int
    apart: int = 0
    """Pictures that are seen only elsewhere."""


class Export:
    """Packs what somebody can see of the conversation that they are in."""

    def __init__(
        self,
        *,
        transcripts: Transcripts,
        turns: Turns,
        threads: ThreadRows,
        context: Context,
        views: Views,
        blobs: Blobs,
    ) -> None:
        self._transcripts = transcripts
        self._turns = turns
        self._threads = threads
        self._context = context
        self._views = views
        self._blobs = blobs
        self._gate = Gate(AT_ONCE, 60)

    async def pack(self, who: Requester, form: Form | None, *, is_direct: bool, most_bytes: int) -> Exported:
        """Return a conversation as a zip file, in one form or in both, or raise NotFound.

        That is all of a thread or of direct messages; in a channel what led to the person's last turn.
        """
        said = await self._said(who, is_direct=is_direct)
        said = [turn for turn in said if not turn.is_gone]
        if not said:
            raise NotFound(tr(NOTHING))
        said = [await self._context.with_drawn(turn) for turn in said]
        allowed = [await self._allowed(turn, who) for turn in said]
        apart = sum(len(turn.files) for turn in said) - sum(len(turn.files) for turn in allowed)
        async with self._gate.inside():
            return replace(await self._packed(allowed, form, min(most_bytes, MOST_BYTES)), apart=apart)

    async def _allowed(self, turn: Turn, who: Requester) -> Turn:
        """Return a turn without the pictures that may not be seen where somebody is."""
        views = await self._views(turn.files, Venue(who.guild_id, who.is_among_adults))
        seen = tuple(file for file, view in zip(turn.files, views, strict=True) if view is not View.APART)
        return turn if len(seen) == len(turn.files) else replace(turn, files=seen)

    async def _said(self, who: Requester, *, is_direct: bool) -> Sequence[Turn]:
        if is_direct or await self._threads.get(who.channel_id) is not None:
            return await self._transcripts.of_channel(who.channel_id, who.user_id, MOST)
        last = await self._transcripts.last_of(who.channel_id, who.user_id)
        path = () if last is None else await self._turns.path(last, MOST_TURNS)
        return [turn for turn in path if turn.is_seen_by(who.user_id)]

    async def _packed(self, said: Sequence[Turn], form: Form | None, most_bytes: int) -> Exported:
        forms = tuple(Form) if form is None else (form,)
        said = _bounded(said, most_bytes // WORDS_SHARE // len(forms))
        paths = {label: _path(label, file) for turn in said for label, file in _labelled(turn)}
        written = {f"conversation.{_ending(one)}": _written(one, said, paths) for one in forms}
        room = most_bytes - sum(len(data) for data in written.values()) - 1024
        files: dict[str, bytes] = {}
        left_out = 0
        for turn in reversed(said):
            for label, file in _labelled(turn):
                needed = file.size_bytes + 1024
                try:
                    data = await self._blobs.get(file.blob) if needed <= room else None
                except NotFound:
                    data = None
                if data is None:
                    left_out += 1
                    continue
                room -= needed
                files[paths[label]] = data
        return Exported(await asyncio.to_thread(_zip, written, files), len(said), left_out)


def _bounded(said: Sequence[Turn], most_bytes: int) -> Sequence[Turn]:
    """Return the last turns whose words have room."""
    total, first = 0, len(said)
    while first > 0:
        total += 6 * _length(said[first - 1]) + 1024
        if total > most_bytes and first < len(said):
            break
        first -= 1
    return said[first:]


def _length(turn: Turn) -> int:
    """Return how many characters a turn and what it cites have."""
    return len(turn.words) + sum(len(one.title) + len(one.url) for one in turn.sources)


def _labelled(turn: Turn) -> list[tuple[str, Attached]]:
    return list(zip(turn.labels(), turn.files, strict=True))


def _path(label: str, file: Attached) -> str:
    """Return where a file lies: its name is a person's, and no way out of the folder."""
    name = re.sub(r"[^\w.-]+", "_", file.filename).strip(".")[-80:] or "file"
    return f"files/{label}-{name}"


def _ending(form: Form) -> str:
    return "md" if form is Form.MARKDOWN else "json"


def _written(form: Form, said: Sequence[Turn], paths: Mapping[str, str]) -> bytes:
    if form is Form.JSON:
        rows = [_fields(turn, paths) for turn in said]
        return json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    return "\n\n".join(_section(turn, paths) for turn in said).encode("utf-8", "replace")


def _fields(turn: Turn, paths: Mapping[str, str]) -> dict[str, object]:
    return {
        "speaker": turn.speaker.value,
        "name": _name(turn),
        "said_at": turn.created_at.isoformat(timespec="seconds"),
        "text": turn.words,
        "sources": [{"title": one.title, "url": one.url} for one in turn.sources],
        "files": [paths[label] for label, _ in _labelled(turn)],
    }


def _section(turn: Turn, paths: Mapping[str, str]) -> str:
    head = f"## {_name(turn)}, {turn.created_at:%Y-%m-%d %H:%M} UTC"
    shown = [
        f"{'!' if file.kind is FileKind.PICTURE else ''}[file]({paths[label]})"
        for label, file in _labelled(turn)
    ]
    cited = [f"{n}. [{_bare(one.title)}](<{one.url}>)" for n, one in enumerate(turn.sources, start=1)]
    listed = ["\n".join(cited)] if cited else []
    return "\n\n".join([head, *([_quoted(turn.words)] if turn.words else []), *listed, *shown])


def _bare(title: str) -> str:
    """Return a page's title so that it ends no link."""
    return re.sub(r"[\[\]\\`<>]", " ", title)


def _quoted(text: str) -> str:
    """Return words so that none of their lines is taken for a heading of the file."""
    return "\n".join(f"> {line}" for line in text.splitlines())


def _name(turn: Turn) -> str:
    """Return who speaks, on one line; nobody else is called Easel without more."""
    if turn.speaker is Speaker.EASEL:
        return "Easel"
    name = " ".join(turn.name.split()) or "somebody"
    return f"{name} (member)" if name.casefold() == "easel" else name


def _zip(written: Mapping[str, bytes], files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
        for name, data in written.items():
            file.writestr(name, data, zipfile.ZIP_DEFLATED)
        for name, data in files.items():
            file.writestr(name, data)
    return target.getvalue()
