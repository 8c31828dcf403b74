"""Answers in words that people wait for: a restart leaves nobody waiting, and nobody hears of it twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from privacy_kit import forgetful
from rooms_kit import chat_rooms
from world_kit import ANN, BOB, ann

from bot.domain.asks import Purpose
from bot.domain.conversation import PLAIN, Said
from bot.domain.jobs import Origin
from bot.domain.ways import Way
from bot.errors import HeardBefore, TooBusy
from bot.services.owing import LONGEST, PATIENCE, Owing
from bot.storage.owed import REMEMBERED, OwedAnswers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from house_kit import House

EVENT = 5


def owing(house: House, owner: str, *, is_alone: bool = True) -> Owing:
    return Owing(OwedAnswers(house.database, owner), house.world.clock, is_alone=is_alone)


def origin(house: House) -> Origin:
    return Origin(9, "a-token", house.world.clock() + timedelta(minutes=15), 8, can_post_in_channel=True)


async def cut_off(house: House, begin: Callable[[], Awaitable[object]] | None = None) -> None:
    """Let a process die while it owes an answer, for which it may have begun something."""
    begun = asyncio.Event()

    async def answer() -> None:
        rooms = owing(house, "before")
        async with rooms.owed(EVENT, ann(), Purpose.EXTRACT, origin(house), private=True):
            if begin is not None:
                await begin()
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(answer())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_was_cut_off_is_left_to_one_process_once(house: House):
    await cut_off(house)
    after = owing(house, "after")

    (owed,) = await after.left()

    assert (owed.id, owed.user_id, owed.purpose, owed.private) == (
        EVENT,
        ann().user_id,
        Purpose.EXTRACT,
        True,
    )
    assert owed.origin == origin(house)
    assert await after.left() == ()
    assert await owing(house, "another").left() == (owed,), "it was not told yet"
    await after.given(owed)
    assert await owing(house, "a third").left() == ()


@pytest.mark.parametrize("error", [None, ValueError("no")])
async def test_an_answer_that_is_given_is_owed_no_more(house: House, error: Exception | None):
    async def answer() -> None:
        async with owing(house, "before").owed(EVENT, ann(), Purpose.CHAT, origin(house), private=False):
            if error is not None:
                raise error

    await asyncio.gather(answer(), return_exceptions=True)

    assert await owing(house, "after").left() == ()


async def test_another_process_may_be_alive(house: House):
    await cut_off(house)
    after = owing(house, "after", is_alone=False)

    assert await after.left() == ()
    house.world.clock.move(seconds=LONGEST.total_seconds() + 1)
    assert len(await after.left()) == 1


async def test_what_is_too_old_is_given_up(house: House):
    await cut_off(house)
    house.world.clock.move(seconds=PATIENCE.total_seconds() + 1)

    assert await owing(house, "after").left() == ()
    assert await house.database.read("SELECT 1 FROM owed") == []


async def export(house: House, user_id: int = ANN) -> None:
    """Let somebody's data be exported; raise TooBusy where that is too soon."""
    house.world.clock.move(seconds=1)
    async with forgetful(house).takeout.granted(user_id):
        pass


async def test_data_that_a_kill_cut_off_may_be_asked_for_again_after_the_next_start(house: House):
    await export(house, BOB)
    await cut_off(house, lambda: export(house))  # a killed process gives nothing back
    with pytest.raises(TooBusy):
        await export(house)

    await owing(house, "after").left()

    await export(house)
    with pytest.raises(TooBusy):
        await export(house, BOB)


async def test_data_that_somebody_got_before_is_not_given_again_for_another_answer(house: House):
    await export(house)
    house.world.clock.move(seconds=1)
    await cut_off(house)

    await owing(house, "after").left()

    with pytest.raises(TooBusy):
        await export(house)


async def test_a_question_that_is_kept_waits_for_its_answer_instead(house: House):
    chat, way = chat_rooms(house), Way(EVENT, origin(house), PLAIN)
    async with owing(house, "before").owed(EVENT, ann(), Purpose.CHAT, origin(house), private=False):
        await chat.hear(ann(), Said("hello", "Ann", way=way))
        assert await house.database.read("SELECT 1 FROM owed") == []


async def give(house: House, owner: str, event: int = EVENT) -> None:
    """Let a process give an answer."""
    async with owing(house, owner).owed(event, ann(), Purpose.EXTRACT, origin(house), private=False):
        pass


async def test_what_is_told_again_is_heard_by_no_process(house: House):
    await give(house, "before")

    for owner in ("before", "after"):
        with pytest.raises(HeardBefore):
            await give(house, owner)

    assert await house.database.read("SELECT 1 FROM owed") == []


async def test_what_is_told_again_leaves_alone_what_is_owed(house: House):
    await cut_off(house)
    after = owing(house, "after")

    with pytest.raises(HeardBefore):
        await give(house, "after")

    assert [owed.id for owed in await after.left()] == [EVENT]


async def test_it_is_known_for_a_while(house: House):
    await give(house, "before")
    house.world.clock.move(seconds=REMEMBERED.total_seconds() + 1)

    await give(house, "before", event=6)

    assert [row["id"] for row in await house.database.read("SELECT id FROM heard")] == [6]
