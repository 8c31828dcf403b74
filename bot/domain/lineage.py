"""How pictures hang together: versions and their names, and what can be put side by side."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING

from bot.texts import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.images import Picture
    from bot.domain.jobs import Job


@dataclass(frozen=True, slots=True)
class OnCard:
    """A picture that stands on a card: whose card, and at which place, from 1."""

    job: Job
    picture: Picture
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that guided a job, and the card it comes from, where that is known and may be seen."""

    reference: Picture
    origin: OnCard | None
    is_open: bool
    """Whether who asks may see the picture itself."""
    is_apart: bool = False
    """Whether it is kept from them only by where they are: it comes from delicate pictures."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture to be put beside others."""

    name: str
    picture: Picture
    on_card: OnCard | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What of a card can be put side by side where somebody is, and how many pictures only elsewhere."""

    candidates: tuple[Candidate, ...]
    apart: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """A picture among those that came of one another: v1, and v2 and v2b that were made from it."""

    name: str
    on_card: OnCard
    came_from: tuple[str, ...]
    """The names of the versions it was made from."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions round a card that may be seen where somebody is, and how many are seen only elsewhere."""

    shown: tuple[Version, ...]
    apart: int = 0


def candidates(sources: Sequence[Source], results: Sequence[OnCard]) -> tuple[Candidate, ...]:
    """Return what of a card can be put side by side: what it was made from, and its pictures."""
    seen = [source for source in sources if source.is_open]
    before = (
        Candidate(
            tr("Before") if len(seen) == 1 else tr("Before {number}", number=n),
            source.reference,
            source.origin,
        )
        for n, source in enumerate(seen, start=1)
    )
    after = (
        Candidate(
            tr("After") if seen and len(results) == 1 else tr("Picture {number}", number=one.number),
            one.picture,
            one,
        )
        for one in results
    )
    return (*before, *after)


def versions(family: Iterable[OnCard]) -> tuple[Version, ...]:
    """Name pictures by how many steps they are from the first ones; the oldest of a step has no letter.

    A picture's `parents` are the pictures it was made from; those that are not in the family are left out.
    """
    known = {one.picture.id: one for one in sorted(family, key=_age)}
    steps: dict[str, int] = {}
    for picture_id, one in known.items():
        before = [steps[parent] for parent in one.picture.parents if parent in steps]
        steps[picture_id] = 1 + max(before, default=0)
    counts: dict[int, int] = defaultdict(int)
    names: dict[str, str] = {}
    for picture_id, step in steps.items():
        names[picture_id] = f"v{step}{_letters(counts[step])}"
        counts[step] += 1
    found = [
        Version(
            names[picture_id],
            one,
            tuple(dict.fromkeys(names[parent] for parent in one.picture.parents if parent in names)),
        )
        for picture_id, one in known.items()
    ]
    return tuple(
        sorted(found, key=lambda version: (steps[version.on_card.picture.id], _age(version.on_card)))
    )


def _age(one: OnCard) -> tuple[int, int]:
    """Return what sorts pictures by age: a job's id is the moment it was asked for, and after its parents."""
    return one.picture.job_id, one.picture.ordinal


def _letters(index: int) -> str:
    """Return nothing, b, c … z, aa, ab …: what tells versions of the same step apart."""
    if index == 0:
        return ""
    letters = ""
    while index >= 0:
        index, rest = divmod(index, len(ascii_lowercase))
        letters = ascii_lowercase[rest] + letters
        index -= 1
    return letters
