"""Answers are held, settled once and at their true cost, or cost nobody anything."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from house_kit import open_house
from provider_kit import (
    SECOND_TALKER,
    TALKER,
    WORDS_MICROUSD,
    breaks,
    hangs,
    refusal,
    trouble,
    words,
)
from world_kit import ann

from bot.domain.asks import Purpose
from bot.domain.calls import PictureBytes
from bot.domain.quotas import Meter
from bot.domain.words import Message, PicturePart, WordsCall
from bot.errors import (
    Cancelled,
    ModelGone,
    ModelUnavailable,
    OptionUnsupported,
    OutcomeUnknown,
    PictureRefused,
    QuotaExceeded,
    TooBusy,
)
from bot.services.wordsmith import STOPPED
from bot.storage import database as storage

CALL = WordsCall((Message.user("Good evening"),))
BEGUN = b'data: {"id": "gen", "choices": [{"index": 0, "delta": {"content": "Goo"}}]}\n\n'


class NoLock:
    """What lets two processes onto one database, as PostgreSQL will."""

    def free(self):
        """Free nothing."""


def streamed(generation_id, content):
    headers = {"content-type": "text/event-stream", "x-generation-id": generation_id}
    return httpx.Response(200, headers=headers, content=content)


def endless(_request):
    """Begin an answer and never end it."""

    async def pieces():
        yield BEGUN
        await asyncio.Event().wait()

    return streamed("gen-w", pieces())


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 3, Meter.USD_PER_DAY: 1_000_000}


async def asked(house, who=None, call=CALL, **more):
    async with house.wordsmith.bill(who or ann(), Purpose.CHAT) as bill:
        return await bill.answer(call, **more)


async def spent(house, who=None):
    return await house.used(Meter.MESSAGES_PER_DAY, who), await house.used(Meter.USD_PER_DAY, who)


async def closed(house):
    """Wait for prices that were asked for, and make sure that nothing is held."""
    await house.till.aclose(5)
    assert await house.open_holds() == 0


async def test_answer_is_settled_at_its_true_cost_and_counts_as_a_message(house):
    reply = await asked(house)

    assert reply.text == "Good evening."
    assert await spent(house) == (1, WORDS_MICROUSD)
    await closed(house)


async def test_message_over_the_allowance_is_not_sent(house):
    for _ in range(3):
        await asked(house)

    with pytest.raises(QuotaExceeded, match="Your allowance of 3 messages a day is used up"):
        await asked(house)

    assert len(house.world.provider.bodies) == 3
    await closed(house)


async def test_twenty_at_once_with_one_message_left_are_one(house):
    for _ in range(2):
        await asked(house)

    outcomes = await asyncio.gather(*(asked(house) for _ in range(20)), return_exceptions=True)

    assert sum(not isinstance(one, BaseException) for one in outcomes) == 1
    assert all(isinstance(one, (QuotaExceeded, TooBusy)) for one in outcomes if isinstance(one, Exception))
    assert (await spent(house))[0] == 3
    await closed(house)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        pytest.param([lambda _: refusal()], PictureRefused, id="refused"),
        pytest.param([lambda _: trouble(500)] * 2, ModelUnavailable, id="down"),
        pytest.param([breaks], OutcomeUnknown, id="broken off"),
        pytest.param([lambda _: words("")] * 2, Exception, id="empty"),
    ],
)
async def test_failure_costs_the_person_nothing(house, answers, error):
    house.world.provider.script.extend(answers)

    with pytest.raises(error):
        await asked(house)

    await closed(house)
    assert await spent(house) == (0, 0)


async def test_call_that_broke_off_is_the_operators_at_the_price_the_provider_says(house):
    house.world.provider.generations["gen-9"] = 0.0123
    house.world.provider.script.append(lambda _: streamed("gen-9", BEGUN))
    heard = []

    async def hear(said):
        heard.append(said)

    with pytest.raises(OutcomeUnknown):
        await asked(house, on_text=hear)

    await closed(house)
    assert heard == ["Goo"]
    assert await spent(house) == (0, 0)
    assert await house.absorbed() == 12_300


async def test_answer_that_could_not_be_shown_costs_nobody_and_the_operator_what_it_cost(house):
    async def lose_it():
        async with house.wordsmith.bill(ann(), Purpose.CHAT) as bill:
            await bill.answer(CALL)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await lose_it()

    assert await spent(house) == (0, 0)
    assert await house.absorbed() == WORDS_MICROUSD
    await closed(house)


async def test_several_answers_of_one_request_are_one_message(house):
    async with house.wordsmith.bill(ann(), Purpose.CHAT) as bill:
        await bill.answer(CALL)
        await bill.answer(CALL)

        assert bill.cost_microusd == 2 * WORDS_MICROUSD

    assert await spent(house) == (1, 2 * WORDS_MICROUSD)
    await closed(house)


async def test_model_that_is_gone_is_replaced_by_the_next(house):
    house.world.provider.script.append(lambda _: trouble(404, f"No endpoints found for {TALKER}."))

    await asked(house)

    assert [body["model"] for body in house.world.provider.bodies] == [TALKER, SECOND_TALKER]
    assert await spent(house) == (1, WORDS_MICROUSD)
    await closed(house)


def blind(house, *model_ids):
    """Let models take no pictures."""
    for listed in house.world.provider.lists["models"]:
        if listed["id"] in model_ids:
            listed["architecture"]["input_modalities"] = ["text"]
    house.catalogue.load(json.dumps(house.world.provider.lists))


SIGHT = WordsCall((Message.user("What is it?", PicturePart(PictureBytes(b"x", "image/png"))),))


async def test_model_that_cannot_see_is_passed_over_for_one_that_can(house):
    blind(house, TALKER)

    await asked(house, call=SIGHT)

    assert [body["model"] for body in house.world.provider.bodies] == [SECOND_TALKER]


async def test_when_no_model_can_see_it_is_said_and_costs_nothing(house):
    blind(house, TALKER, SECOND_TALKER)

    with pytest.raises(OptionUnsupported, match="cannot see pictures"):
        await asked(house, call=SIGHT)

    assert house.world.provider.bodies == []
    await closed(house)


async def test_when_every_model_is_gone_it_is_said(house):
    house.world.provider.script.extend([lambda _: trouble(404, "No endpoints found.")] * 2)

    with pytest.raises(ModelGone):
        await asked(house)

    await closed(house)
    assert await spent(house) == (0, 0)


async def test_refusal_is_never_carried_to_another_model(house):
    house.world.provider.script.append(lambda _: refusal())

    with pytest.raises(PictureRefused):
        await asked(house)

    assert len(house.world.provider.bodies) == 1


async def test_stopped_answer_keeps_what_was_said_and_is_charged_as_billed(house):
    house.world.provider.generations["gen-w"] = 0.0001
    stop = asyncio.Event()

    async def hear(_said):
        stop.set()

    house.world.provider.script.append(endless)

    reply = await asked(house, on_text=hear, stop=stop)
    await closed(house)

    assert (reply.text, reply.finish_reason) == ("Goo", STOPPED)
    assert await spent(house) == (1, 100)


async def test_answer_that_is_stopped_before_a_word_costs_nothing(house):
    stop = asyncio.Event()
    house.world.provider.script.append(hangs)
    asking = asyncio.create_task(asked(house, stop=stop))
    await house.world.provider.reached.wait()

    stop.set()
    with pytest.raises(Cancelled):
        await asking

    await closed(house)
    assert await spent(house) == (0, 0)


async def test_caption_is_paid_by_the_server_and_not_by_the_person(house):
    async with house.wordsmith.bill(ann(), Purpose.CAPTION, messages=0, for_server=True) as bill:
        await bill.answer(CALL)

    assert await spent(house) == (0, 0)
    rows = await house.database.read("SELECT SUM(microusd) AS sum FROM ledger WHERE user_id IS NULL")
    assert rows[0]["sum"] == WORDS_MICROUSD


async def test_what_a_killed_process_left_is_released_once_at_the_price_the_provider_says(world, monkeypatch):
    monkeypatch.setattr(storage, "_lock_current", lambda _path: NoLock())
    world.provider.generations["gen-w"] = 0.0002
    world.provider.script.append(endless)
    heard = asyncio.Event()

    async def hear(_said):
        heard.set()

    async with open_house(world) as killed, open_house(world) as house:
        asking = asyncio.create_task(asked(killed, on_text=hear))
        await heard.wait()
        noted = "SELECT 1 FROM call WHERE generation_id IS NOT NULL"
        while not await killed.database.read(noted):  # noqa: ASYNC110 - a row has no event
            await asyncio.sleep(0)

        assert await house.till.recover(is_alone=False) == 0
        assert await house.till.recover(is_alone=True) == 1
        assert await house.till.recover(is_alone=True) == 0
        await closed(house)

        assert await spent(house) == (0, 0)
        assert await house.absorbed() == 200
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await closed(killed)
        assert await house.absorbed() == 200


async def test_after_closing_nothing_more_is_asked(house):
    house.wordsmith.close()

    with pytest.raises(TooBusy):
        await asked(house)


async def test_message_names_neither_person_nor_channel(house):
    await asked(house)

    text = str(house.world.provider.bodies)
    assert str(ann().user_id) not in text
    assert str(ann().channel_id) not in text


async def test_words_are_nowhere_in_the_database(house):
    call = WordsCall((Message.user("the secret of the lighthouse"),))

    await asked(house, call=call)

    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "lighthouse" not in dump
