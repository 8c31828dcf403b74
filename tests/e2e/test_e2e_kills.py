"""The real process, killed in each state a job can be in, again and again."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.faults import Fault
from tests.e2e.looks import is_card, is_placeholder, pictures

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
STOPPED = """
    CREATE TRIGGER stopped BEFORE INSERT ON ledger WHEN NEW.kind = 'settle'
    BEGIN SELECT RAISE(ABORT, 'stopped by the test'); END
"""
LONG = 50


def change(bot: Bot, sql: str) -> None:
    with closing(sqlite3.connect(bot.data_dir / "easel.db", timeout=10)) as connection:
        connection.execute(sql)
        connection.commit()


async def bring_to(state: str, bot: Bot, sandbox: Sandbox, ada: Person, n: int) -> None:
    """Let an order come as far as a state, and no further."""
    if state in {"queued", "sent"}:
        sandbox.model.pause()
    if state == "produced":
        sandbox.world.faults.rest.append(Fault("PATCH", "@original", 503, times=1000))
    if state == "delivered":
        change(bot, STOPPED)
    calls = len(sandbox.model.calls)
    order = await ada.slash("imagine", {"prompt": f"number {n}"})
    if state == "queued":  # one is drawn at a time, so that the second waits
        await sandbox.model.until(lambda model: len(model.calls) == calls + 1)
        second = await ada.slash("imagine", {"prompt": f"number {n}, again"})
        await second.first_response()
    await order.first_response()
    await bot.until(lambda: state in bot.states())
    if state == "sent":
        await sandbox.model.until(lambda model: len(model.calls) == calls + 1)


def let_go(state: str, bot: Bot, sandbox: Sandbox) -> None:
    """Take away what held it up."""
    sandbox.world.faults.rest.clear()
    sandbox.model.resume()
    if state == "delivered":
        change(bot, "DROP TRIGGER stopped")


async def assert_all_is_well(bot: Bot, sandbox: Sandbox, grace: Person) -> None:
    """Compare what people see, what they were charged, and what the provider billed."""
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM job WHERE untold = 1") == [(0,)])
    await bot.until_priced()
    states = bot.states()
    cards = [message for message in grace.messages() if is_card(message)]
    assert len(cards) == states.count("settled")
    assert sum(len(pictures(card)) for card in cards) == bot.held()[0]
    assert not [message for message in grace.messages() if is_placeholder(message)]
    assert len(sandbox.model.calls) == len(states), "a call is never sent again"
    assert bot.booked() == sandbox.model.total_cost_microusd
    ((open_holds,),) = bot.rows(
        "SELECT COUNT(*) FROM (SELECT job_id FROM ledger GROUP BY job_id HAVING COUNT(*) <> 2)"
    )
    assert open_holds == 0


@pytest.mark.parametrize(
    ("state", "kills"),
    [
        ("delivered", 1),
        *(
            pytest.param(state, LONG, marks=pytest.mark.slow)
            for state in ("queued", "sent", "produced", "delivered")
        ),
    ],
)
async def test_killed_at_each_state_nothing_is_lost_and_nothing_is_charged_or_posted_twice(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, state: str, kills: int
) -> None:
    idle_bot.settings |= {"MAX_RUNNING_CALLS": "1", "DEFAULT_IMAGES_PER_DAY": "none"}
    await idle_bot.start()
    for n in range(kills):
        await bring_to(state, idle_bot, sandbox, ada, n)
        await idle_bot.kill()
        let_go(state, idle_bot, sandbox)
        await idle_bot.start()
        await idle_bot.until_ended()

    await assert_all_is_well(idle_bot, sandbox, grace)


@pytest.mark.parametrize("stops", [1, pytest.param(100, marks=pytest.mark.slow)])
async def test_told_to_stop_at_any_moment_every_order_ends_after_the_next_start(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, stops: int
) -> None:
    rng = random.Random(7)  # noqa: S311 - a moment, not a secret
    sandbox.model.latency_s = 0.3
    idle_bot.settings |= {"DRAIN_SECONDS": "1", "DEFAULT_IMAGES_PER_DAY": "none"}
    await idle_bot.start()
    for n in range(stops):
        await ada.slash("imagine", {"prompt": f"number {n}"})
        await asyncio.sleep(rng.uniform(0, 0.6))
        assert await idle_bot.stop() == 0
        await idle_bot.start()
        await idle_bot.until_ended()

    await assert_all_is_well(idle_bot, sandbox, grace)
