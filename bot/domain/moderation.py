"""What a moderation model says of words and pictures, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEVER_SHOWN = frozenset({"sexual/minors"})
"""Categories that are refused whatever the operator says."""
USUAL_SCORE = 0.4
"""Between what the model is sure to be harmless and what it flags; OpenAI's thresholds are not public."""
UNNAMED = "flagged"
"""What is flagged without a category."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The categories of what is refused, and of what is only delicate: let in, and covered where it is shown.

    Nothing in either is harmless.
    """

    refused: tuple[str, ...] = ()
    delicate: tuple[str, ...] = ()

    @classmethod
    def of_all(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """Return what holds for several things together."""
        known = tuple(verdicts)
        return cls(
            tuple(sorted({name for one in known for name in one.refused})),
            tuple(sorted({name for one in known for name in one.delicate})),
        )


@dataclass(frozen=True, slots=True)
class Leniency:
    """What the operator does not want refused: categories, and what scores below a flag.

    From `least_score` on, 0 to 1, something that is not flagged is delicate.
    """

    categories: frozenset[str] = frozenset()
    least_score: float = USUAL_SCORE

    def judge(
        self, *, is_flagged: bool, categories: Mapping[str, bool], scores: Mapping[str, float]
    ) -> Verdict:
        """Return what follows from the answer of a model."""
        named = {name for name, holds in categories.items() if holds}
        if is_flagged and not named:
            named = {UNNAMED}
        refused = named - (self.categories - NEVER_SHOWN) if is_flagged else set[str]()
        scored = {name for name, score in scores.items() if score >= self.least_score}
        return Verdict(tuple(sorted(refused)), tuple(sorted((named | scored) - refused)))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the moderation model stands in a server."""

    is_there: bool
    is_on: bool
    sees_pictures: bool
    is_down: bool
    fails_open: bool
