"""Pictures that people bring into a conversation: put into words in the background, told so later."""

from __future__ import annotations

import json

import pytest
from provider_kit import WORDS_MICROUSD, picture_bytes, refusal, words
from rooms_kit import chat_rooms
from test_services_captioner import Tags, captioner_of
from test_services_chat import said, talk_of
from world_kit import bob

from bot.domain.quotas import Meter

CAT = json.dumps({"alt_text": "A cat on a *sofa*."})


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}
    world.caps.server = {Meter.USD_PER_MONTH: 1_000_000}


@pytest.fixture
def captioner(house):
    return captioner_of(house, Tags())


@pytest.fixture
def chat(house, captioner):
    return chat_rooms(house, captioner)


def picture(house, n=0):
    return house.world.attach(picture_bytes(size=(64 + n, 64)), f"cat-{n}.png")


async def caption(house, captioner, *answers):
    house.world.provider.script.extend(answers)
    await captioner.next()


@pytest.mark.further
async def test_older_pictures_are_told_by_their_captions(house, chat, captioner):
    await said(chat, "my cat", carried=1, answered=(2,), uploads=(picture(house),))
    await caption(house, captioner, lambda _: words(CAT))
    before = await house.used(Meter.USD_PER_DAY)
    more = tuple(picture(house, n) for n in range(1, 5))

    await said(chat, "others", replied_to=2, uploads=more)

    assert "[1.0 picture cat-0.png: A cat on a sofa.]" in talk_of(house)[0]
    assert before == WORDS_MICROUSD, "the server paid for the caption"
    assert (await house.reading(Meter.USD_PER_MONTH)).used == 3 * WORDS_MICROUSD


async def test_a_caption_is_asked_for_once_even_where_it_is_refused(house, chat, captioner):
    await said(chat, "my cat", carried=1, answered=(2,), uploads=(picture(house),))
    await caption(house, captioner, lambda _: refusal())
    asked = len(house.world.provider.bodies)

    await said(chat, "and?", bob(), replied_to=2)

    assert captioner._waiting.empty()
    assert len(house.world.provider.bodies) == asked + 1
    assert await house.open_holds() == 0


async def test_a_picture_that_was_forgotten_meanwhile_gets_no_caption(house, chat, captioner):
    await said(chat, "my cat", carried=1, answered=(2,), uploads=(picture(house),))
    await chat.deleted([1])

    await caption(house, captioner, lambda _: words(CAT))

    dump = await house.database.examine(lambda connection: "\n".join(connection.iterdump()))
    assert "A cat" not in dump
    assert (await house.reading(Meter.USD_PER_MONTH)).used == WORDS_MICROUSD
