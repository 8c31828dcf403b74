"""Conversations forget what was deleted while Easel was not there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rooms_kit import chat_rooms
from sight_kit import Eyes, whereabouts_room
from world_kit import ann

from bot.domain.conversation import Said
from bot.domain.quotas import Meter
from bot.domain.quotations import Quotation
from bot.services.vanished import MOST_LOOKS, Vanished
from bot.storage.turn_messages import TurnMessages
from bot.storage.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from house_kit import House

    from bot.domain.conversation import Turn
    from bot.services.chat import Chat

SESSION = 100
"""The first message that this session has heard of."""


class Silent:
    """A page that nobody reads, which stands in a message."""

    def __init__(self, *ids: int) -> None:
        self.ids = ids

    async def hear(self, _words: str) -> None:
        """Show what came so far."""

    def held_up(self, _seconds: float) -> None:
        """Say for how long the model is waited for."""

    def carried(self) -> Sequence[int]:
        return ()

    def taken(self, message_ids: Sequence[int]) -> bool:
        return not set(self.ids).isdisjoint(message_ids)

    async def finish(self, _text: str, **_more: object) -> Sequence[int]:
        return self.ids


@pytest.fixture
def eyes():
    return Eyes()


@pytest.fixture
def vanished(house, eyes):
    whereabouts = whereabouts_room(house, eyes)
    whereabouts.begin(SESSION)
    return Vanished(TurnMessages(house.database), whereabouts)


@pytest.fixture
def chat(house, vanished):
    house.world.caps.person = {Meter.MESSAGES_PER_DAY: 1000, Meter.USD_PER_DAY: 10_000_000}
    return chat_rooms(house, vanished=vanished.of)


async def said(chat: Chat, text: str, carried: int, answered: int, **more: Any) -> Turn:
    turn = await chat.hear(ann(), Said(text, "Ann", carried, **more))
    assert turn is not None
    page: Any = Silent(answered)
    await chat.answer(turn, ann(), page, turn.id)
    return turn


async def kept(house: House, what: Said) -> Turn:
    turn = await chat_rooms(house).hear(ann(), what)
    assert turn is not None
    return turn


async def after(house: House, turn: Turn, carried: Sequence[int], **more: Any) -> Turn:
    added = await Turns(house.database).add(replace(turn, id=0, parent_id=turn.id, **more), carried)
    assert added is not None
    return added


def told(house: House) -> str:
    return str(house.world.provider.bodies[-1]["messages"])


async def test_what_was_deleted_meanwhile_is_not_told_and_not_kept(house, chat, eyes):
    before = chat_rooms(house)
    await said(before, "my secret", 1, 2)
    await said(before, "a poem", 3, 4, replied_to=2)
    eyes.gone = (1,)

    await said(chat, "shorter", SESSION + 1, SESSION + 2, replied_to=4)

    assert "my secret" not in told(house)
    assert "a poem" in told(house)
    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "my secret" not in dump


async def test_what_is_quoted_goes_as_well(house, chat, eyes):
    await said(chat_rooms(house), "is that so?", 3, 4, quotation=Quotation(2, 7, "> Bob's words"))
    eyes.gone = (2,)

    await said(chat, "and now?", SESSION + 1, SESSION + 2, replied_to=4)

    assert "Bob's words" not in told(house)
    assert "is that so?" in told(house)


async def test_each_message_is_looked_at_once_a_session_and_none_of_this_one(chat, eyes):
    await said(chat, "one", 1, 2)
    await said(chat, "two", SESSION + 1, SESSION + 2, replied_to=2)
    await said(chat, "three", SESSION + 3, SESSION + 4, replied_to=SESSION + 2)

    assert sorted(eyes.looked) == [(ann().channel_id, 1), (ann().channel_id, 2)]


async def test_what_cannot_be_looked_at_stays(house, chat, eyes):
    await said(chat_rooms(house), "one", 1, 2)
    eyes.gone, eyes.is_blind = (1, 2), True

    await said(chat, "two", SESSION + 1, SESSION + 2, replied_to=2)

    assert "one" in told(house)


async def test_nobody_looks_for_messages_that_one_person_sees(house, vanished, eyes):
    private = await kept(house, Said("one", "Ann", 1, private=True))
    shared = await kept(house, Said("two", "Ann", 3))
    hidden = await after(house, shared, [5], private=True)
    last = await after(house, hidden, [], private=False)

    assert await vanished.of(private) == ()
    await vanished.of(last)

    assert eyes.looked == [(ann().channel_id, 3)]


async def test_a_long_conversation_is_looked_at_from_its_end(house, vanished, eyes):
    eyes.gone = (1,)
    first = await kept(house, Said("one", "Ann", 1))
    last = await after(house, first, range(2, MOST_LOOKS + 2))

    assert await vanished.of(last) == ()
    assert await vanished.of(last) == (1,)
