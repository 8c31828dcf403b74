"""Names of threads that a model finds."""

from __future__ import annotations

import pytest
from provider_kit import words
from rooms_kit import chat_rooms, thread_rooms
from test_services_chat import said
from world_kit import CHANNEL, GUILD, MOD, ann

from bot.domain.quotas import Meter
from bot.storage.audit import Audit


@pytest.fixture
async def threads(house):
    house.world.caps.person = {Meter.MESSAGES_PER_DAY: 100, Meter.USD_PER_DAY: 10_000_000}
    rooms = thread_rooms(house)
    rooms._may_name = house.words.may_name
    await rooms.begin(ann(), CHANNEL, "")
    await said(chat_rooms(house), "tell me of frogs")
    return rooms


async def test_a_name_that_holds_blocked_words_is_left_out_once_and_moderators_hear_why(house, threads):
    await house.words.add(GUILD, MOD, ["gore"])
    house.world.provider.script.append(lambda _: words("Frogs and GORE"))

    assert await threads.title(ann()) is None
    assert await threads.title(ann()) is None

    assert len(house.world.provider.bodies) == 2
    (line,) = [one for one in await Audit(house.database).recent(GUILD, 9) if one.action == "safety.caption"]
    assert (line.detail["entry"], line.detail["place"]) == ("gore", "name")


async def test_any_other_name_is_given_once(house, threads):
    await house.words.add(GUILD, MOD, ["gore"])
    house.world.provider.script.append(lambda _: words("Frogs"))

    assert [await threads.title(ann()) for _ in range(2)] == ["Frogs", None]
