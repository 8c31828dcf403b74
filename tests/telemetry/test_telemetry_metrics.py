from __future__ import annotations

import asyncio
import logging
import threading

import pytest
from time_kit import PATIENCE_S, settle, until

from bot.domain.jobs import JobState
from bot.telemetry.lag import watched_loop
from bot.telemetry.metrics import Metrics


def test_what_is_counted_can_be_scraped():
    metrics = Metrics()

    metrics.job_ended(JobState.SETTLED)
    metrics.call_ended("openai/gpt-5-image-mini", "ok", 12.0, 41_000)
    metrics.error("refused")
    metrics.queue_length.set(3)
    metrics.ack_seconds.observe(0.2)

    text = metrics.render().decode()
    assert 'easel_jobs_total{state="settled"} 1.0' in text
    assert 'easel_cost_microusd_total{model="openai/gpt-5-image-mini"} 41000.0' in text
    assert 'easel_call_seconds_bucket{le="15.0",model="openai/gpt-5-image-mini",outcome="ok"} 1.0' in text
    assert 'easel_errors_total{kind="refused"} 1.0' in text
    assert "easel_queue_length 3.0" in text
    assert 'easel_ack_seconds_bucket{le="0.25"} 1.0' in text


def test_two_processes_worth_of_metrics_do_not_meet():
    first, second = Metrics(), Metrics()

    first.error("refused")

    assert first.registry.get_sample_value("easel_errors_total", {"kind": "refused"}) == 1
    assert second.registry.get_sample_value("easel_errors_total", {"kind": "refused"}) == 0


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("easel_jobs_total", {"state": "failed"}),
        ("easel_alarms_total", {"kind": "account"}),
        ("easel_errors_total", {"kind": "unknown"}),
        ("easel_errors_total", {"kind": "account"}),
        ("easel_discord_invalid_requests_total", {"status": "429"}),
    ],
)
def test_what_has_not_happened_yet_is_counted_as_none_so_that_the_first_is_seen(name, labels):
    assert Metrics().registry.get_sample_value(name, labels) == 0


@pytest.mark.parametrize(("blocked_s", "is_said"), [(90, True), (0, False)], ids=["a stall", "an easy loop"])
async def test_a_stalled_loop_is_measured_and_said(blocked_s, is_said, loop_clock, caplog):
    metrics = Metrics()
    caplog.set_level(logging.WARNING, logger="bot.telemetry.lag")

    async with watched_loop(metrics, every_s=0.01, stall_s=60):
        await settle()
        await loop_clock.move(blocked_s)
        await until(lambda: metrics.registry.get_sample_value("easel_loop_lag_seconds_count"))

    assert ("stood still" in caplog.text) is is_said
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "loop-lag"]


class Reader(logging.Handler):
    """Reads the log, and says when a line is there."""

    def __init__(self) -> None:
        super().__init__()
        self.said = threading.Event()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self.said.set()


@pytest.fixture
def reader():
    handler = Reader()
    logger = logging.getLogger("bot.telemetry.lag")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


async def test_a_loop_that_stands_still_says_where_while_it_does_and_says_it_once(reader):
    def what_blocks_the_loop() -> bool:
        return reader.said.wait(PATIENCE_S)

    def goes_on_blocking_it() -> bool:
        reader.said.clear()
        return reader.said.wait(0.6)

    async with watched_loop(Metrics(), every_s=0.01, stall_s=0.25):
        await settle()
        assert what_blocks_the_loop()
        assert not goes_on_blocking_it()
        await until(lambda: any("stood still for" in line for line in reader.lines))

    (line,) = (line for line in reader.lines if "stands still" in line)
    assert "return reader.said.wait(PATIENCE_S)" in line
    assert not [thread for thread in threading.enumerate() if thread.name == "loop-watch"]


async def test_the_next_stall_is_said_again(reader):
    async with watched_loop(Metrics(), every_s=0.01, stall_s=0.25):
        for stall in (1, 2):
            await settle()
            reader.said.clear()
            assert reader.said.wait(PATIENCE_S)
            await until(lambda count=stall: sum("stood still for" in line for line in reader.lines) == count)

    assert sum("stands still" in line for line in reader.lines) == 2
