from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from world_kit import ann, moderator

from bot.domain.access import Asked, Family
from bot.errors import NotAllowed
from bot.services.authority import Authority
from bot.services.door import OPEN, Door

if TYPE_CHECKING:
    from bot.domain.requests import Requester


async def test_the_first_check_that_turns_somebody_away_has_the_last_word():
    asked: list[str] = []

    async def lets_in(_who: Requester, what: Asked) -> None:
        asked.append(what.family)

    async def turns_away(_who: Requester, _what: Asked) -> None:
        raise NotAllowed("Not today.")

    with pytest.raises(NotAllowed, match="Not today"):
        await Door(lets_in, turns_away, lets_in).admit(ann(), Asked(Family.DRAW))
    assert asked == [Family.DRAW]
    await OPEN.admit(ann(), Asked(Family.TALK))


async def test_only_who_manages_the_server_may_administer_easel_in_it():
    manager = replace(moderator(), may_manage=True)

    assert await Authority().require(manager) == manager.guild_id
    for who in (ann(), moderator(), replace(manager, guild_id=None)):
        with pytest.raises(NotAllowed):
            await Authority().require(who)
