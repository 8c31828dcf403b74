from __future__ import annotations

import pytest

from bot.domain.hierarchy import LOWEST, Rank, Subject
from bot.domain.requests import Requester
from bot.errors import NotAllowed
from bot.services.authority import Authority

GUILD, ROLE = 70, 30
MANAGER = Requester(
    1, GUILD, 7, role_ids=frozenset({GUILD, ROLE}), may_manage=True, rank=Rank(role=(2, -ROLE))
)


async def test_who_manages_the_server_stands_over_its_members():
    assert await Authority().require_over(MANAGER, Subject(2, LOWEST)) == GUILD


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        (Subject(1, MANAGER.rank), "to yourself"),
        (Subject(ROLE, MANAGER.rank, is_role=True), "have that role yourself"),
        (Subject(2, Rank(role=(2, -ROLE))), "person's highest role is not below"),
        (Subject(31, Rank(role=(3, -31)), is_role=True), "role is not below"),
    ],
    ids=["themselves", "a role of theirs", "an equal", "a higher role"],
)
async def test_and_is_told_why_not_over_others(subject, says):
    with pytest.raises(NotAllowed, match=says):
        await Authority().require_over(MANAGER, subject)


async def test_standing_high_is_no_permission():
    high = Requester(1, GUILD, 7, rank=Rank(role=(200, -5)))

    with pytest.raises(NotAllowed, match="manage this server"):
        await Authority().require_over(high, Subject(2))
