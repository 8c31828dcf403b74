"""How Easel answers in a channel, chosen by its moderators, in the real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.looks import buttons, is_card, pictures, words
from tests.e2e.test_e2e_chat import answer_to, drawn_beside, mention
from tests.e2e.test_e2e_threads import open_thread, said_privately

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


@pytest.mark.further
async def test_members_cannot_see_or_change_settings(bot: Bot, ada: Person) -> None:
    assert "may manage this server" in await said_privately(ada, "chat settings")


@pytest.mark.further
async def test_a_moderator_s_persona_is_told_to_the_model_in_the_channel_and_its_threads(
    bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    shown = await linus.slash("chat settings")
    await shown.until(lambda it: it.original is not None, 60)
    assert shown.original is not None
    pressed = await linus.press(shown.original, "Change…")
    await pressed.until(lambda it: it.modal is not None, 60)
    wrong = await linus.submit(pressed, {"temperature": "hot"})
    await wrong.until(lambda it: it.original is not None and "has to be a number" in words(it.original), 60)
    sent = await linus.submit(pressed, {"persona": "You are a pirate.", "temperature": "0.3"})
    await sent.until(lambda it: it.original is not None and "pirate" in words(it.original), 60)

    thread = await open_thread(ada, topic="Ships")
    for person in (ada, ada.at(thread)):
        await answer_to(person, await person.say(mention(sandbox, "hello")))
        body = sandbox.model.calls[-1].body
        assert "You are a pirate." in str(body["messages"][0])
        assert body["temperature"] == 0.3
    assert bot.rows("SELECT action FROM audit") == [("chat.settings",)]

    pressed = await linus.press(shown.original, "Reset")
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM channel_setting") == [(0,)])


@pytest.mark.further
async def test_a_channel_that_draws_answers_in_words_and_pictures_in_one_turn(
    bot: Bot, sandbox: Sandbox, ada: Person, linus: Person
) -> None:
    shown = await linus.slash("chat settings")
    await shown.until(lambda it: it.original is not None, 60)
    assert shown.original is not None
    pressed = await linus.press(shown.original, "Change…")
    await pressed.until(lambda it: it.modal is not None, 60)
    sent = await linus.submit(pressed, {"model": ["openai/gpt-5-image-mini"]})
    await sent.until(
        lambda it: it.original is not None and "Talks and draws in one turn" in words(it.original), 60
    )

    said = await ada.say(mention(sandbox, "Please draw a red fox."))
    card = await drawn_beside(ada, said)
    await ada.world.changed.until(lambda: len(pictures(card)) == 1 and "Again" in buttons(card), 60)
    reply = next(one for one in ada.messages() if one.reply_to is said and not is_card(one))
    await ada.world.changed.until(lambda: buttons(reply) == ["Again"], 60)
    await bot.until_ended()

    assert sandbox.model.calls[-1].body["modalities"] == ["image", "text"]
    assert len(sandbox.model.calls) == 1
    assert "paid with the answer" in words(card)
    assert bot.held() == (1, sandbox.model.total_cost_microusd)
    assert bot.rows("SELECT SUM(images), SUM(messages) FROM ledger") == [(1, 1)]
    assert bot.rows("SELECT COUNT(*) FROM gallery") == [(1,)]
    details = await ada.press(card, "Details")
    await details.until(lambda it: it.original is not None, 60)
    assert details.original is not None
    assert "paid with the answer" in words(details.original)
