"""What becomes of an answer that an earlier process had begun to write."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import discord
import pytest
import stamina
from people_kit import BOT
from world_kit import ann

from bot.errors import DiscordAway
from bot.ui.left import CHANNELS_AT_ONCE, in_turn, take_away_begun

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

QUESTION, TURN = 70, 8


class Messages:
    """A channel's messages after the question; what is deleted is gone."""

    def __init__(self, **standing: Any) -> None:
        self.standing = standing
        self.failing: dict[str, int] = {}
        """How often what is asked for fails first, by name."""

    def _fail(self, what: str) -> None:
        if self.failing.get(what, 0):
            self.failing[what] -= 1
            answer: Any = SimpleNamespace(status=503, reason="Service Unavailable")
            raise discord.DiscordServerError(answer, "")

    async def history(self, **_bounds: Any) -> AsyncGenerator[Any, None]:
        self._fail("history")
        for name, parts in dict(self.standing).items():

            async def delete(name: str = name) -> None:
                self._fail("delete")
                del self.standing[name]

            yield SimpleNamespace(**parts, delete=delete)


def message(
    *, below: int | None = None, button: str = "", files: int = 0, author: int = BOT, id_: int = 1
) -> dict[str, Any]:
    data: Any = {"type": 1, "components": [{"type": 2, "style": 2, "custom_id": button}]}
    return {
        "id": id_,
        "author": SimpleNamespace(id=author),
        "reference": below and SimpleNamespace(message_id=below),
        "components": [discord.ActionRow(data)] if button else [],
        "attachments": [None] * files,
    }


async def take_away(channel: Messages, original_id: int | None = None) -> list[str]:
    client: Any = SimpleNamespace(
        user=SimpleNamespace(id=BOT), get_partial_messageable=lambda *_place, **_guild: channel
    )
    is_whole = await take_away_begun(cast("discord.Client", client), ann(), QUESTION, TURN, original_id)
    assert is_whole is ("whole" in channel.standing)
    return list(channel.standing)


async def test_what_an_answer_began_with_goes_and_nothing_else():
    channel = Messages(
        first=message(below=QUESTION),
        last=message(button=f"v2:stop:{QUESTION}"),
        original=message(button=f"v2:stop:{QUESTION}", id_=9),
        card=message(below=QUESTION, button="v1:again:5"),
        other_answer=message(below=QUESTION + 1),
        other_last=message(button=f"v2:stop:{QUESTION + 1}"),
        file=message(below=QUESTION, files=1),
        person=message(below=QUESTION, author=5),
    )

    left = await take_away(channel, original_id=9)

    assert left == ["original", "card", "other_answer", "other_last", "file", "person"]


async def test_where_the_whole_answer_stands_nothing_goes():
    first, whole = message(below=QUESTION), message(below=QUESTION, button=f"v2:retell:{TURN}")

    assert await take_away(Messages(first=first, whole=whole)) == ["first", "whole"]


async def test_another_question_s_answer_is_not_taken_for_it():
    begun = message(below=QUESTION, button=f"v2:stop:{QUESTION}")

    assert await take_away(Messages(begun=begun, other=message(button=f"v2:retell:{TURN}9"))) == ["other"]


@pytest.mark.parametrize("trouble", ["history", "delete"])
async def test_what_nobody_knows_while_discord_is_in_trouble_is_looked_at_again(trouble: str):
    first, whole = message(below=QUESTION), message(button=f"v2:stop:{QUESTION}")
    channel = Messages(first=first, last=whole)
    channel.failing = {trouble: 2}

    assert await take_away(channel) == []


async def test_what_stays_unknown_is_left_to_the_next_start_and_keeps_nobody_else():
    stamina.set_testing(testing=True, attempts=2)
    channel = Messages(whole=message(button=f"v2:retell:{TURN}"))
    channel.failing = {"history": 9}

    with pytest.raises(DiscordAway):
        await take_away(channel)


async def test_an_answer_that_says_why_it_broke_off_stays():
    assert await take_away(Messages(broken_off=message(below=QUESTION))) == ["broken_off"]


async def test_what_discord_keeps_from_being_known_keeps_no_other_answer():
    answered: list[int] = []

    async def answer(left: Any, _user_id: int) -> None:
        if left.turn.id == 1:
            raise DiscordAway("503")
        answered.append(left.turn.id)

    await in_turn([_left(1, 1), _left(2, 1), _left(3, 2)], answer)

    assert answered == [2, 3]


async def test_a_start_answers_in_each_channel_in_order_and_in_some_at_once():
    begun: list[int] = []
    gate, crowded = asyncio.Event(), asyncio.Event()

    async def answer(left: Any, _user_id: int) -> None:
        begun.append(left.turn.id)
        if len(begun) == CHANNELS_AT_ONCE:
            crowded.set()
        await gate.wait()

    turns = [(channel, n) for n in range(2) for channel in range(CHANNELS_AT_ONCE + 1)]
    lefts = [_left(10 * channel + n, channel) for channel, n in turns]
    answering = asyncio.create_task(in_turn([_left(99, 99, user_id=None), *lefts], answer))
    await crowded.wait()
    assert begun == [10 * channel for channel in range(CHANNELS_AT_ONCE)]

    gate.set()
    await answering

    assert sorted(begun) == sorted(10 * channel + n for channel, n in turns)
    assert all(begun.index(10 * channel) < begun.index(10 * channel + 1) for channel, _ in turns)


def _left(turn_id: int, channel_id: int, user_id: int | None = 1) -> Any:
    return SimpleNamespace(turn=SimpleNamespace(id=turn_id, channel_id=channel_id, user_id=user_id))
