"""What a model may take of the places, and pauses that calls sent again have to sit out."""

from __future__ import annotations

import asyncio

import pytest
from pressure_kit import BUSY, a_failure, calls_of, settle

from bot.domain.places import Places
from bot.model.pressure import Turnstile


class TestSentAgain:
    """A call that was told to wait and is sent again; others come behind it."""

    @pytest.fixture
    def order(self):
        return []

    async def twice(self, turnstile, order, first, go_on):
        with turnstile.visit("a") as visit:
            async with visit.turn() as turn:
                turn.note(first)
            await go_on.wait()
            async with visit.turn():
                order.append("again")

    async def once(self, turnstile, order, failed=None):
        with turnstile.visit("a") as visit:
            async with visit.turn() as turn:
                order.append("new")
                turn.note(failed)

    async def test_it_keeps_its_number_and_need_not_sit_out_its_own_pause_twice(self, turnstile, order):
        go_on = asyncio.Event()
        told = a_failure("rate_limit_exceeded", 60.0)
        first = asyncio.create_task(self.twice(turnstile, order, told, go_on))
        await settle()
        second = asyncio.create_task(self.once(turnstile, order))
        await settle()
        go_on.set()
        await first

        assert order == ["again"]
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        turnstile._lanes["a"].pause.cancel()

    async def test_it_heeds_a_pause_that_another_call_was_told(self, turnstile, order, loop_clock):
        go_on = asyncio.Event()
        told = a_failure("rate_limit_exceeded", 3.0)
        first = asyncio.create_task(self.twice(turnstile, order, told, go_on))
        await loop_clock.move(3)
        await self.once(turnstile, order, told)
        go_on.set()
        await loop_clock.move(2)
        assert order == ["new"]

        await loop_clock.move(2)

        assert order == ["new", "again"]
        await first


class TestPlaces:
    async def test_a_model_has_fewer_than_all_and_as_many_as_its_answers_let_it(self, turnstile):
        told = []
        turnstile.watch(lambda: told.append(turnstile.places("a")))
        async with calls_of(turnstile) as calls:
            calls.begin(0)
            await settle()
            assert turnstile.places("a") == turnstile.places("never asked") == Places(most=3, kept=1)

            await calls.end(0, BUSY)

        assert told == [Places(most=2, kept=1)]

    async def test_who_watches_is_told_when_a_pause_begins_and_when_it_ends(self, turnstile, loop_clock):
        told = []
        turnstile.watch(lambda: told.append(turnstile.places("a").paused_s))
        async with calls_of(turnstile) as calls:
            calls.begin(0)
            await settle()
            await calls.end(0, a_failure("rate_limit_exceeded", 30))
            await loop_clock.move(31)

        assert told == [pytest.approx(30, abs=0.1), 0.0]

    async def test_calls_in_line_are_told_of_a_pause_of_a_longer_one_and_of_its_end(
        self, turnstile, loop_clock
    ):
        async with calls_of(turnstile) as calls:
            await calls.begin_all(4)
            await calls.end(0, a_failure("rate_limit_exceeded", 10))
            calls.begin("new")
            await settle()
            await calls.end(1, a_failure("rate_limit_exceeded", 30))
            await loop_clock.move(11)
            assert len(calls.waits["new"]) == 2
            await loop_clock.move(20)
            await calls.end(2)

            told = [pytest.approx(10, abs=0.1), pytest.approx(30, abs=0.1), 0.0]
            assert calls.waits[3] == told
            assert calls.waits["new"] == told
            assert calls.waits[2] == [], "it was under way"

    async def test_a_model_that_is_down_refuses_at_once_and_lets_nobody_wait(self):
        turnstile, told = Turnstile(8), []
        turnstile.watch(lambda: told.append(turnstile.places("a")))
        async with calls_of(turnstile) as calls:
            await calls.begin_all(5)
            for name in range(5):
                await calls.end(name, a_failure("provider_unavailable", 20))

            assert told[-1] == Places(most=7, kept=1)
