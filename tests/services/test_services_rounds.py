"""The rounds of an answer: a model that calls tools speaks again, so often and for so much, and no more."""

from __future__ import annotations

import asyncio
import json

import pytest
from provider_kit import words
from rooms_kit import chat_rooms
from test_services_chat import Sheet
from test_services_toolbox import asked, called, results
from test_services_wordsmith import closed, endless
from world_kit import ann

from bot.domain.conversation import Said
from bot.domain.quotas import Meter


@pytest.fixture(autouse=True)
def limits(world):
    world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}


@pytest.fixture
def chat(house):
    return chat_rooms(house)


async def test_calls_at_once_are_bounded_and_each_gets_its_result(house, chat):
    await asked(house, chat, "all of it", called(*[("allowance", {})] * 6))

    told = results(house)
    assert len(told) == 6
    assert ["4 tools" in one for one in told] == [False] * 4 + [True] * 2


async def test_model_that_calls_without_end_is_made_to_answer(house, chat):
    again = called(("allowance", {}), said="Once more.")

    sheet = await asked(house, chat, "go on", *[again] * 9)

    assert len(house.world.provider.bodies) == 5
    assert house.world.provider.bodies[-1]["tool_choice"] == "none"
    assert sheet.text == "\n\n".join(["Once more."] * 5)
    assert not sheet.sorry


@pytest.fixture
def dear(house):
    """The model is dear: an answer may cost four cents at most, and each costs three."""
    for model in house.world.provider.lists["models"]:
        model["pricing"] = {"prompt": "0.0000001", "completion": "0.000009"}
    house.catalogue.load(json.dumps(house.world.provider.lists))


async def test_rounds_stop_before_they_cost_more_than_is_expected_and_say_so(house, chat, dear):
    look = called(("allowance", {}), said="Let me see.", cost=0.03)

    sheet = await asked(house, chat, "how much is left?", look, look)

    assert len(house.world.provider.bodies) == 1
    assert sheet.text == "Let me see."
    assert "stopped before a step of up to $0.037" in sheet.notes[0]
    assert await house.open_holds() == 0


async def test_last_round_that_is_paid_for_says_something(house, chat, dear):
    look = called(("allowance", {}), cost=0.003)

    sheet = await asked(house, chat, "how much is left?", look)

    assert house.world.provider.bodies[-1]["tool_choice"] == "none"
    assert sheet.text == "Good evening."


async def test_answer_that_uses_tools_and_says_nothing_is_charged_to_nobody(house, chat):
    sheet = await asked(house, chat, "hm", called(("allowance", {})), lambda _: words(""))

    assert "sent nothing back" in sheet.sorry
    sheet = await asked(house, chat, "hm", *[called(("allowance", {}))] * 5, key=7000)
    assert "said nothing" in sheet.sorry
    assert await house.used(Meter.MESSAGES_PER_DAY) == 0
    assert await house.open_holds() == 0


async def test_what_is_cited_before_a_tool_is_used_is_kept(house, chat):
    note = {"type": "url_citation", "url_citation": {"url": "https://a.example/", "title": "A"}}
    looks = called(("allowance", {}), said="Let me see.", annotations=[note])

    sheet = await asked(house, chat, "how much is left?", looks)

    assert [one.url for one in sheet.sources] == ["https://a.example/"]


async def test_stopped_answer_keeps_its_words_and_names_its_price_once_it_is_known(house, chat):
    house.world.provider.generations["gen-w"] = 0.0001
    house.world.provider.script.append(endless)
    turn = await chat.hear(ann(), Said("hello", "Ann"))
    sheet = Sheet()
    answering = asyncio.create_task(chat.answer(turn, ann(), sheet, 7))
    await sheet.written.wait()

    await chat.stop(7, ann())
    await answering
    await closed(house)

    assert (sheet.text, sheet.notes_before, sheet.notes) == ("Goo", ("stopped",), ("stopped", "$0.0001"))
