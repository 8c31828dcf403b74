from __future__ import annotations

from dataclasses import replace

import pytest
from world_kit import Integrations

from bot.domain.hierarchy import LOWEST, Rank, Subject
from bot.domain.overrides import Target
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
        (Subject(31, Rank(role=(3, -31)), is_role=True), "<@&31> is not below your highest role"),
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


MEMBER = Requester(2, GUILD, 7)
TIDY = Requester(3, GUILD, 7, may_moderate=True)
ELSEWHERE, OTHER_SERVER = 8, 71


@pytest.mark.parametrize(
    ("who", "place", "may"),
    [
        (MEMBER, (GUILD, 7), False),
        (TIDY, (GUILD, 7), True),
        (TIDY, (GUILD, ELSEWHERE), False),
        (MANAGER, (GUILD, 7), True),
        (MANAGER, (GUILD, ELSEWHERE), True),
        (replace(MANAGER, may_moderate=True), (OTHER_SERVER, 7), False),
        (replace(MEMBER, rank=Rank(is_administrator=True)), (GUILD, ELSEWHERE), True),
        (Requester(2, None, 7), (None, 7), False),
    ],
    ids=[
        "a member",
        "who may delete messages, here",
        "and not elsewhere",
        "who manages the server, here",
        "and elsewhere",
        "and not in another server",
        "an administrator",
        "direct messages",
    ],
)
async def test_what_others_have_in_a_channel_is_for_who_keeps_order_there(who, place, may):
    assert await Authority().moderates(who, *place) is may


async def test_a_server_gives_that_to_others_and_takes_it_away():
    told = Integrations()
    told.choose(Target.PERSON, MEMBER.user_id, allows=True)
    told.choose(Target.PERSON, MANAGER.user_id, allows=False)
    authority = Authority(told)

    assert await authority.moderates(MEMBER, GUILD, ELSEWHERE)
    assert not await authority.moderates(MANAGER, GUILD, ELSEWHERE)
    assert not await authority.moderates(MANAGER, GUILD, 7)
