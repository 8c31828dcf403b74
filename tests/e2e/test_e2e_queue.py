"""/queue, and what the placeholder says while a job waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.looks import answered, buttons, words

if TYPE_CHECKING:
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


@pytest.fixture
async def slow_bot(idle_bot: Bot, sandbox: Sandbox) -> Bot:
    """Draw one picture at a time, on a model that waits."""
    sandbox.model.pause()
    await idle_bot.start(MAX_RUNNING_CALLS="1")
    return idle_bot


async def order(bot: Bot, person: Person, prompt: str) -> Interaction:
    """Order something, and wait until it has its place."""
    made = await person.slash("imagine", {"prompt": prompt})
    await made.first_response()
    await bot.until(lambda: (made.id,) in bot.rows("SELECT id FROM job WHERE card_message_id > 0"))
    return made


async def listed(person: Person, **options: bool) -> Interaction:
    asked = await person.slash("queue", options)
    await asked.until(lambda it: it.original is not None)
    assert asked.is_ephemeral
    return asked


async def test_it_lists_what_is_mine_with_links_and_cancels(
    slow_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    await order(slow_bot, ada, "first")
    await order(slow_bot, grace, "not mine")
    waits = await order(slow_bot, ada.at("dm"), "second")
    await slow_bot.until_states("sent", "queued", "queued")

    asked = await listed(ada)
    assert asked.original is not None
    text = words(asked.original)
    assert text.index("Drawing") < text.index("first") < text.index("2nd in line") < text.index("second")
    assert "not mine" not in text
    assert waits.original is not None
    assert f"https://discord.com/channels/@me/{waits.original.channel.id}/{waits.original.id}" in text

    await ada.press(asked.original, f"v1:unqueue:{waits.id}")
    await answered(waits)
    await asked.until(lambda it: it.original is not None and "second" not in words(it.original))

    assert waits.original is not None
    assert "Cancelled. Nothing was charged." in words(waits.original)
    assert slow_bot.states() == ["sent", "queued", "cancelled"]


async def test_moderators_see_and_cancel_what_the_server_has_under_way(
    slow_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    mine = await order(slow_bot, ada, "first")
    await order(slow_bot, grace, "second")
    await slow_bot.until_states("sent", "queued")

    refused = await listed(grace, server=True)
    assert refused.original is not None
    assert "Only moderators" in words(refused.original)
    asked = await listed(linus, server=True)

    assert asked.original is not None
    assert "first" in words(asked.original)
    assert "second" in words(asked.original)
    await linus.press(asked.original, f"v1:unqueueany:{mine.id}")
    await answered(mine)
    assert mine.original is not None
    assert "Cancelled by a moderator" in words(mine.original)
    assert buttons(mine.original) == ["Try again"]
