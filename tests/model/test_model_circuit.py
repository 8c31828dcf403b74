"""When a model is left alone, and when it is asked again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.circuit import ACCOUNT_S, LONGEST_OPEN_S, OPEN_S, PROBE_S, Circuit, CircuitState, Refusal
from bot.model.failures import Signal

CLOSED, OPEN, HALF_OPEN = CircuitState


def end(circuit, signal, now):
    """Let a call through and end it at once."""
    return circuit.report(circuit.admit(now), signal, now)


def opened(at=0.0):
    circuit = Circuit()
    for _ in range(5):
        end(circuit, Signal.DOWN, at)
    return circuit


@pytest.mark.parametrize("signal", [Signal.DOWN, Signal.STRAINED])
def test_five_failures_within_a_minute_open_it(signal):
    circuit = Circuit()
    told = [end(circuit, signal, now) for now in (0.0, 15.0, 30.0, 45.0, 60.0)]

    assert told == [False, False, False, False, True]
    assert circuit.state(60.0) is OPEN
    assert circuit.refusal(60.0) == Refusal(OPEN_S, account=False)


def test_five_failures_in_more_than_a_minute_do_not():
    circuit = Circuit()
    for now in (0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0):
        end(circuit, Signal.DOWN, now)

    assert circuit.state(120.0) is CLOSED


def test_a_success_proves_that_the_model_works():
    circuit = Circuit()
    for _ in range(20):
        for signal in (*[Signal.DOWN] * 4, Signal.FINE):
            end(circuit, signal, 0.0)

    assert circuit.state(0.0) is CLOSED


def test_a_model_rests_as_long_as_it_asks_and_one_call_finds_out_whether_it_is_back():
    circuit = Circuit()
    begun = circuit.admit(0.0)
    circuit.rest(0.0, 90.0)
    circuit.rest(0.0, 70.0)
    circuit.report(begun, Signal.BUSY, 0.0)

    assert circuit.refusal(0.0) == Refusal(90.0, account=False)
    assert circuit.refusal(90.0) is None
    assert not end(circuit, Signal.FINE, 90.0)
    assert circuit.state(90.0) is CLOSED


def test_advice_does_not_hide_that_the_account_is_at_fault():
    circuit = Circuit()
    end(circuit, Signal.ACCOUNT, 0.0)
    circuit.rest(1.0, ACCOUNT_S)

    assert circuit.refusal(1.0) == Refusal(ACCOUNT_S, account=True)


@pytest.mark.parametrize("signal", [Signal.BUSY, Signal.UNKNOWN])
def test_what_says_neither_changes_nothing(signal):
    circuit = Circuit()
    for now in range(100):
        end(circuit, signal, float(now))
    for _ in range(4):
        end(circuit, Signal.DOWN, 100.0)
        end(circuit, signal, 100.0)
    assert circuit.state(100.0) is CLOSED

    end(circuit, Signal.DOWN, 100.0)
    assert circuit.state(100.0) is OPEN


def test_the_account_s_trouble_opens_it_at_once_for_ten_minutes():
    circuit = Circuit()

    assert end(circuit, Signal.ACCOUNT, 0.0)
    assert circuit.refusal(1.0) == Refusal(ACCOUNT_S - 1, account=True)
    assert circuit.state(ACCOUNT_S) is HALF_OPEN


def test_after_a_while_one_call_finds_out():
    circuit = opened()
    assert circuit.refusal(OPEN_S) is None

    assert circuit.admit(OPEN_S).is_probe
    assert circuit.refusal(OPEN_S) == Refusal(PROBE_S, account=False)
    assert circuit.state(OPEN_S) is HALF_OPEN


@pytest.mark.parametrize("signal", [Signal.FINE, Signal.BUSY])
def test_a_probe_that_is_answered_closes_it(signal):
    circuit = opened()
    end(circuit, signal, OPEN_S)

    assert (circuit.state(OPEN_S), circuit.refusal(OPEN_S)) == (CLOSED, None)
    assert not circuit.admit(OPEN_S).is_probe


def test_each_probe_that_fails_doubles_the_wait_up_to_a_bound():
    circuit, now, waits = opened(), OPEN_S, []
    for _ in range(6):
        assert end(circuit, Signal.DOWN, now)
        refusal = circuit.refusal(now)
        assert refusal is not None
        waits.append(refusal.retry_after_s)
        now += refusal.retry_after_s
    end(circuit, Signal.FINE, now)

    assert waits == [60.0, 120.0, 240.0, LONGEST_OPEN_S, LONGEST_OPEN_S, LONGEST_OPEN_S]
    for _ in range(5):
        end(circuit, Signal.DOWN, now)
    assert circuit.refusal(now) == Refusal(OPEN_S, account=False)


@pytest.mark.parametrize("how", ["abandoned", "unknown"])
def test_a_probe_that_says_nothing_makes_room_for_another(how):
    circuit = opened()
    probe = circuit.admit(OPEN_S)
    if how == "abandoned":
        circuit.abandon(probe)
    else:
        circuit.report(probe, Signal.UNKNOWN, OPEN_S)

    assert circuit.refusal(OPEN_S) is None
    assert circuit.admit(OPEN_S).is_probe


def test_what_was_under_way_before_has_no_say_after():
    circuit = Circuit()
    late = [circuit.admit(0.0) for _ in range(30)]
    for shown in late[:5]:
        circuit.report(shown, Signal.DOWN, 1.0)
    circuit.report(late[5], Signal.FINE, 2.0)
    assert circuit.state(2.0) is OPEN

    probe = circuit.admit(40.0)
    circuit.abandon(late[6])
    assert circuit.refusal(40.0) is not None
    circuit.report(probe, Signal.FINE, 41.0)
    for shown in late[7:]:
        circuit.report(shown, Signal.DOWN, 41.0)
    assert circuit.state(41.0) is CLOSED


def test_the_account_s_trouble_counts_whenever_it_is_told_but_once():
    circuit = Circuit()
    late = [circuit.admit(0.0) for _ in range(10)]
    for shown in late[:5]:
        circuit.report(shown, Signal.DOWN, 0.0)

    assert circuit.report(late[5], Signal.ACCOUNT, 1.0)
    assert not circuit.report(late[6], Signal.ACCOUNT, 100.0)
    assert circuit.refusal(100.0) == Refusal(ACCOUNT_S - 99, account=True)


def test_an_account_that_is_still_in_trouble_is_left_alone_again():
    circuit = Circuit()
    end(circuit, Signal.ACCOUNT, 0.0)

    assert end(circuit, Signal.ACCOUNT, ACCOUNT_S)
    assert circuit.refusal(ACCOUNT_S) == Refusal(ACCOUNT_S, account=True)
    end(circuit, Signal.FINE, 2 * ACCOUNT_S)
    assert not circuit.account


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "end", "leave", "rest"]), st.integers(0, 9), st.sampled_from(list(Signal))
    ),
    max_size=60,
)


@given(steps=STEPS, pauses=st.lists(st.floats(0, 400), min_size=1, max_size=8))
def test_whatever_happens_one_probe_at_most_and_never_shut_for_good(steps, pauses):
    circuit, now, inside, failures = Circuit(), 0.0, [], 0
    for turn, (step, which, signal) in enumerate(steps):
        now += pauses[turn % len(pauses)]
        if step == "enter":
            state, refusal = circuit.state(now), circuit.refusal(now)
            assert refusal is None or (state is not CLOSED and 0 < refusal.retry_after_s < ACCOUNT_S + 1)
            if refusal is None:
                inside.append(circuit.admit(now))
                assert inside[-1].is_probe is (state is HALF_OPEN)
        elif step == "rest":
            circuit.rest(now, 10.0 * which)
        elif inside:
            shown = inside.pop(which % len(inside))
            if step == "leave":
                circuit.abandon(shown)
                continue
            failures = failures + 1 if signal in {Signal.DOWN, Signal.STRAINED} else failures
            did_open = circuit.report(shown, signal, now)
            circuit.abandon(shown)
            assert not did_open or circuit.state(now) is OPEN
            assert not did_open or signal is Signal.ACCOUNT or shown.is_probe or failures >= 5
        assert sum(shown.is_probe and circuit.is_current(shown) for shown in inside) <= 1

    for shown in inside:
        circuit.abandon(shown)
    assert circuit.refusal(now + ACCOUNT_S) is None
    end(circuit, Signal.FINE, now + ACCOUNT_S)
    assert circuit.state(now + ACCOUNT_S) is CLOSED
