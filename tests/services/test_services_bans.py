from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from desk_kit import bans_of, desk_of
from privacy_kit import forgetful
from world_kit import ANN, BOB, GUILD, MOD

from bot.domain.hierarchy import LOWEST, Rank, Subject
from bot.domain.requests import Requester
from bot.errors import NotAllowed

if TYPE_CHECKING:
    from house_kit import House

    from bot.services.bans import Bans

ADMIN = 104
RANKS = {MOD: Rank(role=(5, 0)), BOB: Rank(role=(5, 0)), ADMIN: Rank(is_administrator=True)}


def who(user_id: int) -> Requester:
    return Requester(user_id, GUILD, 700, may_manage=True, rank=RANKS[user_id])


async def find(user_id: int) -> Subject:
    return Subject(user_id, RANKS.get(user_id, LOWEST))


@pytest.fixture
def bans(house: House) -> Bans:
    return bans_of(house, desk_of(house), forgetful(house).works.batches)


async def test_nobody_undoes_the_ban_of_somebody_above_them(bans: Bans):
    await bans.ban(who(ADMIN), Subject(ANN), None, "", find)

    for act in (bans.unban(who(MOD), Subject(ANN), find), bans.ban(who(MOD), Subject(ANN), "1m", "", find)):
        with pytest.raises(NotAllowed, match="stands above you decided"):
            await act
    (ban,) = (await bans.page(who(MOD), 0)).bans
    assert (ban.banned_by, ban.until) == (ADMIN, None)
    await bans.unban(who(ADMIN), Subject(ANN), find)


@pytest.mark.parametrize("by", [MOD, BOB, 999], ids=["their own", "an equal's", "of who has left"])
async def test_a_ban_of_nobody_above_is_lifted(bans: Bans, by: int, monkeypatch):
    monkeypatch.setitem(RANKS, 999, RANKS.get(by, Rank(is_administrator=True)))
    await bans.ban(who(by), Subject(ANN), None, "", find)
    monkeypatch.delitem(RANKS, 999)

    await bans.unban(who(MOD), Subject(ANN), find)

    assert (await bans.page(who(MOD), 0)).total == 0
