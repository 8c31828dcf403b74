"""The strict sandbox sees an answer as a person does."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import discord
import pytest
from discord.http import Route

from bot.ui.places import ReplyPlace
from bot.ui.press import ActButton
from bot.ui.scribe import Scribe
from sandbox.discord.faults import Fault
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.entities import Message
    from sandbox.discord.people import Person
    from sandbox.discord.world import World

_BESIDE = Path(__file__).parents[2] / "../shared/data/discord-openapi.json"
OPENAPI = _BESIDE if _BESIDE.exists() else None
SOON_S = 0.3
LONG = "\n\n".join(f"{letter} goes on and on. " * 80 for letter in "ABCDEF")


class Scene(NamedTuple):
    """A question in a channel of the sandbox, and the place of its answer."""

    world: World
    ada: Person
    question: Message
    place: ReplyPlace

    @property
    def answers(self) -> list[Message]:
        return [one for one in self.ada.messages() if one.author is self.world.bot]


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    async with Sandbox(port=0, page=False, discord_openapi=OPENAPI) as sandbox:
        monkeypatch.setattr(Route, "BASE", sandbox.environment()["DISCORD_API_URL"])
        client = discord.Client(intents=discord.Intents.none())
        async with client:
            await client.login(sandbox.world.token)
            ada = sandbox.world.person("Ada")
            question = await ada.say("What is a gouache?")
            guild = question.channel.guild
            place = ReplyPlace(
                client,
                message_id=question.id,
                channel_id=question.channel.id,
                guild_id=guild.id if guild else None,
                author_id=ada.user.id,
            )
            yield Scene(sandbox.world, ada, question, place)
            refused = [one.error for one in sandbox.world.requests if one.status in {400, 401, 405, 429}]
            assert refused == []


async def test_the_first_words_are_there_within_a_blink(scene: Scene):
    returned_s: list[float] = []
    shown_s: list[float] = []

    for number in range(1, 5):  # the quickest counts: others use this machine too
        scribe = Scribe(scene.place, stop="77")
        began = time.perf_counter()
        await scribe.hear("A heavy")
        returned_s.append(time.perf_counter() - began)
        await scene.world.changed.until(lambda number=number: len(scene.answers) == number, 30)
        shown_s.append(time.perf_counter() - began)
        await scribe.finish("A heavy")

    assert min(returned_s) < SOON_S / 10
    assert min(shown_s) < SOON_S


async def test_a_reply_becomes_the_answer_and_pings_its_author_alone(scene: Scene):
    scribe = Scribe(scene.place, stop="77")
    await scribe.hear("@everyone ")

    ids = await scribe.finish(
        "@everyone <@&1> [a link](https://example.org)",
        notes=("gpt · $0.0001",),
        buttons=(ActButton("reason", 7, label="Reasoning"),),
    )

    (answer,) = scene.answers
    assert ids == (answer.id,)
    assert answer.content == "@everyone <@&1> [a link](https://example.org)\n-# gpt · $0.0001"
    assert answer.reply_to is scene.question
    assert (answer.mentions, answer.mentions_everyone, answer.mention_role_ids) == (
        [scene.ada.user],
        False,
        [],
    )
    assert answer.flags & 4
    assert [one["label"] for one in answer.components[0]["components"]] == ["Reasoning"]


async def test_a_long_answer_is_three_messages_and_a_file(scene: Scene):
    scribe = Scribe(scene.place, stop="77")
    await scribe.hear(LONG)

    ids = await scribe.finish(LONG)

    assert [one.id for one in scene.answers] == list(ids)
    assert [len(one.attachments) for one in scene.answers] == [0, 0, 1]
    (file,) = scene.answers[2].attachments
    assert (file.filename, file.content.decode()) == ("answer.md", LONG)


async def test_a_question_that_is_deleted_does_not_lose_its_answer(scene: Scene):
    scribe = Scribe(scene.place, stop="77")
    await scene.ada.delete(scene.question)

    await scribe.finish("A heavy watercolour.")

    assert [one.content for one in scene.answers] == ["A heavy watercolour."]


async def test_a_message_whose_answer_was_lost_is_there_once(scene: Scene):
    scene.world.faults.rest.append(Fault("POST", "/messages$", status=0, after_effect=True))
    scribe = Scribe(scene.place, stop="77")
    await scribe.hear("A heavy")
    await scene.world.changed.until(lambda: scene.answers, 30)

    await scribe.finish("A heavy watercolour.")

    assert [one.content for one in scene.answers] == ["A heavy watercolour."]


async def test_typing_is_shown(scene: Scene):
    scribe = Scribe(scene.place, stop="77")

    await scene.world.changed.until(lambda: scene.world.typing_until, 30)

    await scribe.finish("A heavy watercolour.")
