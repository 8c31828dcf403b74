"""A batch whose process is killed or told to stop, at any moment."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.faults import Fault
from tests.e2e.batch_looks import (
    alt_texts,
    assert_all_is_well,
    cards,
    foxes,
    galleries,
    offered,
    rows_of,
    started,
    until_done,
)

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=pytest.mark.further if n == 1 else pytest.mark.slow) for n in range(1, 20)]
)
async def test_killed_again_and_again_each_row_is_drawn_shown_and_charged_once(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - a moment, not a secret
    sandbox.model.latency_s = 0.1
    idle_bot.settings |= {"DEFAULT_IMAGES_PER_DAY": "none"}
    await idle_bot.start()
    await started(ada, foxes(25))
    for drawn in (3, 10, 16):
        await idle_bot.until(
            lambda least=drawn: (
                idle_bot.states().count("settled") >= least or (len(idle_bot.states()) >= least + 3)
            )
        )
        await asyncio.sleep(rng.uniform(0, 0.3))
        await idle_bot.kill()
        await idle_bot.start()
    await until_done(idle_bot)
    lost = len(idle_bot.rows("SELECT 1 FROM batch_row WHERE state = 'failed'"))
    if lost:  # what the model was drawing when it was killed is said to be lost, and drawn again on demand
        (card, *_) = cards(ada)
        await ada.press(card, f"Retry failed ({lost})")
        await idle_bot.until(lambda: idle_bot.rows("SELECT DISTINCT state FROM batch_row") == [("done",)])
        await until_done(idle_bot)

    assert alt_texts(galleries(grace)) == rows_of(25)
    assert idle_bot.held()[0] == 25
    assert 25 <= len(sandbox.model.calls) <= 25 + lost, (
        "some may have been killed before the model heard of them"
    )
    assert len(cards(grace)) == 1
    await assert_all_is_well(idle_bot, sandbox, lost=lost)


@pytest.mark.further
async def test_killed_before_it_is_known_that_a_page_was_posted_it_is_not_posted_again(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    lost = Fault("POST", r"/channels/\d+/messages", 503, times=1000, after_effect=True)
    await offered(ada, foxes(1))
    asked = await started(ada, foxes(3))
    await bot.until(lambda: ("queued" not in bot.states() and len(bot.states()) == 3) or bool(cards(grace)))
    sandbox.world.faults.rest.append(lost)
    await sandbox.world.changed.until(lambda: bool(galleries(grace)), 60)
    await bot.kill()
    sandbox.world.faults.rest.clear()
    await bot.start()
    await until_done(bot)

    assert asked.original is not None
    assert alt_texts(galleries(grace)) == rows_of(3)
    await assert_all_is_well(bot, sandbox)


@pytest.mark.further
async def test_told_to_stop_it_goes_on_after_the_next_start(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    sandbox.model.latency_s = 0.1
    idle_bot.settings |= {"DRAIN_SECONDS": "30"}  # else what a busy machine still draws is lost, and said so
    await idle_bot.start()
    await started(ada, foxes(15))
    await idle_bot.until(lambda: len(idle_bot.states()) > 5)
    assert await idle_bot.stop() == 0
    await idle_bot.start()
    await until_done(idle_bot)

    assert alt_texts(galleries(grace)) == rows_of(15)
    assert len(sandbox.model.calls) == 15
    await assert_all_is_well(idle_bot, sandbox)


@pytest.mark.further
async def test_a_list_that_was_read_waits_through_a_restart(bot: Bot, ada: Person, grace: Person) -> None:
    asked = await offered(ada, foxes(2))
    await bot.kill()
    await bot.start()
    assert asked.original is not None

    await ada.press(asked.original, "Start")
    await until_done(bot)

    assert alt_texts(galleries(grace)) == rows_of(2)
