"""Cancel: what waits never reaches the model, what runs is broken off, and nobody is charged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.faults import Fault
from tests.e2e.looks import answered, buttons, card_after, private_words, words

if TYPE_CHECKING:
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
CANCELLED = "Cancelled. Nothing was charged."


async def running(sandbox: Sandbox, person: Person, prompt: str = "a slow river") -> Interaction:
    """Order something that the model draws until it is resumed."""
    sandbox.model.pause()
    before = len(sandbox.model.calls)
    order = await person.slash("imagine", {"prompt": prompt})
    await order.first_response()
    await sandbox.model.until(lambda model: len(model.calls) > before)
    return order


async def press_cancel(person: Person, order: Interaction) -> Interaction:
    assert order.original is not None
    return await person.press(order.original, "Cancel")


async def test_cancelling_what_waits_frees_the_money_at_once_and_the_model_is_never_asked(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await idle_bot.start(MAX_RUNNING_CALLS="1")
    first = await running(sandbox, ada)
    second = await ada.slash("imagine", {"prompt": "never drawn"})
    await second.first_response()

    await press_cancel(ada, second)
    await answered(second)

    assert second.original is not None
    assert CANCELLED in words(second.original)
    assert "Try again" in buttons(second.original)
    assert idle_bot.states() == ["sent", "cancelled"]
    assert idle_bot.held()[0] == 1
    sandbox.model.resume()
    await card_after(ada, first)
    assert [call.prompt for call in sandbox.model.calls] == ["a slow river"]


async def test_cancelling_what_runs_aborts_the_request(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    order = await running(sandbox, ada)

    await press_cancel(ada, order)
    await answered(order)
    await sandbox.model.until(lambda model: model.calls[0].outcome == "dropped")

    assert order.original is not None
    assert CANCELLED in words(order.original)
    assert bot.states() == ["cancelled"]
    assert bot.held() == (0, 0)
    assert bot.booked() == sandbox.model.total_cost_microusd == 0

    sandbox.model.resume()
    await card_after(ada, await ada.press(order.original, "Try again"))
    await bot.until_states("cancelled", "settled")


@pytest.mark.further
async def test_another_member_may_not_cancel_and_a_moderator_may(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    order = await running(sandbox, ada)

    refused = await private_words(await press_cancel(grace, order))
    assert "moderator" in refused
    assert bot.states() == ["sent"]

    await press_cancel(linus, order)
    await answered(order)
    assert order.original is not None
    assert "Cancelled by a moderator. Nothing was charged." in words(order.original)
    assert bot.held() == (0, 0)


@pytest.mark.further
async def test_the_button_works_after_a_restart(idle_bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    await idle_bot.start(MAX_RUNNING_CALLS="1")
    await running(sandbox, ada, "first")
    second = await ada.slash("imagine", {"prompt": "second"})
    await second.first_response()
    third = await ada.slash("imagine", {"prompt": "third"})
    await third.first_response()
    await idle_bot.kill()
    await idle_bot.start(MAX_RUNNING_CALLS="1")
    await idle_bot.until_states("failed", "sent", "queued")

    await press_cancel(ada, third)
    await answered(third)
    await press_cancel(ada, second)
    await answered(second)

    assert idle_bot.states() == ["failed", "cancelled", "cancelled"]
    assert idle_bot.held() == (0, 0)


@pytest.mark.further
async def test_too_late_is_said_and_the_pictures_stay(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    sandbox.world.faults.rest.append(Fault("PATCH", "@original", 503, times=3))
    order = await ada.slash("imagine", {"prompt": "a harbour"})
    await bot.until_states("produced")

    said = await private_words(await press_cancel(ada, order))

    assert "too late" in said
    await card_after(ada, order)
    await bot.until_states("settled")
