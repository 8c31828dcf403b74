from __future__ import annotations

import asyncio

import pytest
from world_kit import Clock

from bot.telemetry.alarms import QUIET_FOR, Alarms
from bot.telemetry.metrics import Metrics
from bot.telemetry.tally import Tally


@pytest.fixture
def clock() -> Clock:
    return Clock()


def raised(metrics: Metrics, kind: str) -> float | None:
    return metrics.registry.get_sample_value("easel_alarms_total", {"kind": kind})


async def test_an_alarm_is_raised_once_however_often_it_is_sounded(clock: Clock):
    metrics = Metrics()
    alarms = Alarms(metrics, clock)

    for _ in range(100):
        alarms.sound("disk", "The disk is full.")
    alarms.sound("account", "There is no credit.")

    assert (raised(metrics, "disk"), raised(metrics, "account")) == (1, 1)
    assert [await alarms.next(), await alarms.next()] == ["The disk is full.", "There is no credit."]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(alarms.next(), 0.001)


async def test_what_is_not_mended_is_said_again_after_a_while(clock: Clock):
    metrics = Metrics()
    alarms = Alarms(metrics, clock)
    alarms.sound("disk", "The disk is full.")

    clock.now += QUIET_FOR
    alarms.sound("disk", "The disk is full.")

    assert raised(metrics, "disk") == 2


def test_a_tally_forgets_what_is_long_past():
    tally = Tally(within_s=10)

    assert [tally.note(second) for second in (0, 4, 9, 10, 14)] == [1, 2, 3, 3, 3]
    assert tally.count(19) == 2
    assert tally.count(100) == 0
