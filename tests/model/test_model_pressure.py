"""Places for calls: bounded, shared between models, first come first served, and lost by nobody."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pressure_kit import BUSY, DOWN, STRAINED, Clock, a_failure, calls_of, settle

from bot.errors import AccountTrouble, ModelUnavailable
from bot.model.circuit import CircuitState
from bot.model.failures import failure
from bot.model.lanes import LONGEST_PAUSE_S
from bot.model.limit import Limit
from bot.model.pressure import LONG_S, ModelLoad, Turnstile


async def test_no_more_calls_than_places_and_first_come_first_served(turnstile):
    async with calls_of(turnstile) as calls:
        await calls.begin_all(7)
        assert calls.entered == [0, 1, 2]
        assert turnstile.loads() == (ModelLoad("a", 4, 3, 4, CircuitState.CLOSED),)

        await calls.end(2)
        await calls.end(0)

        assert calls.entered == [0, 1, 2, 3, 4]


async def test_a_slow_model_leaves_room_for_one_that_was_never_asked(turnstile):
    async with calls_of(turnstile) as calls:
        await calls.begin_all(9)
        assert calls.entered == [0, 1, 2]

        calls.begin("quick", "b")
        await settle()

        assert calls.entered[-1] == "quick"


async def test_calls_that_take_long_leave_their_places_in_a_narrow_limit_to_others(loop_clock):
    turnstile = Turnstile(8)
    told: list[int] = []
    turnstile.watch(lambda: told.append(turnstile.places("a").most))
    async with calls_of(turnstile) as calls:
        await calls.begin_all(6)
        await calls.end(0, BUSY)
        calls.begin(6)
        calls.begin(7)
        await settle()
        assert calls.entered == [0, 1, 2, 3, 4, 5]
        assert turnstile.places("a").most == 4

        await loop_clock.move(LONG_S)

        assert calls.entered == [0, 1, 2, 3, 4, 5, 6, 7]
        assert told[-1] == turnstile.places("a").most == 7, "one place is left to other models"
        for name in range(1, 6):
            await calls.end(name)
        assert turnstile.places("a").most == 4


async def test_two_slow_models_leave_room_for_a_third():
    turnstile = Turnstile(16)
    async with calls_of(turnstile) as calls:
        for name in range(40):
            calls.begin(name, "ab"[name >= 20])
        await settle()
        assert [load.in_flight for load in turnstile.loads()] == [14, 1]

        calls.begin("third", "c")
        await settle()

        assert calls.entered[-1] == "third"


async def test_a_free_place_goes_to_the_model_with_the_fewest():
    turnstile = Turnstile(16)
    async with calls_of(turnstile) as calls:
        await calls.begin_all(20)
        for name in ("other", "another"):
            calls.begin(name, "b")
        await settle()
        assert calls.entered == [*range(14), "other"]

        await calls.end(0)

        assert calls.entered[-1] == "another"


@pytest.mark.parametrize(("ceiling", "entered"), [(0, 0), (1, 1), (2, 2), (3, 2), (32, 31)])
async def test_every_ceiling_holds(ceiling, entered):
    turnstile = Turnstile(ceiling)
    async with calls_of(turnstile) as calls:
        for name in range(40):
            calls.begin(name, "ab"[name % 2])
        await settle()

        assert len(calls.entered) == entered


async def test_the_limit_halves_once_for_a_burst_and_grows_by_one_after_as_many_successes(turnstile):
    async with calls_of(turnstile) as calls:
        await calls.begin_all(3)
        for name in range(3):
            await calls.end(name, BUSY)
        assert turnstile.loads()[0].limit == 2

        for name in range(10, 12):
            calls.begin(name)
            await settle()
            await calls.end(name)
        assert turnstile.loads()[0].limit == 3


@pytest.mark.parametrize(
    ("failed", "limit"),
    [
        (BUSY, 2),
        (STRAINED, 2),
        (failure("provider_unavailable"), 2),
        (a_failure("server", 0.0), 2),
        (DOWN, 4),
        (failure("lost"), 4),
        (failure("refusal"), 4),
        (None, 4),
    ],
    ids=["429", "529", "503", "advice", "500", "lost", "refused", "drawn"],
)
async def test_what_halves_the_limit(turnstile, failed, limit):
    async with calls_of(turnstile) as calls:
        calls.begin(0)
        await settle()
        await calls.end(0, failed)

        assert turnstile.loads()[0].limit == limit


async def test_one_model_s_limit_is_no_other_s(turnstile):
    async with calls_of(turnstile) as calls:
        for name in "ab":
            calls.begin(name, name)
        await settle()
        await calls.end("a", BUSY)
        await calls.end("b")

        assert [load.limit for load in turnstile.loads()] == [2, 4]


async def test_advice_to_wait_holds_back_that_model_s_new_calls_alone(turnstile, loop_clock):
    async with calls_of(turnstile) as calls:
        calls.begin("told")
        await settle()
        await calls.end("told", a_failure("rate_limit_exceeded", 30))
        calls.begin("held")
        calls.begin("free", "b")
        await settle()
        assert calls.entered == ["told", "free"]

        await loop_clock.move(15)
        assert calls.entered == ["told", "free"]
        await loop_clock.move(15)
        assert calls.entered == ["told", "free", "held"]


async def test_of_several_pauses_the_longest_counts(turnstile, loop_clock):
    async with calls_of(turnstile) as calls:
        await calls.begin_all(3)
        for name, seconds in enumerate((20.0, LONGEST_PAUSE_S, 10.0)):
            await calls.end(name, a_failure("rate_limit_exceeded", seconds))
        calls.begin("held")
        await loop_clock.move(LONGEST_PAUSE_S / 2)
        assert calls.entered == [0, 1, 2]

        await loop_clock.move(LONGEST_PAUSE_S / 2)
        assert calls.entered == [0, 1, 2, "held"]


@pytest.mark.parametrize(("advice", "when"), [(90.0, "in 90 seconds"), (86_400.0, "in 10 minutes")])
async def test_nobody_is_kept_waiting_for_longer_than_a_minute(advice, when):
    clock = Clock()
    turnstile = Turnstile(3, clock=clock)
    async with calls_of(turnstile) as calls:
        await calls.begin_all(4)

        await calls.end(0, a_failure("rate_limit_exceeded", advice))

        for refused in (calls.tasks[3].result, lambda: turnstile.available("a")):
            with pytest.raises(ModelUnavailable, match=when):
                refused()
        turnstile.available("b")
        await calls.end(1)
        clock.now += advice
        calls.begin("later")
        await settle()
        assert calls.entered[-1] == "later"


async def test_cancelling_in_the_moment_of_one_s_turn_gives_the_place_back():
    turnstile = Turnstile(1)
    async with calls_of(turnstile) as calls:
        await calls.begin_all(3)
        fill, calls_1 = turnstile._fill, calls.tasks[1]

        def fill_and_cancel():
            fill()
            calls_1.cancel()

        turnstile._fill = fill_and_cancel
        await calls.end(0)

        assert calls.entered == [0, 2]


async def test_someone_who_leaves_the_line_is_passed_over():
    turnstile = Turnstile(1)
    async with calls_of(turnstile) as calls:
        await calls.begin_all(4)
        calls.tasks[1].cancel()
        calls.tasks[2].cancel()
        await calls.end(0)

        assert calls.entered == [0, 3]


ENDS = st.sampled_from([None, None, None, BUSY, DOWN, STRAINED, failure("lost"), failure("no_credit")])


@given(
    ceiling=st.integers(1, 6),
    plan=st.lists(st.tuples(st.sampled_from("abc"), ENDS, st.integers(0, 3), st.booleans()), max_size=40),
    dice=st.randoms(use_true_random=False),
)
def test_whatever_happens_no_place_is_lost_and_no_bound_is_passed(ceiling, plan, dice):
    async def play():
        clock = Clock()
        turnstile, under_way, tasks = Turnstile(ceiling, clock=clock), [], []

        async def call(model, failed, turns):
            with turnstile.visit(model) as visit:
                async with visit.turn() as turn:
                    under_way.append(model)
                    assert len(under_way) <= ceiling
                    try:
                        for _ in range(turns):
                            await asyncio.sleep(0)
                    finally:
                        under_way.remove(model)
                    turn.note(failed)
                visit.conclude(failed)

        for model, failed, turns, is_cancelled in plan:
            tasks.append(asyncio.create_task(call(model, failed, turns)))
            await asyncio.sleep(0)
            clock.now += dice.choice([0.0, 5.0, 40.0, 700.0])
            if is_cancelled:
                dice.choice(tasks).cancel()
            assert all(1 <= load.limit <= ceiling for load in turnstile.loads())
        outcomes = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
        assert {type(one) for one in outcomes} <= {
            type(None),
            ModelUnavailable,
            AccountTrouble,
            asyncio.CancelledError,
        }
        assert {(load.in_flight, load.waiting) for load in turnstile.loads()} <= {(0, 0)}

    asyncio.run(play())


@given(
    ceiling=st.integers(1, 64),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=200),
)
def test_a_limit_stays_within_its_bounds_and_heeds_each_burst_once(ceiling, steps):
    limit, eras = Limit(ceiling), [0]
    for is_success, age in steps:
        before, era = limit.current, eras[-1 - min(age, len(eras) - 1)]
        (limit.succeed if is_success else limit.slow_down)(era)
        if limit.era != eras[-1]:
            eras.append(limit.era)
            assert limit.current == max(1, before // 2)
        assert 1 <= limit.current <= ceiling
        assert limit.current - before <= 1
        assert is_success or limit.current <= before


def test_a_limit_comes_back_all_the_way():
    limit = Limit(32)
    for _ in range(9):
        limit.slow_down(limit.era)
    assert limit.current == 1

    needed = 0
    while limit.current < 32:
        limit.succeed(limit.era)
        needed += 1
    assert needed == sum(range(1, 32))
