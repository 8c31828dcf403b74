"""What becomes of those in line, and of those who come, while a model is down."""

from __future__ import annotations

import asyncio

import pytest
from pressure_kit import DOWN, a_failure, calls_of, settle

from bot.errors import AccountTrouble, ModelUnavailable
from bot.model.circuit import CircuitState
from bot.model.failures import failure
from bot.model.pressure import Turnstile


async def test_a_model_that_is_down_is_not_asked_and_nobody_waits(turnstile, clock):
    async with calls_of(turnstile) as calls:
        await calls.begin_all(8)
        for name in range(5):
            await calls.end(name, DOWN)

        assert calls.entered == list(range(7))
        with pytest.raises(ModelUnavailable):
            await calls.tasks[7]
        assert turnstile.loads()[0].circuit is CircuitState.OPEN
        with pytest.raises(ModelUnavailable, match=r"Please try again in 30 seconds\.") as caught:
            turnstile.available("a")
        assert caught.value.retry_after_s == 30
        turnstile.available("b")
        clock.now += 30
        turnstile.available("a")


async def test_those_in_line_are_told_when_the_circuit_opens():
    turnstile = Turnstile(1)
    async with calls_of(turnstile) as calls:
        await calls.begin_all(3)
        calls.tasks[2].cancel()
        calls.ends[0].set_result(failure("payment_required"))
        said = await asyncio.gather(*calls.tasks.values(), return_exceptions=True)

        assert calls.entered == [0]
        assert [type(one) for one in said] == [type(None), AccountTrouble, asyncio.CancelledError]
        with pytest.raises(AccountTrouble, match="in 10 minutes"):
            turnstile.available("a")


async def test_a_second_try_is_not_sent_to_a_model_that_is_down_by_now(turnstile):
    with turnstile.visit("a") as visit:
        async with visit.turn():
            pass
        with turnstile.visit("a") as other:
            other.conclude(failure("authentication"))

        with pytest.raises(AccountTrouble):
            async with visit.turn():
                pytest.fail("sent")


async def test_one_call_finds_out_and_those_beside_it_are_told(turnstile, clock):
    for _ in range(5):
        with turnstile.visit("a") as visit:
            visit.conclude(DOWN)
    clock.now += 31
    with turnstile.visit("a") as probe:
        assert turnstile.loads()[0].circuit is CircuitState.HALF_OPEN
        with pytest.raises(ModelUnavailable, match="in 15 seconds"):
            turnstile.visit("a")
        probe.conclude(None)

    assert turnstile.loads()[0].circuit is CircuitState.CLOSED


async def test_a_late_word_does_not_stop_the_one_that_finds_out(turnstile, clock):
    async with calls_of(turnstile) as calls:
        with turnstile.visit("a") as late:
            for _ in range(5):
                with turnstile.visit("a") as visit:
                    visit.conclude(DOWN)
            clock.now += 31
            turnstile._ceiling = 0
            calls.begin("probe")
            await settle()
            late.conclude(DOWN)
        turnstile._ceiling = 1
        turnstile._fill()
        await settle()

        assert calls.entered == ["probe"]


async def test_a_probe_that_is_cancelled_makes_room_for_another(turnstile, clock):
    for _ in range(5):
        with turnstile.visit("a") as visit:
            visit.conclude(DOWN)
    clock.now += 31
    with turnstile.visit("a"):
        pass

    turnstile.available("a")


async def test_the_operator_is_told_once(turnstile, clock, caplog):
    caplog.set_level("INFO")
    visits = [turnstile.visit(model) for model in "ab" * 50]
    for visit in visits:
        visit.conclude(failure("no_credit"))
    clock.now += 600
    for model in "ab":
        with turnstile.visit(model) as probe:
            probe.conclude(failure("no_credit"))
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1

    clock.now += 600
    for model in "ab":
        with turnstile.visit(model) as probe:
            probe.conclude(None)
    turnstile.visit("a").conclude(failure("no_credit"))
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 2


class TestAdvice:
    """A model that is down says when to come again."""

    async def test_it_is_waited_for_once_and_then_everybody_is_told(self, loop_clock):
        turnstile = Turnstile(2)
        async with calls_of(turnstile) as calls:
            await calls.begin_all(4)
            await calls.end(0, a_failure("provider_unavailable", 15))
            assert turnstile.loads()[0].circuit is CircuitState.CLOSED
            await loop_clock.move(15)
            assert calls.entered == [0, 1]

            await calls.end(1)  # it was sent before, and says nothing of now
            await calls.end(2, a_failure("provider_unavailable", 15))
            assert turnstile.loads()[0].circuit is CircuitState.CLOSED, "an answer came in between"
            await loop_clock.move(15)
            await calls.end(3, a_failure("provider_unavailable", 15))

            assert turnstile.loads()[0].circuit is CircuitState.OPEN
            with pytest.raises(ModelUnavailable, match=r"Please try again in 15 seconds\."):
                turnstile.available("a")

    async def test_those_in_line_are_told_at_once_where_it_is_long(self):
        turnstile = Turnstile(2)
        async with calls_of(turnstile) as calls:
            await calls.begin_all(3)
            await calls.end(0, a_failure("provider_unavailable", 45))

            with pytest.raises(ModelUnavailable, match="in 45 seconds"):
                await calls.tasks[2]

    async def test_a_busy_model_is_waited_for_as_long(self, loop_clock):
        turnstile = Turnstile(2)
        async with calls_of(turnstile) as calls:
            await calls.begin_all(3)
            await calls.end(0, a_failure("rate_limit_exceeded", 45))
            await loop_clock.move(45)

            assert turnstile.loads()[0].circuit is CircuitState.CLOSED

    async def test_what_was_sent_at_the_same_time_says_the_same_once(self):
        turnstile = Turnstile(4)
        async with calls_of(turnstile) as calls:
            await calls.begin_all(3)
            for name in range(3):
                await calls.end(name, a_failure("provider_unavailable", 10))

            assert turnstile.loads()[0].circuit is CircuitState.CLOSED
