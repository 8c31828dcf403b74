"""A bound on memory that stops nobody for good."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from time_kit import PATIENCE_S, LoopClock

from bot.transport.gate import Gate


class Crowd:
    """People who go in and stay until they are told to leave."""

    def __init__(self, gate: Gate, count: int) -> None:
        self.order: list[int] = []
        self.inside: set[int] = set()
        self.leave = [asyncio.Event() for _ in range(count)]
        self.tasks = [asyncio.create_task(self._stay(gate, n)) for n in range(count)]

    async def _stay(self, gate: Gate, number: int) -> None:
        async with gate.inside():
            self.order.append(number)
            self.inside.add(number)
            try:
                await self.leave[number].wait()
            finally:
                self.inside.discard(number)

    async def moved(self) -> set[int]:
        for _ in range(5):
            await asyncio.sleep(0)
        return set(self.inside)

    async def end(self) -> None:
        for leaving in self.leave:
            leaving.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_a_few_at_a_time_in_order_of_arrival():
    crowd = Crowd(Gate(2), 5)
    assert await crowd.moved() == {0, 1}

    crowd.leave[1].set()
    assert await crowd.moved() == {0, 2}

    await crowd.end()
    assert crowd.order == [0, 1, 2, 3, 4]


async def test_who_gives_up_waiting_takes_no_room():
    crowd = Crowd(Gate(1), 3)
    await crowd.moved()

    crowd.tasks[1].cancel()
    await crowd.moved()
    crowd.leave[0].set()

    assert await crowd.moved() == {2}
    await crowd.end()


async def test_who_gives_up_at_the_moment_of_its_turn_gives_the_room_on():
    crowd = Crowd(Gate(1), 3)
    await crowd.moved()

    crowd.leave[0].set()
    while crowd.inside:  # noqa: ASYNC110 - up to the very moment
        await asyncio.sleep(0)
    crowd.tasks[1].cancel()

    assert await crowd.moved() == {2}
    await crowd.end()


async def test_who_fails_inside_gives_the_room_back():
    gate = Gate(1)
    with pytest.raises(KeyError):
        async with gate.inside():
            raise KeyError

    async with asyncio.timeout(PATIENCE_S), gate.inside():
        pass


async def test_those_who_stand_still_do_not_stop_the_rest():
    gate = Gate(1, patience_s=0.01)
    async with AsyncExitStack() as inside, asyncio.timeout(PATIENCE_S):
        for _ in range(3):
            await inside.enter_async_context(gate.inside())

    crowd = Crowd(Gate(1), 2)
    assert await crowd.moved() == {0}
    await crowd.end()


async def test_many_who_stand_still_hold_up_the_rest_once(loop_clock: LoopClock):
    crowd = Crowd(Gate(2, patience_s=5), 8)
    assert await crowd.moved() == {0, 1}

    await loop_clock.move(5)
    for number in range(2, 8):
        assert number in await crowd.moved()
        crowd.leave[number].set()

    assert await crowd.moved() == {0, 1}
    await crowd.end()


async def test_who_stood_still_frees_no_second_room(loop_clock: LoopClock):
    crowd = Crowd(Gate(1, patience_s=5), 4)
    await crowd.moved()
    await loop_clock.move(5)
    assert await crowd.moved() == {0, 1}

    crowd.leave[0].set()
    assert await crowd.moved() == {1}

    crowd.leave[1].set()
    assert await crowd.moved() == {2}
    await crowd.end()


async def test_each_has_the_same_patience_from_when_they_went_in(loop_clock: LoopClock):
    gate = Gate(1, patience_s=60)
    crowd = Crowd(gate, 4)
    for number in range(3):
        await loop_clock.move(40)
        assert await crowd.moved() == {number}
        crowd.leave[number].set()

    assert await crowd.moved() == {3}
    await crowd.end()
