from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.access import Ban, Kind, Pause, Rules, stopped_by
from bot.domain.hierarchy import Rank
from bot.domain.requests import Requester

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATER, BEFORE = NOW + timedelta(hours=1), NOW - timedelta(microseconds=1)
ADA = Requester(1, 70, 7, role_ids=frozenset({70, 10}))
OWNER = Requester(2, 70, 7, may_manage=True, rank=Rank(is_owner=True))


def ban(until: datetime | None = None) -> Ban:
    return Ban(1, 9, "", NOW, until)


@pytest.mark.parametrize(
    ("rules", "stop"),
    [
        (Rules(), None),
        (Rules(ban=ban()), ban()),
        (Rules(ban=ban(LATER), pause=Pause()), ban(LATER)),
        (Rules(ban=ban(NOW)), None),
        (Rules(ban=ban(BEFORE), pause=Pause(until=LATER)), Pause(until=LATER)),
        (Rules(pause=Pause(until=NOW), roles=frozenset({10})), None),
        (Rules(roles=frozenset({11}), channels=frozenset({8})), Kind.ROLE),
        (Rules(roles=frozenset({10}), channels=frozenset({8})), Kind.CHANNEL),
        (Rules(channels=frozenset({7})), None),
        (Rules(roles=frozenset({70})), None),
    ],
    ids=[
        "nothing",
        "ban",
        "ban first",
        "ban over",
        "pause",
        "pause over",
        "role",
        "channel",
        "here",
        "everyone",
    ],
)
def test_rules_stop_people_in_their_order_and_no_longer_than_they_last(rules, stop):
    assert stopped_by(rules, ADA, NOW) == stop


@pytest.mark.parametrize(
    "rules",
    [Rules(ban=ban()), Rules(pause=Pause()), Rules(roles=frozenset({10})), Rules(channels=frozenset({8}))],
)
def test_they_hold_for_the_owner_too(rules):
    assert stopped_by(rules, OWNER, NOW) is not None


def test_a_thread_goes_by_its_channel():
    in_thread = Requester(1, 70, 700, parent_id=7)

    assert stopped_by(Rules(channels=frozenset({7})), in_thread, NOW) is None
    assert stopped_by(Rules(channels=frozenset({8})), in_thread, NOW) is Kind.CHANNEL
