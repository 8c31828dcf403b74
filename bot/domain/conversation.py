"""Turns of a conversation, and how much of them fits into a question to the model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.citations import sources
from bot.domain.images import job_of
from bot.domain.words import Detail, Effort

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.domain.citations import Source
    from bot.domain.images import Picture
    from bot.domain.quotations import Quotation
    from bot.domain.requests import Reference
    from bot.domain.ways import Way
    from bot.domain.words import Annotation

MOST_PICTURES = 4
"""Pictures and documents that the model sees at once; older ones are told in words."""
MOST_NAME = 100
"""Characters of a file's name that the model is told."""
MENTION = re.compile(r"<@!?([0-9]{1,20})>")
"""A person, as Discord writes them among the words of a message."""
UNSPEAKABLE = str.maketrans("", "", "#:")
BRACKETS = str.maketrans("[]", "()")
TEXT = "text/plain"
"""The media type of files that go to the model as words."""
MOST_TURNS = 400
"""How far back a path is read."""
KEPT_SHARE = 0.5
"""What is left of a budget that ran over, so that the start of the context changes seldom (prompt caches)."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer is wished for; None leaves it to Easel."""

    persona: str | None = None
    detail: Detail = Detail.LOW
    effort: Effort | None = None
    model: str | None = None
    temperature: float | None = None
    history: bool = True
    """Whether what was said before goes along."""
    draws: bool = False
    """Whether the model may answer with pictures of its own, in the same turn."""


PLAIN = Manner()


class Speaker(StrEnum):
    """Whose turn it is."""

    PERSON = "person"
    EASEL = "easel"


class FileKind(StrEnum):
    """What an attached file is to the model."""

    PICTURE = "picture"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a turn, as the model gets it. Pictures have a size, documents may have pages."""

    kind: FileKind
    blob: str
    media_type: str
    filename: str
    size_bytes: int
    size: tuple[int, int] | None = None
    pages: int | None = None
    caption: str | None = None
    attachment_id: int | None = None
    """Which attachment of its own message it came as; None where it came otherwise."""
    is_quoted: bool = False
    """Whether it came with the message that its turn quotes."""
    picture_id: str | None = None
    """Which picture of Easel's it is, where Easel drew it or found it in its gallery."""
    is_delicate: bool = False
    """Whether it is to be covered where that was chosen."""
    is_found: bool = False
    """Whether it was found in the gallery: it is told in words, and seen when it is looked at closely."""

    @classmethod
    def of(cls, picture: Picture) -> Attached:
        """Return a picture that Easel keeps as a file."""
        return cls(
            kind=FileKind.PICTURE,
            blob=picture.blob,
            media_type=picture.info.media_type,
            filename=picture.filename,
            size_bytes=picture.info.size_bytes,
            size=(picture.info.width, picture.info.height),
            is_delicate=picture.is_delicate,
        )

    @classmethod
    def found(cls, picture: Picture) -> Attached:
        """Return a picture of the gallery as a file."""
        return replace(cls.of(picture), caption=picture.caption, picture_id=picture.id, is_found=True)

    @property
    def job_id(self) -> int:
        """Return the job that drew it, 0 where Easel did not."""
        return job_of(self.picture_id or "") or 0

    @property
    def is_text(self) -> bool:
        """Tell whether it goes to the model as words."""
        return self.kind is FileKind.DOCUMENT and self.media_type == TEXT

    def told(self, label: str, *, shown: bool) -> str:
        """Return it in words: what it can be called, and what it shows where it is not seen."""
        known = self.caption or ("read before" if self.kind is FileKind.DOCUMENT else "")
        about = f": {known}" if known and not shown else ""
        return f"[{label} {self.kind.value} {self.called}{about}]"

    @property
    def called(self) -> str:
        """Return its name as it stands among words: on one line, without what could end it there."""
        return " ".join(self.filename.translate(BRACKETS).split())[:MOST_NAME]


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file of a message that cannot be used: the sentence that says why, and as what it was attached."""

    sentence: str
    attachment_id: int | None = None
    is_quoted: bool = False
    """Whether it came with the message that its turn quotes."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation. One that was forgotten has neither words nor files."""

    id: int
    channel_id: int
    guild_id: int | None
    parent_id: int | None
    speaker: Speaker
    user_id: int | None
    """Who spoke, or to whom Easel did; None once the person was forgotten."""
    name: str
    """What a person is called in the server."""
    text: str
    created_at: datetime
    quotation: Quotation | None = None
    """What it says something about, where that is another message."""
    files: tuple[Attached, ...] = ()
    reasoning: str = ""
    annotations: tuple[Annotation, ...] = ()
    job_id: int | None = None
    """The job for pictures that this turn began."""
    found: tuple[str, ...] = ()
    """Pictures of the gallery that were found in this turn; where one is deleted, it is gone here too."""
    forgotten: bool = False
    awaiting: bool = False
    """Whether it still waits for its answer."""
    private: bool = False
    """Whether one person alone saw it, of all who see the channel."""
    language: str | None = None
    """The language that it is answered in, as BCP 47 names it."""
    unusable: tuple[Unusable, ...] = ()

    def is_seen_by(self, user_id: int) -> bool:
        """Tell whether somebody who is in its channel can see it."""
        return not self.private or self.user_id == user_id

    @property
    def words(self) -> str:
        """Return what it says, after what it quotes."""
        quoted = "" if self.quotation is None else self.quotation.text
        return f"{quoted}\n{self.text}".strip() if quoted else self.text

    @property
    def is_gone(self) -> bool:
        """Tell whether nothing of what somebody said is left: it was forgotten, or edited away."""
        return self.forgotten or (self.speaker is Speaker.PERSON and not self.words and not self.files)

    @property
    def pictures(self) -> tuple[Attached, ...]:
        """Return the pictures among its files."""
        return tuple(file for file in self.files if file.kind is FileKind.PICTURE)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return a sentence for each file of it that cannot be used."""
        return tuple(one.sentence for one in self.unusable)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the pages of the web that it names as its sources."""
        return sources(self.annotations)

    def followed(self, text: str, now: datetime) -> Turn:
        """Return what Easel says after it, to the same person and seen by nobody else than it is."""
        return Turn(
            id=0,
            channel_id=self.channel_id,
            guild_id=self.guild_id,
            parent_id=self.id,
            speaker=Speaker.EASEL,
            user_id=self.user_id,
            name="",
            text=text,
            created_at=now,
            private=self.private,
            language=self.language,
        )

    def labels(self) -> tuple[str, ...]:
        """Return what its files are called in the conversation."""
        return tuple(f"{self.id}.{position}" for position in range(len(self.files)))


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says, and where.

    `replied_to` is the message that it answers, `begun` the job whose pictures it speaks of. Where `goes_on`,
    it follows whatever was said last in its channel: in direct messages and in threads of their own.
    """

    text: str
    name: str
    message_id: int | None = None
    uploads: tuple[Reference, ...] = ()
    quotation: Quotation | None = None
    brought: tuple[Reference, ...] = ()
    """The files of what is quoted."""
    replied_to: int | None = None
    begun: int | None = None
    to_easel: bool = False
    """Whether the message that it answers is Easel's; `question` is then what that one answered."""
    question: int | None = None
    goes_on: bool = False
    private: bool = False
    way: Way | None = None
    """Where the answer goes, where no message of theirs is answered."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Return what it says, and what it quotes."""
        quoted = () if self.quotation is None else (self.quotation.text,)
        return (self.text, *quoted)

    @property
    def message_ids(self) -> tuple[int, ...]:
        """Return the messages whose fate it shares: its own, and what it quotes."""
        quoted = None if self.quotation is None else self.quotation.message_id
        return tuple(one for one in (self.message_id, quoted) if one is not None)

    @property
    def files(self) -> tuple[Reference, ...]:
        """Return all files that go with it."""
        return (*self.uploads, *self.brought)


@dataclass(frozen=True, slots=True)
class Seen:
    """A turn as the model sees it: some of its files whole, the others in words."""

    turn: Turn
    shown: tuple[Attached, ...] = ()

    def words(self) -> str:
        """Return what it says, and what each of its files is called."""
        told = [
            file.told(label, shown=file in self.shown)
            for label, file in zip(self.turn.labels(), self.turn.files, strict=True)
        ]
        unusable = [f"[not readable: {sentence}]" for sentence in self.turn.remarks]
        return "\n".join([self.turn.words, *told, *unusable]).strip()


@dataclass(frozen=True, slots=True)
class View:
    """What of a conversation goes to the model, the oldest first, and what does not."""

    seen: tuple[Seen, ...]
    dropped: tuple[Turn, ...] = ()

    def unseen(self, kind: FileKind) -> int:
        """Return how many files of a kind are told in words."""
        return sum(
            file.kind is kind and not file.is_found and file not in one.shown
            for one in self.seen
            for file in one.turn.files
        )


def view(path: Sequence[Turn], budget: int, tokens: Callable[[Seen], int]) -> View:
    """Choose what of a path fits into a budget of tokens; the last turn always goes, whole.

    Pictures of the newest turns are shown, MOST_PICTURES at most; then turns are dropped, the oldest first:
    where all is too much, until the rest takes KEPT_SHARE of the budget.
    """
    said = [turn for turn in path if not turn.is_gone]
    seen = _with_pictures(said)
    costs = [tokens(one) for one in seen]
    if sum(costs) <= budget:
        return View(tuple(seen))
    first = len(seen) - 1
    total = costs[first]
    while first > 0 and total + costs[first - 1] <= budget * KEPT_SHARE:
        first -= 1
        total += costs[first]
    return View(tuple(seen[first:]), tuple(said[:first]))


def _with_pictures(turns: Sequence[Turn]) -> list[Seen]:
    """Show the latest pictures and documents; the last turn's are all shown."""
    left = MOST_PICTURES
    seen: list[Seen] = []
    for turn in reversed(turns):
        files = tuple(file for file in turn.files if not file.is_found)
        shown = files if not seen else files[: max(0, left)]
        left -= len(shown)
        seen.append(Seen(turn, shown))
    return seen[::-1]


def bare(name: str) -> str:
    """Return a person's name on one line, without what sets it apart from its tag, and both from words."""
    return " ".join(name.translate(UNSPEAKABLE).split()) or "somebody"


def is_question(text: str) -> bool:
    """Tell whether words ask something of a picture, rather than for another one."""
    return text.rstrip().endswith(("?", "？", "؟"))
