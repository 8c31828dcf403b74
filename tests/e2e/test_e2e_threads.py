"""Conversations in threads of their own, in the real bot."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.entities import Overwrite
from sandbox.discord.permissions import Permission
from tests.e2e.looks import words
from tests.e2e.test_e2e_chat import answer_to, mention, red_square

if TYPE_CHECKING:
    from sandbox.discord.entities import Channel
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
CONTENT_INTENT = 1 << 15


async def open_thread(person: Person, **options: str | bool) -> Channel:
    """Use /chat new, and return the thread once Easel has greeted in it."""
    world = person.world
    known = set(world.channels)

    def opened() -> Channel | None:
        new = [channel for key, channel in world.channels.items() if key not in known and channel.is_thread]
        return next((channel for channel in new if channel.messages), None)

    asked = await person.slash("chat new", options)
    await world.changed.until(lambda: opened() is not None, 60)
    await asked.until(lambda it: it.original is not None and "is open" in it.original.content, 60)
    channel = opened()
    assert channel is not None
    return channel


async def said_privately(person: Person, command: str, **options: str | bool) -> str:
    """Use a command and return the sentence that nobody else sees."""
    await person.slash(command, options)
    shown = person.world.changed
    await shown.until(lambda: any(one.is_ephemeral and one.content for one in person.messages()), 60)
    return next(one.content for one in reversed(person.messages()) if one.is_ephemeral and one.content)


async def test_a_thread_answers_whoever_mentions_easel_and_goes_on(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    thread = await open_thread(ada)
    (greeting,) = thread.messages.values()
    assert "Mention me" in greeting.content

    inside, beside = ada.at(thread), grace.at(thread)
    await answer_to(inside, await inside.say(mention(sandbox, "My cat is called Ada.")))
    await beside.say("This is between us.")
    await answer_to(beside, await beside.say(mention(sandbox, "What is the cat called?")))

    asked = [call.body["messages"] for call in sandbox.model.calls]
    (told,) = (one for one in map(str, asked) if "What is the cat called?" in one and "Name this" not in one)
    assert "My cat is called Ada." in told
    assert "between us" not in str([call.body for call in sandbox.model.calls])


@pytest.mark.further
async def test_a_thread_is_named_once_after_its_first_answer_and_the_server_pays(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    thread = await open_thread(ada)
    assert thread.name == "New conversation"
    inside = ada.at(thread)
    await answer_to(inside, await inside.say(mention(sandbox, "Which colours go with teal and why?")))
    await sandbox.world.changed.until(lambda: thread.name != "New conversation", 60)
    await answer_to(inside, await inside.say(mention(sandbox, "And with red?")))
    await bot.until_ended()

    assert thread.name == "Which colours go with teal"
    assert bot.rows("SELECT COUNT(*), SUM(user_id IS NULL) FROM job WHERE request LIKE '%title%'") == [(1, 1)]
    assert bot.rows("SELECT SUM(messages) FROM ledger") == [(2,)]


@pytest.mark.further
async def test_with_the_content_intent_everything_in_a_thread_is_said_to_easel(
    idle_bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.world.privileged_intents = CONTENT_INTENT
    await idle_bot.start(MESSAGE_CONTENT_INTENT="true")
    thread = await open_thread(ada, topic="Cats")
    (greeting,) = thread.messages.values()
    assert "Everything said here" in greeting.content
    assert thread.name == "Cats"

    inside = ada.at(thread)
    await answer_to(inside, await inside.say("What do they like?"))

    assert "Let us talk about Cats" in str(sandbox.model.calls[-1].body["messages"])
    assert idle_bot.rows("SELECT COUNT(*) FROM job WHERE request LIKE '%title%'") == [(0,)]


@pytest.mark.further
async def test_a_private_thread_is_seen_by_whoever_asked_and_by_no_other_member(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    thread = await open_thread(ada, private=True)

    assert ada.at(thread).messages()
    assert not grace.at(thread).messages()


@pytest.mark.further
async def test_a_thread_that_cannot_be_opened_is_said_with_the_permission(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    denied = int(Permission.CREATE_PUBLIC_THREADS)
    ada.channel.overwrites.append(Overwrite(sandbox.world.bot.id, is_member=True, deny=denied))

    assert "“Create Public Threads”" in await said_privately(ada, "chat new")


@pytest.mark.further
async def test_chat_new_begins_anew_in_direct_messages(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    alone = ada.at("dm")
    await answer_to(alone, await alone.say("My cat is called Ada."))
    asked = await alone.slash("chat new")
    await asked.until(lambda it: it.original is not None, 60)
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn") == [(3,)])

    await answer_to(alone, await alone.say("What is my cat called?"))

    assert "My cat is called" not in str(sandbox.model.calls[-1].body["messages"])


@pytest.mark.further
async def test_a_conversation_is_ended_by_its_owner_and_by_no_other_member(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    thread = await open_thread(ada)
    assert "Only the person who opened" in await said_privately(grace.at(thread), "chat end")

    ended = await ada.at(thread).slash("chat end")
    await ended.until(lambda it: it.original is not None and "Goodbye" in words(it.original), 60)
    await sandbox.world.changed.until(lambda: thread.is_archived, 60)

    assert bot.rows("SELECT ended FROM chat_thread") == [(1,)]


@pytest.mark.further
async def test_there_is_nothing_to_end_in_a_channel(bot: Bot, ada: Person) -> None:
    assert "nothing to end" in await said_privately(ada, "chat end")


@pytest.mark.further
async def test_forgetting_asks_first_and_says_how_much(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    await answer_to(ada, await ada.say(mention(sandbox, "My secret is 4711.")))
    await answer_to(grace, await grace.say(mention(sandbox, "I like teal.")))
    await bot.until(lambda: bot.rows("SELECT COUNT(*) FROM turn WHERE awaiting = 0") == [(4,)])
    asked = await ada.slash("chat forget")
    await asked.until(lambda it: it.original is not None, 60)
    assert asked.original is not None
    assert "Forget 2 messages?" in words(asked.original)
    pressed = await ada.press(asked.original, "Forget 2 messages")
    await pressed.until(lambda it: it.original is not None and "Forgotten" in words(it.original), 60)

    assert bot.rows("SELECT COUNT(*) FROM turn WHERE text LIKE '%4711%'") == [(0,)]
    assert bot.rows("SELECT COUNT(*) FROM turn WHERE text LIKE '%teal%'") == [(2,)]
    assert "Only a moderator" in await said_privately(ada, "chat forget", everything=True)


@pytest.mark.further
async def test_a_conversation_is_taken_along_with_its_picture_by_its_person_alone(
    bot: Bot, sandbox: Sandbox, ada: Person, grace: Person
) -> None:
    await answer_to(ada, await ada.say(mention(sandbox, "Look at this."), [red_square()]))
    asked = await ada.slash("chat export")
    await asked.until(lambda it: it.original is not None and bool(it.original.attachments), 60)
    assert asked.original is not None
    assert asked.original.is_ephemeral

    names = zipfile.ZipFile(io.BytesIO(asked.original.attachments[0].content)).namelist()
    assert {"conversation.md", "conversation.json"} < set(names)
    assert any(name.endswith("red.png") for name in names)
    assert "not talked with Easel here" in await said_privately(grace, "chat export")
