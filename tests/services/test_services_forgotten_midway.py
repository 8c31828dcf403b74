"""Questions that are forgotten while they are answered: nothing of the answer is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from provider_kit import WORDS_MICROUSD, hangs, words
from rooms_kit import chat_rooms, forget_room
from test_services_chat import Sheet, said, talk_of
from test_services_wordsmith import closed, endless
from world_kit import ann

from bot.domain.conversation import Said
from bot.domain.quotas import Meter
from bot.storage.turns import Turns


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


@pytest.fixture
def chat(house):
    return chat_rooms(house)


async def live(house):
    """Return what is kept of conversations, in words."""
    return await house.database.examine(
        lambda connection: [
            row["text"] for row in connection.execute("SELECT text FROM turn WHERE forgotten = 0")
        ]
    )


async def delete_the_question(_house, chat):
    await chat.deleted([1])


async def delete_the_channel(_house, chat):
    await chat.forget(ann().channel_id)


async def forget_mine(house, chat):
    await forget_room(house, chat=chat).forget(ann(), everything=False, is_direct=False)


async def forget_everything(house, chat):
    moderator = replace(ann(), user_id=1, may_moderate=True)
    await forget_room(house, chat=chat).forget(moderator, everything=True, is_direct=False)


@pytest.mark.sampled
@pytest.mark.parametrize(
    "forget",
    [delete_the_question, delete_the_channel, forget_mine, forget_everything],
    ids=lambda one: one.__name__,
)
async def test_an_answer_whose_question_is_forgotten_is_stopped_and_not_kept(house, chat, forget):
    house.world.provider.generations["gen-w"] = 0.0001
    house.world.provider.script.append(endless)
    turn = await chat.hear(ann(), Said("a secret", "Ann", 1))
    sheet = Sheet(ids=(2,))
    answering = asyncio.create_task(chat.answer(turn, ann(), sheet, 7))
    await sheet.written.wait()

    await forget(house, chat)
    await asyncio.wait_for(answering, 10)
    await closed(house)

    assert await live(house) == []
    assert (sheet.text, sheet.sorry) == ("Goo", "")
    assert await house.used(Meter.USD_PER_DAY) == 100, "what was said is paid"
    assert await house.open_holds() == 0
    await said(chat, "go on", carried=3, replied_to=2)
    assert talk_of(house) == ["go on"]


async def test_a_whole_answer_that_comes_too_late_is_shown_and_not_kept(house, chat):
    turn = await chat.hear(ann(), Said("a secret", "Ann", 1))

    async def late(_request):
        await Turns(house.database).forget(turn.id)
        return words("Good evening.", streams=True)

    house.world.provider.script.append(late)
    sheet = Sheet(ids=(2,))
    await chat.answer(turn, ann(), sheet, 7)

    assert await live(house) == []
    assert sheet.text == "Good evening."
    assert await house.used(Meter.USD_PER_DAY) == WORDS_MICROUSD
    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "Good evening" not in dump


async def test_an_answer_that_is_deleted_while_it_comes_ends_and_is_not_kept(house, chat):
    house.world.provider.generations["gen-w"] = 0.0001
    house.world.provider.script.append(endless)
    turn = await chat.hear(ann(), Said("hello", "Ann", 1))
    sheet = Sheet(ids=(2,))
    answering = asyncio.create_task(chat.answer(turn, ann(), sheet, 7))
    await asyncio.wait_for(sheet.written.wait(), 10)

    await chat.deleted([2])
    await asyncio.wait_for(answering, 10)
    await closed(house)

    assert await live(house) == ["hello"]
    assert await house.used(Meter.USD_PER_DAY) == 100
    assert await house.open_holds() == 0


async def test_a_question_without_a_message_goes_with_the_only_answer_that_shows_it(house, chat):
    turn = await chat.hear(ann(), Said("a secret", "Ann"))
    for message_id in (2, 3):
        await chat.answer(turn, ann(), Sheet(ids=(message_id,)), 7)
    said = await chat.hear(ann(), Said("hello", "Ann", 1))
    await chat.answer(said, ann(), Sheet(ids=(4,)), 8)

    await chat.deleted([2, 4])
    assert await live(house) == ["a secret", "Good evening.", "hello"], "it still stands above the other one"

    await chat.deleted([3])
    assert await live(house) == ["hello"]


async def test_a_question_without_a_message_goes_with_its_answer_that_is_deleted_while_it_comes(house, chat):
    house.world.provider.generations["gen-w"] = 0.0001
    house.world.provider.script.append(endless)
    turn = await chat.hear(ann(), Said("a secret", "Ann"))
    sheet = Sheet(ids=(2,))
    answering = asyncio.create_task(chat.answer(turn, ann(), sheet, 7))
    await asyncio.wait_for(sheet.written.wait(), 10)

    await chat.deleted([2])
    await asyncio.wait_for(answering, 10)
    await closed(house)

    assert await live(house) == []


async def test_nothing_is_said_where_the_question_is_gone_before_the_first_word(house, chat):
    house.world.provider.script.append(hangs)
    turn = await chat.hear(ann(), Said("a secret", "Ann", 1))
    sheet = Sheet()
    answering = asyncio.create_task(chat.answer(turn, ann(), sheet, 7))
    await asyncio.wait_for(house.world.provider.reached.wait(), 10)

    await chat.deleted([1])
    await asyncio.wait_for(answering, 10)

    assert sheet.is_taken
    assert await live(house) == []
    assert await house.open_holds() == 0


async def test_answers_of_a_channel_end_shown_before_it_is_closed(house, chat):
    house.world.provider.generations["gen-w"] = 0.0001
    house.world.provider.script.append(endless)
    turn = await chat.hear(ann(), Said("hello", "Ann", 1))
    sheet = Sheet()
    answering = asyncio.create_task(chat.answer(turn, ann(), sheet, 7))
    await sheet.written.wait()

    assert await chat.close(turn.channel_id + 1)
    assert not answering.done()
    assert await chat.close(turn.channel_id)

    assert sheet.text == "Goo"
    assert "stopped" in sheet.notes
    await answering


async def test_other_answers_go_on(house, chat):
    house.world.provider.script.append(endless)
    turn = await chat.hear(ann(), Said("hello", "Ann", 1))
    await chat.hear(ann(), Said("a secret", "Ann", 3))
    sheet = Sheet()
    answering = asyncio.create_task(chat.answer(turn, ann(), sheet, 7))
    await sheet.written.wait()

    await chat.deleted([3])
    assert not chat._under_way[7].stop.is_set()
    await chat.stop(7, ann())
    await answering

    assert await live(house) == ["hello", "Goo"]
