"""What is chosen for a channel holds there and in its threads, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from provider_kit import SECOND_TALKER
from rooms_kit import chat_rooms, forget_room, manners_room
from test_services_chat import Sheet
from test_services_forgetting import say, texts
from world_kit import ANN, CHANNEL, ann

from bot.domain.conversation import PLAIN, Said
from bot.domain.manners import UNSET, ChannelManner
from bot.domain.quotas import Meter
from bot.errors import BadInput
from bot.storage.audit import Audit
from bot.storage.threads import ChatThread
from bot.storage.threads import Threads as ThreadRows

PIRATE = ChannelManner(persona="You are a pirate.", model=SECOND_TALKER, temperature=0.5, days=7)
THREAD, ELSEWHERE = CHANNEL + 1, CHANNEL + 2


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


@pytest.mark.parametrize(
    "wrong",
    [{"persona": "x" * 2001}, {"temperature": 2.1}, {"temperature": float("nan")}, {"days": 0}],
    ids=str,
)
def test_what_cannot_be_is_a_sentence(wrong):
    with pytest.raises(BadInput):
        ChannelManner(**wrong)


async def test_a_model_that_is_not_offered_cannot_be_chosen(house):
    with pytest.raises(BadInput):
        await manners_room(house).choose(ann(), CHANNEL, ChannelManner(model="made/up"))

    assert await manners_room(house).of(CHANNEL) == UNSET


async def test_a_channel_s_manner_holds_in_its_threads_and_nowhere_else(house):
    room = manners_room(house)
    await room.choose(ann(), CHANNEL, PIRATE)
    await ThreadRows(house.database).add(ChatThread(THREAD, 70, CHANNEL, ANN, house.world.clock()))

    inside = await room.applied(ann(), THREAD, PLAIN)
    other_thread = await room.applied(replace(ann(), parent_id=CHANNEL), 5, PLAIN)
    elsewhere = await room.applied(ann(), ELSEWHERE, PLAIN)

    assert (inside.persona, inside.model, inside.temperature) == (PIRATE.persona, SECOND_TALKER, 0.5)
    assert other_thread == inside
    assert elsewhere == PLAIN


async def test_an_answer_is_given_in_the_manner_of_its_channel(house):
    await manners_room(house).choose(ann(), CHANNEL, replace(PIRATE, history=False))
    chat = chat_rooms(house)
    for text in ("My cat is called Ada.", "What is it called?"):
        turn = await chat.hear(ann(), Said(text, "ann", goes_on=True))
        assert turn is not None
        await chat.answer(turn, ann(), Sheet(), turn.id)

    body = house.world.provider.bodies[-1]
    assert body["model"] == SECOND_TALKER
    assert body["temperature"] == 0.5
    assert "You are a pirate." in str(body["messages"])
    assert "called Ada" not in str(body["messages"])


async def test_every_change_leaves_a_line_and_a_reset_takes_all_back(house):
    room = manners_room(house)
    await room.choose(ann(), CHANNEL, PIRATE)
    await room.choose(ann(), CHANNEL, UNSET)

    lines = await Audit(house.database).recent(ann().guild_id or 0, 5)
    assert sorted(line.action for line in lines) == ["chat.reset", "chat.settings"]
    assert "pirate" not in str(lines)
    assert await room.of(CHANNEL) == UNSET


async def test_a_channel_s_days_hold_for_it_and_its_threads(house):
    await manners_room(house).choose(ann(), CHANNEL, PIRATE)
    await ThreadRows(house.database).add(ChatThread(THREAD, 70, CHANNEL, ANN, house.world.clock()))
    for channel_id in (CHANNEL, THREAD, ELSEWHERE):
        await say(house, f"in {channel_id}", channel_id=channel_id, ago_days=8)

    await forget_room(house).expire()

    assert await texts(house) == ["", "", f"in {ELSEWHERE}"]
