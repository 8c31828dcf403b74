"""Answers to commands that a kill cut off, given by the next start, in the real bot."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.faults import Fault
from tests.e2e.looks import buttons, is_card, is_placeholder, pictures, words
from tests.e2e.test_e2e_chat import answer_to, mention
from tests.e2e.test_e2e_describe import a_picture

if TYPE_CHECKING:
    from sandbox.discord.entities import Message
    from sandbox.discord.interaction import Interaction
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e


def let_the_token_die(bot: Bot) -> None:
    with closing(sqlite3.connect(bot.data_dir / "easel.db", timeout=10)) as connection, connection:
        connection.execute("UPDATE turn_return SET token_expires_at = 0")


async def killed_while_asked(
    bot: Bot, sandbox: Sandbox, person: Person, question: str = "hello", **options: bool
) -> Interaction:
    """Ask, and kill the bot once the model has the question."""
    sandbox.model.pause()
    asked = await person.slash("ask", {"question": question, **options})
    await bot.until(lambda: bot.states() == ["sent"])
    await asked.until(lambda it: it.original is not None, 60)
    await bot.kill()
    sandbox.model.resume()
    return asked


async def until_answered(bot: Bot) -> None:
    """Wait until the second call is paid; what the first came to is asked for at length."""
    paid = (
        "SELECT SUM(messages) FROM ledger WHERE job_id IN (SELECT job_id FROM ledger WHERE kind = 'settle')"
    )
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn_return") == [(0,)])
    await bot.until(lambda: bot.rows(paid) == [(1,)])


@pytest.mark.parametrize("private", [False, pytest.param(True, marks=pytest.mark.further)])
async def test_an_answer_that_was_cut_off_comes_where_it_was_asked_for(
    bot: Bot, sandbox: Sandbox, ada: Person, private: bool
) -> None:
    asked = await killed_while_asked(bot, sandbox, ada, private=private)

    await bot.start()
    await asked.until(lambda it: it.original is not None and buttons(it.original) == ["Again"], 60)

    assert asked.original is not None
    assert "hello" in words(asked.original)
    assert asked.is_ephemeral is private
    assert asked.followups == []
    await until_answered(bot)


@pytest.mark.further
async def test_its_pictures_come_beside_it(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    asked = await killed_while_asked(bot, sandbox, ada, "Draw a red fox.", private=True)

    await bot.start()
    await asked.until(lambda it: any(is_card(one) and pictures(one) for one in it.followups), 60)
    await asked.until(lambda it: it.original is not None and buttons(it.original) == ["Again"], 60)

    (card,) = asked.followups
    assert card.is_ephemeral
    await until_answered(bot)
    assert bot.rows("SELECT COUNT(*) FROM job WHERE kind = 'pictures'") == [(1,)]


@pytest.mark.further
async def test_after_the_token_it_comes_in_the_channel_and_names_who_asked(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    asked = await killed_while_asked(bot, sandbox, ada)
    let_the_token_die(bot)

    await bot.start()

    def answers() -> list[str]:
        return [words(one) for one in ada.messages() if words(one).startswith(f"-# <@{ada.user.id}> asks:")]

    await ada.world.changed.until(lambda: bool(answers()), 60)
    await until_answered(bot)
    assert asked.followups == []


@pytest.mark.further
async def test_a_private_one_comes_in_direct_messages_after_the_token(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await killed_while_asked(bot, sandbox, ada, private=True)
    let_the_token_die(bot)
    before = len(ada.messages())

    await bot.start()

    alone = ada.at("dm")
    await ada.world.changed.until(lambda: any("hello" in words(one) for one in alone.messages()), 60)
    assert len(ada.messages()) == before


@pytest.mark.further
async def test_who_waits_for_a_description_or_data_is_told_that_it_was_cut_off(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    file = ("a.txt", b"Total: 12 EUR")
    answered = await (await ada.slash("ask", {"question": "hello"})).answer()
    await bot.until_ended()
    booked = bot.rows("SELECT SUM(messages), SUM(microusd) FROM ledger")
    sandbox.model.pause()
    waiting = [
        await ada.slash("extract", {"fields": "total"}, files={"file": file}),
        await ada.slash("describe", {"private": True}, files={"image": ("red.png", a_picture("red"))}),
        await ada.press(answered, "Again"),
    ]
    await bot.until(lambda: bot.states().count("sent") == len(waiting))
    for one in waiting:
        await one.until(lambda it: it.original is not None, 60)
    await bot.kill()
    sandbox.model.resume()

    await bot.start()
    for one in waiting:
        await one.until(
            lambda it: it.original is not None and "You were not charged" in words(it.original), 60
        )

    shown = [one.original for one in waiting if one.original is not None]
    assert [words(one) for one in shown] == [
        "Easel was restarted while it took the data out. You were not charged; please ask again.",
        "Easel was restarted while it described this picture. You were not charged; please ask again.",
        "Easel was restarted while it answered. You were not charged; please ask again.",
    ]
    assert [buttons(one) for one in shown] == [[], [], []]
    assert [one.is_ephemeral for one in waiting] == [False, True, False]
    assert [one.followups for one in waiting] == [[], [], []]
    await bot.until_ended()
    assert bot.rows("SELECT SUM(messages), SUM(microusd) FROM ledger") == booked
    assert bot.rows("SELECT COUNT(*) FROM owed") == [(0,)]


@pytest.mark.further
async def test_what_was_begun_below_a_message_gives_way_to_the_whole_answer(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.model.pause()
    said = await ada.say(mention(sandbox, "hello"))

    def replies() -> list[Message]:
        return [one for one in ada.messages() if one.reply_to is said]

    await ada.world.changed.until(lambda: bool(replies()), 60)
    assert buttons(replies()[0]) == ["Stop"]
    await bot.kill()
    sandbox.model.resume()

    await bot.start()
    await answer_to(ada, said)

    (answer,) = replies()
    assert "hello" in words(answer)
    await bot.until_ended()


@pytest.mark.further
@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped"])
@pytest.mark.parametrize("is_command", [True, False], ids=["command", "mention"])
async def test_a_card_whose_taking_nobody_lived_to_hear_of_becomes_the_pictures(
    bot: Bot, sandbox: Sandbox, ada: Person, is_killed: bool, is_command: bool
) -> None:
    bot.settings |= {"DRAIN_SECONDS": "1"}
    await bot.stop()
    await bot.start()
    taken = Fault("POST", r"/messages$|/webhooks/\d+/[^/]+$", 502, times=1000, after_effect=True)
    sandbox.world.faults.rest.append(taken)
    if is_command:
        await ada.slash("ask", {"question": "Draw a red fox."})
    else:
        await ada.say(mention(sandbox, "Draw a red fox."))
    await ada.world.changed.until(lambda: any(map(is_placeholder, ada.messages())), 60)
    await (bot.kill() if is_killed else bot.stop())
    sandbox.world.faults.rest.clear()

    await bot.start()
    await ada.world.changed.until(lambda: any(map(is_card, ada.messages())), 60)
    await bot.until_ended()

    assert not [one for one in ada.messages() if is_placeholder(one)]
    (card,) = (one for one in ada.messages() if is_card(one))
    assert len(pictures(card)) == 1
    assert bot.rows("SELECT COUNT(*), state FROM job WHERE kind = 'pictures'") == [(1, "settled")]


@pytest.mark.further
async def test_a_private_card_whose_taking_nobody_lived_to_hear_of_does_not_look_like_work(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    taken = Fault("POST", r"/webhooks/\d+/[^/]+$", 502, times=1000, after_effect=True)
    sandbox.world.faults.rest.append(taken)
    asked = await ada.slash("ask", {"question": "Draw a red fox.", "private": True})
    await asked.until(lambda it: bool(it.followups), 60)
    await bot.kill()
    sandbox.world.faults.rest.clear()

    await bot.start()
    await ada.world.changed.until(lambda: any(map(is_card, ada.at("dm").messages())), 60)
    await bot.until_ended()

    assert {words(one) for one in asked.followups} == {
        "-# Your pictures, or why there are none, come here or by direct message."
    }
    assert bot.rows("SELECT COUNT(*), state FROM job WHERE kind = 'pictures'") == [(1, "settled")]


@pytest.mark.parametrize("is_killed", [True, pytest.param(False, marks=pytest.mark.further)])
async def test_a_message_whose_files_were_still_being_read_is_heard_again(
    idle_bot: Bot, sandbox: Sandbox, ada: Person, is_killed: bool
) -> None:
    bot = idle_bot
    await bot.start(DRAIN_SECONDS="1")
    sandbox.world.faults.cdn, sandbox.world.faults.cdn_delay_s = "slow", 6.0
    said = [
        await ada.say(mention(sandbox, "What is this?"), [("red.png", a_picture("red"))]),
        await ada.at("dm").say("And this?", [("blue.png", a_picture("blue"))]),
    ]
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM owed") == [(2,)])
    await (bot.kill() if is_killed else bot.stop())
    assert bot.rows("SELECT COUNT(*) FROM turn") == [(0,)]
    sandbox.world.faults.cdn = None

    await bot.start()
    answers = [await answer_to(ada, said[0]), await answer_to(ada.at("dm"), said[1])]
    await bot.until_ended()

    assert [buttons(one) for one in answers] == [["Again"], ["Again"]]
    for place, question in ((ada, said[0]), (ada.at("dm"), said[1])):
        assert len([one for one in place.messages() if one.id > question.id and one.author.is_bot]) == 1
    assert bot.rows("SELECT COUNT(*) FROM turn_file") == [(2,)]
    assert bot.rows("SELECT SUM(messages) FROM ledger") == [(2,)]
    assert bot.rows("SELECT COUNT(*) FROM owed") == [(0,)]
