"""Talking with Easel, in the real bot: mentions, replies, direct messages, /ask, and words below a card."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.e2e.looks import buttons, card_after, is_card, pictures, words

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


def red_square() -> tuple[str, bytes]:
    file = io.BytesIO()
    Image.new("RGB", (300, 300), (220, 30, 30)).save(file, "PNG")
    return "red.png", file.getvalue()


def mention(sandbox: Sandbox, text: str) -> str:
    return f"<@{sandbox.world.bot.id}> {text}"


async def answer_to(person: Person, said: Message, timeout_s: float = 60) -> Message:
    """Wait for the finished reply to a message."""

    def found() -> Message | None:
        replies = [one for one in person.messages() if one.reply_to is said and one.author is not said.author]
        return next(
            (one for one in replies if "Stop" not in buttons(one) and "Cancel" not in buttons(one)), None
        )

    await person.world.changed.until(lambda: found() is not None, timeout_s)
    reply = found()
    assert reply is not None
    return reply


async def test_a_mention_is_answered_as_a_reply_and_charged(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    said = await ada.say(mention(sandbox, "What colours go with teal?"))

    reply = await answer_to(ada, said)

    assert words(reply)
    assert buttons(reply) == ["Again"]
    await bot.until_ended()
    assert bot.held() == (0, sandbox.model.total_cost_microusd)
    assert bot.rows("SELECT SUM(messages) FROM ledger") == [(1,)]


@pytest.mark.further
async def test_pages_of_the_web_that_an_answer_is_taken_from_stand_below_it(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    reply = await answer_to(ada, await ada.say(mention(sandbox, "What goes with teal on the web?")))

    assert "-# 1. [Teal and what goes with it](<https://colours.example.org/teal>)" in words(reply)
    await answer_to(ada, await ada.say("And with red?", reply_to=reply))
    assert "url_citation" not in str(sandbox.model.calls[-1].body["messages"])


@pytest.mark.further
async def test_a_message_that_is_told_twice_is_answered_once(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    said = await ada.say(mention(sandbox, "hello"))
    sandbox.world.emit("MESSAGE_CREATE", said.channel, said)
    await answer_to(ada, said)

    later = await ada.say(mention(sandbox, "hello again"))
    await answer_to(ada, later)

    assert len(sandbox.model.calls) == 2
    assert len([one for one in ada.messages() if one.author is not said.author]) == 2


async def test_a_reply_goes_on_with_what_was_said_and_shown(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    first = await ada.say(mention(sandbox, "Look at this."), [red_square()])
    reply = await answer_to(ada, first)
    second = await ada.say("And what colour is it?", reply_to=reply)
    await answer_to(ada, second)

    body = sandbox.model.calls[-1].body
    text = str(body["messages"])
    assert "Look at this." in text
    assert "image_url" in text
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn") == [(4,)])


async def test_a_conversation_survives_a_restart(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    reply = await answer_to(ada, await ada.say(mention(sandbox, "My cat is called Ada.")))
    await bot.kill()
    await bot.start()

    await answer_to(ada, await ada.say("What is my cat called?", reply_to=reply))

    assert "My cat is called Ada." in str(sandbox.model.calls[-1].body["messages"])


async def test_what_is_not_said_to_easel_is_left_alone(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    await ada.say("Nobody talks to a bot here.")
    await ada.say("@everyone hello")

    await answer_to(ada, await ada.say(mention(sandbox, "hello")))

    assert "Nobody" not in str([call.body for call in sandbox.model.calls])
    assert len(sandbox.model.calls) == 1


async def test_direct_messages_need_no_mention_and_go_on(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    alone = ada.at("dm")
    await answer_to(alone, await alone.say("My cat is called Ada."))
    await answer_to(alone, await alone.say("What is my cat called?"))

    assert "My cat is called Ada." in str(sandbox.model.calls[-1].body["messages"])


@pytest.mark.further
async def test_ask_answers_about_a_picture(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    asked = await ada.slash("ask", {"question": "What colour is it?"}, files={"file": red_square()})

    await asked.until(lambda it: it.original is not None and buttons(it.original) == ["Again"], 60)

    assert "image_url" in str(sandbox.model.calls[-1].body["messages"])
    assert asked.original is not None
    assert words(asked.original)


@pytest.mark.further
async def test_words_below_a_card_change_its_picture(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))
    said = await ada.say(mention(sandbox, "make it blue"), reply_to=card)

    changed = await answer_to(ada, said)

    assert is_card(changed)
    assert len(pictures(changed)) == 1
    body = sandbox.model.calls[-1].body
    assert "make it blue" in str(body)
    assert body.get("input_references")


@pytest.mark.further
async def test_words_that_discord_keeps_back_are_asked_for(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))

    reply = await answer_to(ada, await ada.say("make it blue", reply_to=card))

    assert "Mention Easel" in words(reply)
    assert len(sandbox.model.calls) == 1


@pytest.mark.further
async def test_a_question_below_a_card_is_answered(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    card = await card_after(ada, await ada.slash("imagine", {"prompt": "a fox"}))

    reply = await answer_to(ada, await ada.say(mention(sandbox, "What animal is this?"), reply_to=card))

    assert not is_card(reply)
    assert "image_url" in str(sandbox.model.calls[-1].body["messages"])


async def test_a_deleted_message_is_forgotten(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    said = await ada.say(mention(sandbox, "My secret is 4711."))
    reply = await answer_to(ada, said)
    await ada.delete(said)
    await bot.until(
        lambda: (
            bot.rows("SELECT COUNT(*) FROM turn WHERE text LIKE '%4711%' AND speaker = 'person'") == [(0,)]
        )
    )

    await answer_to(ada, await ada.say("What did I say?", reply_to=reply))

    said_by_people = [one for one in sandbox.model.calls[-1].body["messages"] if one["role"] == "user"]
    assert "4711" not in str(said_by_people)


@pytest.mark.further
async def test_a_file_that_is_no_picture_gets_a_sentence(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    said = await ada.say(mention(sandbox, "What is this?"), [("cat.png", b"no picture at all")])

    reply = await answer_to(ada, said)

    assert "cat.png" in words(reply)
    assert sandbox.model.calls == []


async def test_an_answer_that_was_under_way_at_a_kill_is_given_after_the_restart(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.model.pause()
    said = await ada.say(mention(sandbox, "hello"))
    await bot.until(lambda: bot.states() == ["sent"])
    await bot.kill()
    sandbox.model.resume()
    await bot.start()

    reply = await answer_to(ada, said)

    assert words(reply)
    await bot.until_ended()
    assert bot.rows("SELECT SUM(messages) FROM ledger") == [(1,)]


async def drawn_beside(person: Person, said: Message, timeout_s: float = 60) -> Message:
    """Wait for the card that an answer to a message had drawn."""

    def found() -> Message | None:
        return next((one for one in person.messages() if is_card(one) and one.reply_to is said), None)

    await person.world.changed.until(lambda: found() is not None, timeout_s)
    card = found()
    assert card is not None
    return card


async def test_a_picture_that_is_asked_for_in_conversation_comes_in_a_card(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    said = await ada.say(mention(sandbox, "Please draw a red fox."))

    card = await drawn_beside(ada, said)
    reply = next(one for one in ada.messages() if one.reply_to is said and not is_card(one))

    assert len(pictures(card)) == 1
    assert "red fox" in words(card)
    await ada.world.changed.until(lambda: buttons(reply) == ["Again"], 60)
    await bot.until_ended()
    assert bot.held() == (1, sandbox.model.total_cost_microusd)
    assert bot.rows("SELECT SUM(images), SUM(messages) FROM ledger") == [(1, 1)]


@pytest.mark.further
async def test_a_picture_of_the_conversation_is_changed_by_words(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    first = await ada.say(mention(sandbox, "Here is my square."), [red_square()])
    reply = await answer_to(ada, first)

    said = await ada.say(mention(sandbox, "Edit it: make it blue."), reply_to=reply)

    assert len(pictures(await drawn_beside(ada, said))) == 1
    assert any(call.body.get("input_references") for call in sandbox.model.calls)


@pytest.mark.further
@pytest.mark.parametrize("private", [False, True])
async def test_ask_draws_in_a_card_of_its_own_as_private_as_the_answer(
    bot: Bot, sandbox: Sandbox, ada: Person, private: bool
) -> None:
    asked = await ada.slash("ask", {"question": "Draw a red fox.", "private": private})

    await asked.until(lambda it: any(is_card(one) for one in it.followups), 60)
    await asked.until(lambda it: it.original is not None and buttons(it.original) == ["Again"], 60)

    card = next(one for one in asked.followups if is_card(one))
    assert card.is_ephemeral is private
    assert asked.is_ephemeral is private
    assert bot.rows("SELECT COUNT(*) FROM turn WHERE job_id IS NOT NULL") == [(1,)]


@pytest.mark.further
async def test_an_answer_that_is_given_anew_after_a_kill_draws_nothing_twice(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.model.faults.add("slow", times=None, seconds=1.5)
    said = await ada.say(mention(sandbox, "Please draw a red fox."))
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn WHERE job_id IS NOT NULL") == [(1,)])
    await bot.kill()
    assert bot.rows("SELECT SUM(awaiting) FROM turn") == [(1,)]
    sandbox.model.faults.clear()
    await bot.start()

    await answer_to(ada, said)
    await bot.until_ended()

    assert bot.rows("SELECT COUNT(*) FROM job WHERE kind = 'pictures'") == [(1,)]
    assert bot.rows("SELECT COUNT(*) FROM turn WHERE job_id IS NOT NULL") == [(1,)]
