"""Faults of the model and of Discord: a sentence, money back, nothing left behind, nothing twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.faults import Fault
from tests.e2e.looks import FLUX, answered, buttons, card_after, is_card, pictures, words
from tests.e2e.test_e2e_chat import answer_to, mention

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
GEMINI = "google/gemini-3.1-flash-image"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("moderation", "safety"),
        pytest.param("declined", "words", marks=pytest.mark.further),
        pytest.param("empty", "Nothing", marks=pytest.mark.further),
        pytest.param("error_in_200", "", marks=pytest.mark.further),
        ("half_png", ""),
        pytest.param("reset_mid_body", "", marks=pytest.mark.further),
        pytest.param("html_page", "", marks=pytest.mark.further),
    ],
)
async def test_a_call_that_brings_nothing_is_explained_and_not_charged(
    bot: Bot, sandbox: Sandbox, ada: Person, fault: str, said: str
) -> None:
    sandbox.model.faults.add(fault, times=4)

    order = await ada.slash("imagine", {"prompt": "a well"})
    await order.first_response()
    await answered(order)

    assert order.original is not None
    assert not is_card(order.original)
    assert said.lower() in words(order.original).lower()
    assert len(bot.states()) == 1
    assert bot.states()[0] in {"failed", "refused"}
    assert bot.held() == (0, 0)
    await bot.until(lambda: bot.booked() == sandbox.model.total_cost_microusd)


def draws_through_chat(sandbox: Sandbox) -> None:
    """Let a model draw through chat alone, where a broken line is charged."""
    models = sandbox.model.catalogue._models
    models[GEMINI] = replace(models[GEMINI], in_images=False)


async def test_who_lost_a_picture_is_told_before_the_provider_says_what_it_cost(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    draws_through_chat(sandbox)
    await (bot := idle_bot).start()
    sandbox.model.generation_delay_s = 3600.0
    sandbox.model.faults.add("reset_mid_body")

    order = await ada.slash("imagine", {"prompt": "a well", "model": GEMINI})
    await order.first_response()
    await answered(order)
    estimate = bot.booked()

    assert order.original is not None
    assert "connection to the model broke" in words(order.original)
    assert bot.states() == ["failed"]
    assert bot.held() == (0, 0)
    assert estimate > sandbox.model.total_cost_microusd > 0
    sandbox.model.generation_delay_s = 0.0
    await bot.until(lambda: bot.booked() == sandbox.model.total_cost_microusd)
    assert bot.held() == (0, 0)


@pytest.mark.further
async def test_one_of_four_that_fails_is_said_and_not_charged(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.model.faults.add("moderation", times=1)

    order = await ada.slash("imagine", {"prompt": "doors", "count": 4, "seed": 1, "model": FLUX})
    card = await card_after(ada, order)
    await bot.until_states("settled")

    assert len(pictures(card)) == 3
    assert "3 of 4 pictures came" in words(card)
    assert bot.held() == (3, sandbox.model.total_cost_microusd)


async def test_a_502_is_tried_again_and_billed_once(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    sandbox.model.faults.add("bad_gateway", times=1)

    await card_after(ada, await ada.slash("imagine", {"prompt": "a fence"}))
    await bot.until_states("settled")

    assert bot.held() == (1, sandbox.model.total_cost_microusd)


async def test_while_a_busy_model_is_waited_for_answers_say_when_it_is_asked_again(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    ada.user.locale = "de"
    sandbox.model.faults.add("rate_limited", times=1, retry_after=7)

    asked = await ada.slash("ask", {"question": "hello"})
    await bot.until(lambda: len(sandbox.model.calls) == 1)
    said = await grace.say(mention(sandbox, "hello"))
    await asked.until(lambda it: it.original is not None and "Easel fragt <t:" in words(it.original), 60)
    await sandbox.world.changed.until(
        lambda: any(one.reply_to is said and "asks again <t:" in words(one) for one in ada.messages()), 60
    )
    reply = await answer_to(grace, said)
    await asked.until(lambda it: it.original is not None and not words(it.original).startswith("-# "), 60)
    await bot.until_ended()

    assert len([one for one in ada.messages() if one.author.id == sandbox.world.bot.id]) == 2
    for answer in (reply, asked.original):
        assert answer is not None
        assert "<t:" not in words(answer)
    assert bot.held()[1] == sandbox.model.total_cost_microusd


@pytest.mark.further
async def test_a_retired_model_is_replaced_by_the_next(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    sandbox.model.catalogue.retire("openai/gpt-5-image-mini")

    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a bridge"}))
    await bot.until_states("settled")

    assert "openai/gpt-image-2.5-flare" in words(card)


async def test_what_the_model_said_instead_is_shown_with_what_was_asked_for(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.model.faults.add("declined", times=4)

    order = await ada.slash("imagine", {"prompt": "a chimney", "seed": 1})
    await answered(order)

    assert order.original is not None
    said = words(order.original)
    assert "It said:\n> " in said
    assert "a chimney" in said
    assert buttons(order.original) == ["Edit…"]


async def test_discord_losing_its_answer_shows_nothing_twice(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    sandbox.world.faults.rest.append(Fault("PATCH", "@original", 502, times=1, after_effect=True))

    await card_after(ada, await ada.slash("imagine", {"prompt": "a stair"}))
    await bot.until_states("settled")

    assert len(grace.messages()) == 1


async def test_a_result_after_sixteen_minutes_is_posted_to_the_channel(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    sandbox.model.pause()
    order = await ada.slash("imagine", {"prompt": "a slow river"})
    await order.first_response()
    await sandbox.model.until(lambda model: len(model.calls) == 1)
    sandbox.world.clock.advance(16 * 60)
    sandbox.model.resume()

    def posted() -> bool:
        return any(is_card(message) for message in grace.messages())

    await sandbox.world.changed.until(posted, 60)
    await bot.until_states("settled")
    card = next(message for message in grace.messages() if is_card(message))
    assert [user.id for user in card.mentions] == [ada.user.id]
    assert card.nonce == str(order.id)
    await sandbox.world.changed.until(lambda: grace.messages() == [card], 60)


@pytest.mark.further
async def test_a_channel_that_takes_one_message_an_hour_does_not_hold_up_a_result(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    sandbox.world.limits.rules["message.create"] = (1, 3600.0)
    sandbox.model.pause()
    orders = [await person.slash("imagine", {"prompt": "a slow river"}) for person in (ada, grace)]
    for order in orders:
        await order.first_response()
    await sandbox.model.until(lambda model: len(model.calls) == 2)
    sandbox.world.clock.advance(16 * 60)
    sandbox.model.resume()
    await bot.until_states("settled", "settled")

    in_channel = [message for message in ada.messages() if is_card(message)]
    in_person = [one for person in (ada, grace) for one in person.at("dm").messages() if is_card(one)]
    assert (len(in_channel), len(in_person)) == (1, 1)
    assert sum(request.status == 429 for request in sandbox.world.requests) <= 1


@pytest.mark.further
async def test_a_result_over_the_upload_limit_is_made_to_fit(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    sandbox.world.upload_limit = 150_000
    for guild in sandbox.world.guilds.values():
        guild.upload_limit = 150_000

    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a forest", "count": 2}))

    assert len(card.attachments) == 2
    assert all(attachment.size <= 150_000 for attachment in card.attachments)
    assert not [request for request in sandbox.world.requests if request.status == 413]


async def test_nothing_the_bot_sends_can_ping(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    await card_after(ada, await ada.slash("imagine", {"prompt": "@everyone <@&1> look, a fox"}))
    await bot.until_states("settled")

    bodies = [
        request.payload.get("data") or request.payload
        for request in sandbox.world.requests
        if isinstance(request.payload, dict) and ("components" in str(request.payload))
    ]
    assert bodies
    assert all(body["allowed_mentions"]["parse"] == [] for body in bodies if "components" in body)


async def test_logs_hold_no_prompt_and_no_secret(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    sandbox.model.faults.add("moderation", times=1)
    await card_after(ada, await ada.slash("imagine", {"prompt": "canary-7f3a", "count": 2, "seed": 1}))
    await bot.until_states("settled")
    await bot.stop()

    log = bot.log.read_text()
    assert "settled" in log
    assert "canary-7f3a" not in log
    assert sandbox.world.token not in log
    assert sandbox.environment()["OPENROUTER_API_KEY"] not in log
