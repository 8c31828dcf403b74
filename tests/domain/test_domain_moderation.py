from __future__ import annotations

import pytest

from bot.domain.moderation import Leniency, Verdict
from bot.domain.spoilers import Spoilers

VIOLENT = {"violence": True, "sexual": False}


@pytest.mark.parametrize(
    ("leniency", "flagged", "categories", "scores", "verdict"),
    [
        (Leniency(), True, VIOLENT, {"violence": 0.9}, Verdict(("violence",), ())),
        (Leniency(), True, {}, {}, Verdict(("flagged",), ())),
        (Leniency(), False, {}, {"violence": 0.4, "sexual": 0.3}, Verdict((), ("violence",))),
        (Leniency(), True, VIOLENT, {"sexual": 0.5}, Verdict(("violence",), ("sexual",))),
        (Leniency(frozenset({"violence"})), True, VIOLENT, {}, Verdict((), ("violence",))),
        (
            Leniency(frozenset({"sexual", "sexual/minors"})),
            True,
            {"sexual": True, "sexual/minors": True},
            {},
            Verdict(("sexual/minors",), ("sexual",)),
        ),
    ],
    ids=["flagged", "unnamed", "scored", "both", "lenient", "never lenient with minors"],
)
def test_what_follows_from_an_answer(leniency, flagged, categories, scores, verdict):
    assert leniency.judge(is_flagged=flagged, categories=categories, scores=scores) == verdict


def test_what_holds_for_several_is_told_together():
    assert Verdict.of_all([Verdict(("b",)), Verdict(("a", "b"), ("c",))]) == Verdict(("a", "b"), ("c",))


@pytest.mark.parametrize("restricted", [True, False])
def test_only_delicate_pictures_are_covered_where_that_was_chosen(restricted):
    covers = Spoilers.FLAGGED.covers

    assert covers(is_age_restricted=restricted, is_delicate=True)
    assert not covers(is_age_restricted=restricted)
