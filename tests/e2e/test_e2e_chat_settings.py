"""How Easel answers in a channel, chosen by its moderators, in the real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.looks import words
from tests.e2e.test_e2e_chat import answer_to, mention
from tests.e2e.test_e2e_threads import open_thread, said_privately

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


async def test_members_cannot_see_or_change_settings(bot: Bot, ada: Person) -> None:
    assert "“Manage Server”" in await said_privately(ada, "chat settings")


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
