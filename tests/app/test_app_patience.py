"""How far apart sessions begin, on a clock of the test's own."""

from __future__ import annotations

import pytest

from bot.app.patience import CALM_S, HELD_S, LONGEST_S, Spacing, TooSoon


class Shards:
    """Begin sessions, each when it may, on a clock that stands still otherwise."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.spacing = Spacing(lambda: self.now_s)

    def begin(self, shard_id: int = 0, *, initial: bool = False) -> float:
        """Begin a session as soon as that is allowed, and return how long it took until then."""
        asked_s = self.now_s
        while True:
            try:
                self.now_s += self.spacing.wait_s(shard_id, initial=initial)
            except TooSoon:
                self.now_s += 1
            else:
                return self.now_s - asked_s


def test_the_first_session_begins_at_once_and_those_of_other_shards_apart():
    shards = Shards()

    assert [shards.begin(0, initial=True), shards.begin(1), shards.begin(2)] == [0, 5, 5]


def test_sessions_that_are_refused_at_once_begin_further_and_further_apart():
    shards = Shards()
    shards.begin(initial=True)

    assert [shards.begin() for _ in range(8)] == [5, 10, 20, 40, 80, 160, LONGEST_S, LONGEST_S]


def test_in_a_day_of_refused_sessions_a_third_of_what_costs_the_token_begins():
    shards = Shards()
    begun = 0
    while shards.now_s < 24 * 3600:
        shards.begin(initial=begun == 0)
        begun += 1

    assert begun < 300


def test_a_wait_that_a_connection_does_not_outlive_is_refused_and_changes_nothing():
    shards = Shards()
    for _ in range(4):
        shards.begin(initial=True)

    for _ in range(3):
        with pytest.raises(TooSoon, match="shard 0"):
            shards.spacing.wait_s(0, initial=False)

    shards.now_s += 40 - HELD_S
    assert shards.spacing.wait_s(0, initial=False) == HELD_S


def test_after_a_session_that_lasted_all_is_forgotten():
    shards = Shards()
    for _ in range(6):
        shards.begin(initial=True)
    shards.now_s += CALM_S

    assert [shards.begin(), shards.begin()] == [5, 5]
