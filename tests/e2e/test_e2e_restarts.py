"""Killed at any moment: nothing is lost, and nothing is charged twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.faults import Fault
from tests.e2e.looks import answered, buttons, card_after, is_card, words
from tests.e2e.test_e2e_chat import answer_to, mention
from tests.e2e.test_e2e_faults import GEMINI, draws_through_chat
from tests.e2e.test_e2e_operator import page, port

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
__all__ = ["port"]


async def test_killed_while_a_job_waits_it_is_drawn_by_the_next_start(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await bot.kill()
    await bot.start(MAX_RUNNING_CALLS="1")
    sandbox.model.pause()
    running = await ada.slash("imagine", {"prompt": "first"})
    await sandbox.model.until(lambda model: len(model.calls) == 1)
    waiting = await ada.slash("imagine", {"prompt": "second"})
    await waiting.first_response()
    await bot.kill()
    sandbox.model.resume()

    await bot.start()
    await card_after(ada, waiting)
    await answered(running)

    await bot.until_states("failed", "settled")
    assert bot.held()[0] == 1


async def test_killed_while_the_model_draws_the_person_is_told_and_not_charged(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.model.pause()
    order = await ada.slash("imagine", {"prompt": "a comet"})
    await sandbox.model.until(lambda model: len(model.calls) == 1)
    await bot.kill()
    sandbox.model.resume()
    await bot.start()

    await answered(order)
    assert order.original is not None
    assert not is_card(order.original)
    assert "try again" in words(order.original).lower()
    assert bot.states() == ["failed"]
    assert bot.held() == (0, 0)
    assert len(sandbox.model.calls) == 1


@pytest.mark.further
async def test_killed_while_an_answer_came_its_cost_is_asked_after_the_person_was_told(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    draws_through_chat(sandbox)
    await (bot := idle_bot).start()
    sandbox.model.generation_delay_s = 3600.0
    sandbox.model.faults.add("slow_drip")
    order = await ada.slash("imagine", {"prompt": "a comet", "model": GEMINI})
    await bot.until(lambda: bot.rows("SELECT 1 FROM call WHERE generation_id IS NOT NULL") == [(1,)])
    await bot.kill()
    await bot.start()

    await answered(order)
    estimate = bot.booked()
    await bot.kill()
    sandbox.model.generation_delay_s = 0.0
    await bot.start()

    assert estimate > sandbox.model.total_cost_microusd > 0
    await bot.until(lambda: bot.booked() == sandbox.model.total_cost_microusd)
    assert bot.states() == ["failed"]
    assert bot.held() == (0, 0)


async def test_killed_before_the_pictures_are_posted_they_are_posted_by_the_next_start(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    order = await bot.killed_before_posting(ada)
    await bot.start()

    await card_after(ada, order)
    await bot.until_states("settled")
    assert len(sandbox.model.calls) == 1
    assert bot.held() == (1, sandbox.model.total_cost_microusd)
    assert len([message for message in grace.messages() if is_card(message)]) == 1


@pytest.mark.parametrize(
    "after_s",
    [0.05, 0.2, *(pytest.param(after_s, marks=pytest.mark.further) for after_s in (0.0, 0.02, 0.1, 0.4))],
)
async def test_killed_at_any_moment_the_order_ends_well(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, after_s: float
) -> None:
    order = await ada.slash("imagine", {"prompt": "a meadow"})
    await asyncio.sleep(after_s)
    await bot.kill()
    await bot.start()
    await bot.until_ended()
    await bot.until_priced()

    cards = [message for message in grace.messages() if is_card(message)]
    states = bot.states()
    assert len(states) <= 1
    assert len(cards) == states.count("settled")
    assert bot.held()[0] == states.count("settled")
    assert len(sandbox.model.calls) <= 1
    assert bot.booked() <= sandbox.model.total_cost_microusd
    await sandbox.world.changed.until(
        lambda: not any("Drawing" in words(message) for message in grace.messages()), 60
    )
    assert order.id


async def test_told_to_stop_it_lets_a_running_job_finish(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    bot = idle_bot
    await bot.start(DRAIN_SECONDS="30")
    sandbox.model.latency_s = 0.8
    order = await ada.slash("imagine", {"prompt": "a sunset"})
    await sandbox.model.until(lambda model: len(model.calls) == 1)

    status = await bot.stop()

    assert status == 0
    assert is_card(order.original)
    assert bot.states() == ["settled"]


async def test_a_second_bot_on_the_same_database_is_refused_in_one_sentence(
    bot: Bot, sandbox: Sandbox
) -> None:
    first = bot.process
    await bot.spawn()
    second, bot.process = bot.process, first

    assert second is not None
    assert await second.wait() == 2
    assert "Another process uses this database" in bot.log.read_text()


@pytest.mark.further
async def test_after_the_gateway_dropped_the_connection_it_resumes_and_answers(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.gateway.close(4000)
    order = await ada.slash("imagine", {"prompt": "asked while it was away"})
    await sandbox.world.changed.until(lambda: sandbox.gateway.resumes == 1, 60)

    await card_after(ada, order)
    assert sandbox.gateway.identifies == 1


async def test_of_twenty_drops_not_one_begins_a_new_session_or_loses_an_order(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    for drop in range(1, 21):
        sandbox.gateway.close(4000)
        order = await ada.slash("quota")
        await sandbox.world.changed.until(lambda count=drop: sandbox.gateway.resumes == count, 60)
        await order.first_response()

    assert sandbox.gateway.identifies == 1


async def test_what_is_said_while_reconnections_fail_is_answered(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.gateway.refuse_connections = 1
    sandbox.gateway.close(4000)
    said = await ada.say(mention(sandbox, "hello"))

    assert words(await answer_to(ada, said))
    assert (sandbox.gateway.resumes, sandbox.gateway.identifies) == (1, 1)


async def test_discord_out_of_reach_at_the_start_is_waited_out(new_bot: Bot, sandbox: Sandbox) -> None:
    sandbox.world.faults.rest += [
        Fault("GET", "/users/@me$", 503, times=1),
        Fault("GET", "/gateway/bot", 503, times=1),
    ]

    await new_bot.start()

    assert sandbox.world.online_sessions == 1


@pytest.mark.further
async def test_told_to_stop_while_discord_is_out_of_reach_it_stops(idle_bot: Bot, sandbox: Sandbox) -> None:
    sandbox.world.faults.rest.append(Fault("GET", "/users/@me$", 503, times=1000))
    await idle_bot.spawn()
    world = sandbox.world
    await world.changed.until(lambda: any(r.path.endswith("/users/@me") for r in world.requests), 60)

    assert await idle_bot.stop() == 0


@pytest.mark.further
async def test_told_to_stop_while_the_database_is_made_it_stops_and_the_next_start_makes_it(
    new_bot: Bot, sandbox: Sandbox
) -> None:
    await new_bot.spawn()
    database = new_bot.data_dir / "easel.db"
    while not database.exists():  # noqa: ASYNC110 - another process's file has no event to wait for
        await asyncio.sleep(0.005)
    status = await new_bot.stop()
    await new_bot.start()

    assert status == 0
    assert sandbox.world.online_sessions == 1
    assert "Stopped before anything had begun." in new_bot.log.read_text()
    assert "Traceback" not in new_bot.log.read_text()


async def test_told_to_stop_at_once_everybody_has_exactly_one_answer_and_readyz_says_so(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, port: int
) -> None:
    bot = idle_bot
    await bot.start(DRAIN_SECONDS="30", HTTP_PORT=str(port))
    sandbox.world.faults.latency_s = sandbox.model.latency_s = 0.5
    said = await grace.say(mention(sandbox, "hello"))
    order = await ada.slash("imagine", {"prompt": "a comet"})
    await bot.until(lambda: bot.rows("SELECT state FROM job WHERE kind = 'pictures'") == [("queued",)])

    stopping = asyncio.create_task(bot.stop())
    while "stopping" not in (found := await page(port, "/readyz"))[1]:  # noqa: ASYNC110 - no event to wait for
        await asyncio.sleep(0.02)
    assert await stopping == 0
    sandbox.world.faults.latency_s = 0.0
    assert found[0] == 503
    assert is_card(order.original)

    await bot.start()
    await answer_to(grace, said)
    await bot.until(lambda: bot.rows("SELECT id FROM turn WHERE awaiting") == [])
    await bot.until_ended()

    assert len([one for one in grace.messages() if one.reply_to is said]) == 1
    assert len([one for one in grace.messages() if is_card(one)]) == 1
    assert bot.booked() == sandbox.model.total_cost_microusd
    assert "Traceback" not in bot.log.read_text()


@pytest.mark.further
async def test_who_mentions_easel_while_it_stops_is_answered_by_the_next_start(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, port: int
) -> None:
    await idle_bot.start(DRAIN_SECONDS="5", HTTP_PORT=str(port))
    sandbox.model.faults.add("slow_drip")
    await ada.say(mention(sandbox, "hello"))
    await sandbox.world.changed.until(lambda: any("Stop" in buttons(one) for one in ada.messages()), 60)

    stopping = asyncio.create_task(idle_bot.stop())
    while "stopping" not in (await page(port, "/readyz"))[1]:  # noqa: ASYNC110 - no event to wait for
        await asyncio.sleep(0.02)
    said = [await grace.say(mention(sandbox, f"question {number}")) for number in range(8)]
    assert await stopping == 0
    assert [one for one in grace.messages() if one.reply_to in said] == []
    await idle_bot.start()
    for one in said:
        await answer_to(grace, one)
    await idle_bot.until(lambda: idle_bot.rows("SELECT id FROM turn WHERE awaiting") == [])

    for question in said:
        assert len([one for one in grace.messages() if one.reply_to is question]) == 1


@pytest.mark.further
async def test_an_answer_that_a_stop_cuts_off_is_replaced_by_the_whole_one_of_the_next_start(
    idle_bot: Bot, sandbox: Sandbox, grace: Person
) -> None:
    await idle_bot.start(DRAIN_SECONDS="1")
    sandbox.model.faults.add("slow_drip")
    said = await grace.say(mention(sandbox, "hello"))
    await sandbox.world.changed.until(lambda: any("Stop" in buttons(one) for one in grace.messages()), 60)

    assert await idle_bot.stop() == 0
    await idle_bot.start()
    answer = await answer_to(grace, said)
    await idle_bot.until(lambda: idle_bot.rows("SELECT id FROM turn WHERE awaiting") == [])

    assert [one for one in grace.messages() if one.reply_to is said] == [answer]
    assert "broke off" not in words(answer)


async def test_told_to_stop_while_a_session_begins_anew_it_stops(bot: Bot, sandbox: Sandbox) -> None:
    world = sandbox.world
    sandbox.gateway.invalidate()
    await world.changed.until(lambda: world.online_sessions == 0, 10)

    assert await bot.stop() == 0
