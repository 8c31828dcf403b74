"""A disk that is full for a while: one clear sentence, and nothing left behind once there is room."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from queue_kit import Line, job
from rooms_kit import chat_rooms
from test_services_chat import Sheet
from time_kit import until
from world_kit import ann

from bot.domain.asks import Purpose
from bot.domain.conversation import Said
from bot.domain.jobs import JobState
from bot.domain.quotas import Meter
from bot.domain.words import Message, WordsCall
from bot.errors import StorageTrouble
from bot.services import caller
from bot.services.unwritten import Unwritten
from bot.storage.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Generator

    from house_kit import House
    from world_kit import World

__all__ = ["job"]
CALL = WordsCall((Message.user("Good evening"),))


@contextmanager
def full(house: House) -> Generator[None]:
    """Let the database take nothing within a block."""
    write = house.database.write

    async def refuse(_work: object) -> None:
        raise StorageTrouble("no room")

    house.database.write = refuse  # pyright: ignore[reportAttributeAccessIssue] - the disk is full there
    try:
        yield
    finally:
        house.database.write = write


@pytest.fixture
def unwritten() -> Unwritten:
    return Unwritten()


@pytest.fixture(autouse=True)
def shared(house: House, unwritten: Unwritten) -> None:
    """Let all rooms of a house wait for room in one line, as they do where it is built for people."""
    house.till._unwritten = house.studio._unwritten = unwritten


@pytest.fixture(autouse=True)
def limits(world: World) -> None:
    world.caps.person = {Meter.MESSAGES_PER_DAY: 3, Meter.IMAGES_PER_DAY: 3}


class TestWaiting:
    async def test_writes_keep_their_order_and_one_that_fails_holds_up_nobody(self, unwritten):
        full, written = True, []

        async def write(name: str) -> None:
            if full:
                raise StorageTrouble("no room")
            if name == "broken":
                raise ValueError(name)
            written.append(name)

        assert not await unwritten.write(partial(write, "first"))
        await unwritten.again()
        assert unwritten.waiting == 1
        full = False
        assert not await unwritten.write(partial(write, "broken")), "behind what waits"
        assert not await unwritten.write(partial(write, "last"))
        with pytest.raises(ValueError, match="broken"):
            await unwritten.again()
        await unwritten.again()

        assert (written, unwritten.waiting) == (["first", "last"], 0)
        assert await unwritten.write(partial(write, "now"))


class TestWords:
    async def test_an_answer_that_came_is_settled_once_there_is_room(self, house: House, unwritten):
        async with house.wordsmith.bill(ann(), Purpose.DESCRIBE) as bill:
            filling = full(house)
            send = house.till.send

            async def fills(*given):
                reply = await send(*given)
                filling.__enter__()
                return reply

            house.till.send = fills  # pyright: ignore[reportAttributeAccessIssue] - the disk fills behind it
            assert (await bill.answer(CALL)).text == "Good evening."
        assert await house.open_holds() == 1

        filling.__exit__(None, None, None)
        await unwritten.again()

        assert await house.open_holds() == 0
        assert await house.used(Meter.MESSAGES_PER_DAY) == 1

    async def test_what_it_cost_is_booked_where_its_person_has_nothing(self, house: House, unwritten):
        receive, costs = house.till._receive, []

        async def fills(*given):
            with full(house):
                await receive(*given)

        async def answer() -> None:
            async with house.wordsmith.bill(ann(), Purpose.CHAT) as bill:
                await bill.answer(CALL)
                costs.append(bill.cost_microusd)
                raise StorageTrouble("the answer cannot be kept")

        house.till._receive = fills  # pyright: ignore[reportAttributeAccessIssue] - as above
        with pytest.raises(StorageTrouble):
            await answer()
        await unwritten.again()

        assert [await house.absorbed()] == costs != [0]
        assert (await house.open_holds(), await house.used(Meter.MESSAGES_PER_DAY)) == (0, 0)

    async def test_a_question_waits_for_no_answer_any_more_once_it_was_told(self, house: House, unwritten):
        chat, sheet = chat_rooms(house, unwritten=unwritten), Sheet()
        turn = await chat.hear(ann(), Said("Good evening", "Ann", 5))
        assert turn is not None

        with full(house):
            await chat.answer(turn, ann(), sheet, 5)
        assert sheet.sorry == "no room"
        assert [left.turn.id for left in await Turns(house.database).awaiting()] == [turn.id]
        await unwritten.again()

        assert await Turns(house.database).awaiting() == ()
        assert await house.open_holds() == 0


class TestPictures:
    async def test_an_order_whose_card_cannot_be_noted_is_drawn_all_the_same(self, house: House, unwritten):
        order = await house.order(start=False)
        assert order is not None

        with full(house):
            await house.studio.shown(order, 77)
        house.studio.start(replace(order, card_message_id=77))
        await unwritten.again()
        await house.rest()

        assert (await house.job(order.id)).state is JobState.SETTLED

    async def test_one_that_nobody_heard_of_is_withdrawn_and_not_drawn(self, house: House, unwritten):
        order = await house.order(start=False)
        assert order is not None

        with full(house):
            await house.studio.withdraw(order)
            await house.studio.retract(order)
        await unwritten.again()

        assert (await house.job(order.id)).state is JobState.CANCELLED
        assert house.world.provider.bodies == []
        assert await house.open_holds() == 0

    async def test_pictures_that_came_wait_for_room(self, house: House, monkeypatch):
        monkeypatch.setattr(caller, "ROOM_S", 0.01)
        receive, tries = house.jobs.receive, []

        async def full_twice(*given, **more):
            tries.append(given)
            if len(tries) < 3:
                raise StorageTrouble("no room")
            return await receive(*given, **more)

        house.jobs.receive = full_twice  # pyright: ignore[reportAttributeAccessIssue] - the disk is full there
        order = await house.done()

        assert len(tries) == 3
        assert order.state is JobState.SETTLED
        assert len(house.world.provider.bodies) == 1

    async def test_a_full_disk_does_not_count_as_breaking_off(self, job):
        line = Line(retry_s=(), room_s=0.0)
        fulls = [StorageTrouble("no room")] * 5

        async def work(job_id: int) -> bool:
            line.started.append(job_id)
            if fulls:
                raise fulls.pop()
            return True

        line.queue._carry_out = work
        line.queue.put(await job(1, 1))
        await until(lambda: len(line.started) == 6)
        await asyncio.sleep(0)

        assert line.given_up == []


async def test_a_step_that_found_no_room_beside_the_pictures_is_taken_behind_them(house: House, monkeypatch):
    produce, tries = house.jobs.produce, []

    async def once_full(*given):
        tries.append(given)
        if len(tries) == 1:
            raise StorageTrouble("no room")
        return await produce(*given)

    monkeypatch.setattr(house.jobs, "produce", once_full)
    job = await house.done()

    assert job.state is JobState.SETTLED
    assert len(tries) == 2
    assert len(house.world.provider.bodies) == 1
