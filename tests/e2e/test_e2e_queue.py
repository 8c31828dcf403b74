"""/queue, and what the placeholder says while a job waits."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.faults import Fault
from tests.e2e.looks import answered, buttons, card_after, is_card, is_placeholder, pictures, words

if TYPE_CHECKING:
    from sandbox.discord.entities import RecordedRequest
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


def edits_of(sandbox: Sandbox, made: Interaction) -> list[RecordedRequest]:
    """Return the edits of an order's answer, as Discord took them."""
    return [one for one in sandbox.world.requests if one.method == "PATCH" and made.token in one.path]


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
    assert text.index("Drawing") < text.index("first") < text.index("number 2 in line") < text.index("second")
    assert "not mine" not in text
    assert waits.original is not None
    assert f"https://discord.com/channels/@me/{waits.original.channel.id}/{waits.original.id}" in text

    await ada.press(asked.original, f"v2:unqueue:{waits.id}:0")
    await answered(waits)
    await asked.until(lambda it: it.original is not None and "second" not in words(it.original))

    assert waits.original is not None
    assert "Cancelled. Nothing was charged." in words(waits.original)
    assert slow_bot.states() == ["sent", "queued", "cancelled"]


@pytest.mark.further
async def test_moderators_see_and_cancel_what_the_server_has_under_way(
    slow_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person, linus: Person
) -> None:
    mine = await order(slow_bot, ada, "first")
    await order(slow_bot, grace, "second")
    await slow_bot.until_states("sent", "queued")

    refused = await listed(grace, server=True)
    assert refused.original is not None
    assert "Only people who may manage this server" in words(refused.original)
    asked = await listed(linus, server=True)

    assert asked.original is not None
    assert "first" in words(asked.original)
    assert "second" in words(asked.original)
    await linus.press(asked.original, f"v2:unqueueany:{mine.id}:0")
    await answered(mine)
    assert mine.original is not None
    assert "Cancelled by a moderator" in words(mine.original)
    assert "Try again" in buttons(mine.original)


async def test_the_placeholder_tells_the_place_in_the_line_and_the_result_comes_last(
    slow_bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    for prompt in ("first", "second", "third"):
        await order(slow_bot, ada, prompt)
    last = await order(slow_bot, grace, "last")

    await last.until(lambda it: it.original is not None and "number 2 in line" in words(it.original), 60)
    sandbox.model.latency_s = 3.5  # longer than the least time between two edits
    sandbox.model.resume()
    card = await card_after(grace, last)
    await slow_bot.until_states(*["settled"] * 4)

    edits = edits_of(sandbox, last)
    gaps = [(after.at - before.at).total_seconds() for before, after in itertools.pairwise(edits[:-1])]
    assert len(gaps) >= 1
    assert all(gap >= 2 for gap in gaps)
    assert "Drawing" in str(edits[-2].payload)
    assert edits[-1].files
    assert "Again" in buttons(card)
    assert "Cancel" not in buttons(card)


@pytest.mark.further
async def test_a_stop_waits_for_an_edit_that_discord_is_late_to_carry_out(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await idle_bot.start(DRAIN_SECONDS="30")
    sandbox.model.latency_s = 4
    made = await ada.slash("imagine", {"prompt": "a lighthouse", "model": "openai/gpt-image-2.5-flare"})
    await made.first_response()
    sandbox.world.faults.latency_s = 12.0
    await idle_bot.until(lambda: bool(edits_of(sandbox, made)))
    sandbox.world.faults.latency_s = 0.0
    await card_after(ada, made)
    await idle_bot.until_states("settled")

    assert await idle_bot.stop() == 0

    late, *laid = edits_of(sandbox, made)
    assert late.status == 200
    assert "Drawing" in str(late.payload)
    assert len(laid) == 2
    assert is_card(made.original)


async def test_pictures_are_shown_as_they_sharpen(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    sandbox.model.latency_s = 8
    made = await ada.slash("imagine", {"prompt": "a lighthouse", "model": "openai/gpt-image-2.5-flare"})

    await made.until(lambda it: it.original is not None and bool(pictures(it.original)), 60)
    assert made.original is not None
    assert is_placeholder(made.original)
    assert made.original.attachments[0].filename.startswith("partial-1")
    await card_after(ada, made)

    *progress, result = edits_of(sandbox, made)
    assert all((after.at - before.at).total_seconds() >= 2 for before, after in itertools.pairwise(progress))
    assert len(progress) >= 2
    assert "partial" not in result.files[0].filename
    await bot.until_states("settled")


@pytest.mark.further
async def test_a_job_that_starts_at_once_is_edited_once_by_its_result(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    made = await ada.slash("imagine", {"prompt": "a lighthouse"})
    await card_after(ada, made)

    assert len(edits_of(sandbox, made)) == 1


async def test_what_can_be_posted_nowhere_waits_in_the_list_and_is_charged_when_it_is_shown(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    sandbox.world.faults.rest += [
        Fault("PATCH", "@original", 404),
        Fault("POST", r"/channels/\d+/messages", 403),
        Fault("POST", "/users/@me/channels", 403),
    ]
    made = await ada.slash("imagine", {"prompt": "a lost letter"})
    await bot.until(lambda: bool(bot.rows("SELECT 1 FROM job WHERE state = 'produced' AND failure > ''")))
    await bot.kill()  # where it waits, it waits through a restart
    sandbox.world.faults.rest += [
        Fault("PATCH", "@original", 404),
        Fault("POST", r"/channels/\d+/messages", 403),
        Fault("POST", "/users/@me/channels", 403),
    ]
    await bot.start()
    await sandbox.world.changed.until(lambda: not any(one.times for one in sandbox.world.faults.rest), 60)

    asked = await listed(ada)
    assert asked.original is not None
    assert "a lost letter" in words(asked.original)
    assert bot.held() == (1, bot.held()[1])
    await ada.press(asked.original, f"v1:fetch:{made.id}")
    await bot.until_states("settled")

    assert asked.original is not None
    assert len(pictures(asked.original)) == 1
    assert asked.is_ephemeral
    assert bot.held() == (1, sandbox.model.total_cost_microusd)
    assert len(sandbox.model.calls) == 1
    assert not [message for message in grace.messages() if pictures(message)]


@pytest.mark.further
async def test_a_card_says_that_a_busy_model_is_asked_again(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    sandbox.model.faults.add("rate_limited", retry_after=9)
    order = await ada.slash("imagine", {"prompt": "patience"})
    await order.until(lambda it: it.original is not None and "asks again" in words(it.original), 60)
    asked = await listed(ada)
    assert asked.original is not None
    assert "asks again" in words(asked.original)

    await card_after(ada, order)
    assert len(sandbox.model.calls) == 2
