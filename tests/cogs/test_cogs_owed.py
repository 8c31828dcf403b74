"""What an earlier process owes is told where the answer would stand, else in the channel, else directly."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cogs_kit import CALLBACK, DELETE
from people_kit import BOT, a_message, attachment, press, slash
from provider_kit import picture_bytes
from time_kit import until
from world_kit import ANN, CHANNEL, GUILD

from bot.domain.asks import Owed, Purpose
from bot.domain.conversation import Attached, FileKind, Speaker, Turn
from bot.domain.jobs import Origin
from bot.storage.owed import OwedAnswers
from bot.storage.turns import Turns

if TYPE_CHECKING:
    from cogs_kit import Stage

THERE = "GET /webhooks/#/token/messages/@original"
EDIT = "PATCH /webhooks/#/token/messages/@original"
POST = "POST /channels/#/messages"
SENTENCE = "Easel was restarted while it took the data out. You were not charged; please ask again."
THINKING = a_message(44, CHANNEL) | {"content": "-# Thinking…"}
STOP = {
    "type": 1,
    "id": 1,
    "components": [{"type": 2, "id": 2, "style": 2, "label": "Stop", "custom_id": "v2:stop:44"}],
}


async def tell(stage: Stage, *, answers: dict[str, list[Any]] | None = None, **changed: Any) -> list[Any]:
    """Let a process start after one that died, and return what it says and where."""
    lives = datetime.now(UTC) + timedelta(minutes=10)
    owed = Owed(
        id=44,
        user_id=ANN,
        guild_id=GUILD,
        channel_id=CHANNEL,
        purpose=Purpose.EXTRACT,
        private=False,
        language="en",
        origin=Origin(BOT, "a-token", lives, 8, can_post_in_channel=True),
        created_at=stage.house.world.clock(),
    )
    await OwedAnswers(stage.house.database, "before").owe(replace(owed, **changed))
    stage.remote.answers |= {THERE: [(200, THINKING)]} if answers is None else answers
    await stage.bot.get_cog("OwedAnswers").on_ready()  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] - the cog of this test
    return [(call.name, call.payload["content"]) for call in stage.remote.calls if call.name in {EDIT, POST}]


async def left(stage: Stage) -> int:
    return len(await stage.house.database.read("SELECT 1 FROM owed"))


@pytest.mark.parametrize(
    "shown",
    [
        THINKING,
        THINKING | {"content": "", "flags": 128},
        THINKING | {"content": "Once", "components": [STOP]},
    ],
    ids=["placeholder", "deferred", "half an answer"],
)
async def test_it_is_said_in_place_of_the_answer(stage: Stage, shown: dict[str, Any]):
    told = await tell(stage, answers={THERE: [(200, shown)]})

    assert (told, await left(stage)) == ([(EDIT, SENTENCE)], 0)


async def test_an_answer_that_stands_there_is_left_alone(stage: Stage):
    shown = THINKING | {"content": "```\na table\n```", "attachments": [attachment(7)]}

    told = await tell(stage, answers={THERE: [(200, shown)]})

    assert (told, await left(stage)) == ([], 0)


async def test_each_is_told_in_their_language(stage: Stage):
    ((_, said),) = await tell(stage, language="de", purpose=Purpose.DESCRIBE)

    assert "neu gestartet" in said


async def test_without_the_token_it_is_said_in_the_channel_to_who_asked(stage: Stage):
    dead = Origin(BOT, "a-token", datetime.now(UTC), 8, can_post_in_channel=True)

    told = await tell(stage, origin=dead)

    assert told == [(POST, f"<@{ANN}>\n{SENTENCE}")]
    assert stage.remote.named(POST)[0].payload["allowed_mentions"]["users"] == [str(ANN)]


@pytest.mark.parametrize("private", [True, False])
async def test_else_it_is_said_directly(stage: Stage, private: bool):
    dead = Origin(BOT, "a-token", datetime.now(UTC), 8, can_post_in_channel=private)

    told = await tell(stage, origin=dead, private=private)

    assert [content for _, content in told] == [f"<@{ANN}>\n{SENTENCE}"]
    assert len(stage.remote.named("POST /users/@me/channels")) == 1


async def test_trouble_leaves_it_to_the_next_start(stage: Stage):
    stage.remote.refuse(EDIT, 500, times=9)

    await tell(stage)

    assert await left(stage) == 1


async def test_where_no_way_is_open_it_is_given_up(stage: Stage):
    stage.remote.refuse(EDIT, 404, 10015)
    stage.remote.refuse(POST, 403, 50001, times=2)

    await tell(stage)

    assert await left(stage) == 0


async def packing(stage: Stage, payload: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody ask for files, and wait until they wait for what is kept out of reach."""
    await stage.house.done()
    blob = await stage.house.blobs.put(data := picture_bytes(size=(64, 64)))
    file = Attached(FileKind.PICTURE, blob, "image/png", "a.png", len(data), (64, 64))
    said = Turn(0, CHANNEL, GUILD, None, Speaker.PERSON, ANN, "Ann", "look", stage.house.world.clock())
    await Turns(stage.house.database).add(replace(said, files=(file,)))
    begun = asyncio.Event()

    async def out_of_reach(_name: str) -> bytes:
        begun.set()
        return await asyncio.Event().wait() and b""

    monkeypatch.setattr(stage.house.blobs, "get", out_of_reach)
    monkeypatch.setattr("bot.ui.answers.PATIENCE_S", 0)
    stage.bot._connection.parse_interaction_create(payload)  # pyright: ignore[reportArgumentType] - a payload by hand
    await begun.wait()
    await until(lambda: stage.remote.named(CALLBACK))


@pytest.mark.parametrize(
    "payload",
    [
        slash("privacy export"),
        press(f"v2:exportdata:{ANN}"),
        slash("chat export"),
        press("v2:gallerypack:0"),
    ],
    ids=["data", "data by a button", "conversation", "pictures"],
)
async def test_what_is_packed_when_the_process_stops_is_owed_where_the_thinking_stands(
    stage: Stage, payload: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    await packing(stage, payload, monkeypatch)

    await stage.bot.handlers.drain(0)

    assert not stage.remote.named(DELETE)
    assert await left(stage) == 1
