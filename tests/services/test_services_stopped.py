"""Answers that are stopped, and by whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from provider_kit import hangs
from rooms_kit import chat_rooms
from test_services_chat import Sheet
from world_kit import ann

from bot.domain.conversation import Said
from bot.domain.quotas import Meter
from bot.errors import NotAllowed, TooLate


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


@pytest.fixture
def chat(house):
    return chat_rooms(house)


async def test_only_the_asker_or_a_moderator_stops_an_answer(house, chat):
    house.world.provider.script.append(hangs)
    turn = await chat.hear(ann(), Said("hello", "Ann"))
    sheet = Sheet()
    answering = asyncio.create_task(chat.answer(turn, ann(), sheet, 7))
    await house.world.provider.reached.wait()

    with pytest.raises(NotAllowed):
        await chat.stop(7, replace(ann(), user_id=1))
    await chat.stop(7, replace(ann(), user_id=1, may_moderate=True))
    await answering

    assert "Nothing was charged" in sheet.sorry
    with pytest.raises(TooLate):
        await chat.stop(7, ann())
